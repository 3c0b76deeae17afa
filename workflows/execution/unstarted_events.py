"""Events that reach a workflow before the workflow task that brings them has started.

A query that waits for a poller is answered with the history as it is when the poller comes. Where something has happened in
between, its last events belong to a workflow task that has not started. The SDK applies them all the same, at the
time of the task before, and a cached workflow stays ahead: what it does is dated seconds too early, and a replay, which
sees the true start, comes to another instant. docs/early-events.md shows the smallest case.
"""

from typing import Final

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from runtime.query_retries import AHEAD_OF_HISTORY

_CHANGE_NOTHING: Final = frozenset({"query_workflow", "remove_from_cache"})


class UnstartedEvents:
    """Tells, for the activations of one workflow in their order, which bring events too early: there are more events
    than at the activation before, and the instant and the history's size, which the start of a task brings, are the same.
    A server's clock that goes back leaves the instant as it is, but not the size."""

    def __init__(self) -> None:
        self._at = 0
        self._length = 0
        self._size = 0

    def are_in(self, activation: WorkflowActivation) -> bool:
        """Return whether the activation brings any."""
        if all(job.WhichOneof("variant") in _CHANGE_NOTHING for job in activation.jobs):
            return False
        at, size = activation.timestamp.ToNanoseconds(), activation.history_size_bytes
        is_same_task = at == self._at and size == self._size > 0
        if is_same_task and activation.history_length > self._length:
            return True
        self._at, self._length, self._size = at, activation.history_length, size
        return False


def refused(activation: WorkflowActivation) -> WorkflowActivationCompletion:
    """Return the completion of such an activation: its query fails, and the workflow leaves the cache."""
    completion = WorkflowActivationCompletion(run_id=activation.run_id)
    completion.failed.failure.message = AHEAD_OF_HISTORY
    completion.failed.failure.application_failure_info.type = "AheadOfHistory"
    return completion
