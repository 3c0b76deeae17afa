"""Captures the commands that workflows send to the engine during a replay, with their payloads."""

from dataclasses import dataclass

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from temporalio.workflow import Info

from audit.replay.lost_completions import Cuts
from workflows.execution import later_messages
from workflows.execution.unstarted_events import UnstartedEvents


@dataclass(frozen=True, slots=True)
class SentCommand:
    """A command. `task` is the start event of its workflow task."""

    command: WorkflowCommand
    task: int


class CommandRecorder(WorkflowRunner):
    """Runs workflows outside the sandbox and keeps their commands in order.

    An activation that includes a lost completion's task is run in parts, as the worker ran it
    (`audit.replay.lost_completions`).
    """

    def __init__(self) -> None:
        self._inner = UnsandboxedWorkflowRunner()
        self._commands: list[SentCommand] = []
        self._cuts: Cuts | None = None

    def start(self, commands: list[SentCommand], cuts: Cuts) -> None:
        """Capture the next replay's commands into `commands`."""
        self._commands, self._cuts = commands, cuts

    def prepare_workflow(self, defn: object) -> None:  # the SDK's type is private
        """Implement WorkflowRunner."""
        self._inner.prepare_workflow(defn)  # type: ignore[arg-type]

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Implement WorkflowRunner."""
        return _Instance(self._inner.create_instance(det), self._commands, self._cuts)


class _Instance(WorkflowInstance):
    def __init__(self, inner: WorkflowInstance, commands: list[SentCommand], cuts: Cuts | None) -> None:
        self._inner = inner
        self._commands = commands
        self._cuts = cuts
        self._unstarted_events = UnstartedEvents()

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if later_messages.are_later(act):
            return later_messages.refused(act)
        done = WorkflowActivationCompletion(run_id=act.run_id)
        if self._unstarted_events.are_in(act):
            done.successful.SetInParent()
            return done
        for part in self._cuts.parts(act) if self._cuts else [act]:
            before = [*done.successful.commands]
            done = self._inner.activate(part)
            if not done.HasField("successful"):
                return done
            commands = [*before, *done.successful.commands]
            del done.successful.commands[:]
            done.successful.commands.extend(commands)
        # The worker encodes a completion's payloads in place.
        sent = [_copy(command) for command in done.successful.commands]
        self._commands += [SentCommand(command, act.history_length) for command in sent]
        return done

    def get_serialization_context(self, _command_info: object) -> SerializationContext | None:
        return None

    def get_external_store_context(self, _command_info: object) -> StorageDriverStoreContext:
        return StorageDriverStoreContext()

    def get_info(self) -> Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()


def _copy(command: WorkflowCommand) -> WorkflowCommand:
    copied = WorkflowCommand()
    copied.CopyFrom(command)
    return copied
