"""How a worker runs workflows: in the SDK's sandbox, which it enters only for what has to be done there, and never
ahead of their history (`workflows.execution.unstarted_events`) or for strangers (`workflows.execution.authentic_starts`).

For every payload the SDK asks the workflow several times what the payload is for, in case that a codec or an external
storage would like to know, and enters the sandbox for each answer: a third of what it costs to replay a claim. Where
neither wants to know, or the codec is ours, which looks at the workflow's id alone, nobody asks.
"""

from dataclasses import dataclass
from typing import Any, Final

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import (
    DataConverter,
    SerializationContext,
    StorageDriverStoreContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info

from runtime.payload_codec import EncryptingCodec
from workflows.execution.authentic_starts import is_strangers, nothing, refused_start
from workflows.execution.unstarted_events import UnstartedEvents, refused

_SEVERAL: Final = b"zaoying/several-arguments"


def runner_for(converter: DataConverter) -> WorkflowRunner:
    """The runner of a worker whose client has this data converter."""
    codec = converter.payload_codec
    is_sealed = isinstance(codec, EncryptingCodec)
    wants_to_know = isinstance(codec, WithSerializationContext) and not is_sealed
    return _Sandbox(is_sealed=is_sealed, asks=wants_to_know or converter.external_storage is not None)


@dataclass(frozen=True)
class _Sandbox(SandboxedWorkflowRunner):
    """The sandbox, with an instance of our own around each of its instances. `is_sealed`: our programs' payloads are
    known by their encryption. `asks`: somebody wants to know what each payload is for."""

    is_sealed: bool = False
    asks: bool = True

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        kind = _Instance if self.asks else _Unasked
        return kind(super().create_instance(det), det, is_sealed=self.is_sealed)


class _Instance(WorkflowInstance):
    """A workflow in the sandbox."""

    def __init__(
        self, sandboxed: WorkflowInstance, details: WorkflowInstanceDetails, *, is_sealed: bool
    ) -> None:
        self._sandboxed = sandboxed
        self._takes_arguments = bool(details.defn.arg_types)
        self._is_sealed = is_sealed
        self._is_refused = False
        self._unstarted_events = UnstartedEvents()

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._is_refused:
            return nothing(act)
        if self._is_sealed and is_strangers(act, takes_arguments=self._takes_arguments):
            self._is_refused = True
            return refused_start(act)
        _mark_several_arguments(act)
        if self._unstarted_events.are_in(act):
            return refused(act)
        return self._sandboxed.activate(act)

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:  # noqa: ANN401
        return self._sandboxed.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ANN401
        return self._sandboxed.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        return self._sandboxed.get_thread_id()


def _mark_several_arguments(activation: WorkflowActivation) -> None:
    """Our signals have one argument. The SDK would fail the task of a signal with more, again and again; here such a
    signal carries one that cannot be read."""
    for job in activation.jobs:
        if job.HasField("signal_workflow") and len(job.signal_workflow.input) > 1:
            del job.signal_workflow.input[:]
            job.signal_workflow.input.add(metadata={"encoding": _SEVERAL}, data=b"several")


class _Unasked(_Instance):
    """What each of its payloads is for is not looked up: a codec of ours looks at the workflow alone."""

    def __init__(
        self, sandboxed: WorkflowInstance, details: WorkflowInstanceDetails, *, is_sealed: bool
    ) -> None:
        super().__init__(sandboxed, details, is_sealed=is_sealed)
        info = sandboxed.get_info()
        self._context = WorkflowSerializationContext(namespace=info.namespace, workflow_id=info.workflow_id)

    def get_serialization_context(self, command_info: object) -> SerializationContext:  # noqa: ARG002
        return self._context

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:  # noqa: ARG002
        return StorageDriverStoreContext()
