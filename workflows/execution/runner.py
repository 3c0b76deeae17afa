"""How a worker runs workflows: in the SDK's sandbox, which it enters only for what has to be done there.

For every payload the SDK asks the workflow several times what the payload is for, in case that a codec or an external
storage would like to know, and enters the sandbox for each answer: a third of what it costs to replay a claim. Where
neither wants to know, nobody looks at the answers.
"""

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import DataConverter, StorageDriverStoreContext, WithSerializationContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info


def runner_for(converter: DataConverter) -> WorkflowRunner:
    """The runner of a worker whose client has this data converter."""
    if (
        isinstance(converter.payload_codec, WithSerializationContext)
        or converter.external_storage is not None
    ):
        return SandboxedWorkflowRunner()
    return _Unasked()


class _Unasked(SandboxedWorkflowRunner):
    """The sandbox, without the questions."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Instance(super().create_instance(det))


class _Instance(WorkflowInstance):
    """A workflow in the sandbox; what its payloads are for is not looked up."""

    def __init__(self, sandboxed: WorkflowInstance) -> None:
        self._sandboxed = sandboxed

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._sandboxed.activate(act)

    def get_serialization_context(self, command_info: object) -> None:  # noqa: ARG002
        return None

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:  # noqa: ARG002
        return StorageDriverStoreContext()

    def get_info(self) -> Info:
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        return self._sandboxed.get_thread_id()
