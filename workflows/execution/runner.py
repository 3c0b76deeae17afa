"""How a worker runs workflows: never ahead of their history (`workflows.execution.unstarted_events`), never for strangers
(`workflows.execution.authentic_starts`), never by messages that it does not know yet (`workflows.execution.later_messages`),
never stuck in its cache (`workflows.execution.evictions`), and outside of the SDK's sandbox, in which a release replays
the kept histories instead (ADR 16).
"""

import threading
from typing import Any, Final

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import DataConverter, SerializationContext, StorageDriverStoreContext
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from temporalio.workflow import Info

from runtime.payloads.codec import EncryptingCodec
from workflows.execution import later_messages
from workflows.execution.authentic_starts import is_strangers, nothing, refused_start
from workflows.execution.evictions import evict, is_eviction
from workflows.execution.later_messages import are_later
from workflows.execution.unstarted_events import UnstartedEvents, refused

_SEVERAL: Final = b"zaoying/several-arguments"


def runner_for(converter: DataConverter) -> WorkflowRunner:
    """Return the runner of a worker whose client has this data converter."""
    return _Runner(is_sealed=isinstance(converter.payload_codec, EncryptingCodec))


class _Runner(UnsandboxedWorkflowRunner):
    """Wraps each workflow instance of the SDK in one of ours. `is_sealed`: payloads of our programs are recognised by their
    encryption."""

    def __init__(self, *, is_sealed: bool) -> None:
        self._is_sealed = is_sealed

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Instance(super().create_instance(det), det, is_sealed=self._is_sealed)


class _Instance(WorkflowInstance):
    """A workflow."""

    def __init__(self, inner: WorkflowInstance, details: WorkflowInstanceDetails, *, is_sealed: bool) -> None:
        self._inner = inner
        self._takes_arguments = bool(details.defn.arg_types)
        self._is_sealed = is_sealed
        self._is_refused = False
        self._unstarted_events = UnstartedEvents()
        self._turn = threading.Lock()
        """The SDK evicts a workflow that it has interrupted without waiting for the interrupted thread."""

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        with self._turn:
            return self._activate(act)

    def _activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if self._is_refused:
            return nothing(act)
        if is_eviction(act):
            return evict(self._inner, act)
        if self._is_sealed and are_later(act):
            return later_messages.refused(act)
        if self._is_sealed and is_strangers(act, takes_arguments=self._takes_arguments):
            self._is_refused = True
            return refused_start(act)
        _mark_several_arguments(act)
        if self._unstarted_events.are_in(act):
            return refused(act)
        return self._inner.activate(act)

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:  # noqa: ANN401  private
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ANN401  private
        return self._inner.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()


def _mark_several_arguments(activation: WorkflowActivation) -> None:
    """Our signals have one argument. The SDK would fail the task of a signal with more, again and again; here such a
    signal carries one that cannot be read."""
    for job in activation.jobs:
        if job.HasField("signal_workflow") and len(job.signal_workflow.input) > 1:
            del job.signal_workflow.input[:]
            job.signal_workflow.input.add(metadata={"encoding": _SEVERAL}, data=b"several")
