"""Evictions that would never succeed.

The SDK interrupts a workflow task that does not yield for two seconds (TMPRL1101). What it interrupts in the middle of a
step cannot be cancelled any more, and the SDK repeats such an eviction forever: the worker takes no task of that workflow
again, and does not shut down. Here the eviction counts as done. The remains are kept, because coroutines that the garbage
collector ends would run on in some other workflow's thread; the next task replays the workflow from its history.
"""

from typing import Final

import structlog
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import Success, WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance

from runtime.process.watchdog import end_program

MOST_KEPT: Final = 50
"""A worker that keeps more of them ends itself, and is started anew with an empty memory."""

_kept: Final[list[WorkflowInstance]] = []

log = structlog.get_logger()


def is_eviction(activation: WorkflowActivation) -> bool:
    """Return whether the activation evicts the workflow from the cache. Such an activation has no other job."""
    return any(job.HasField("remove_from_cache") for job in activation.jobs)


def evict(workflow: WorkflowInstance, activation: WorkflowActivation) -> WorkflowActivationCompletion:
    """Evict the workflow. Never raises: what cannot be ended is kept."""
    try:
        return workflow.activate(activation)
    except RuntimeError:
        _kept.append(workflow)
        info = workflow.get_info()
        log.error(
            "workflow-not-evicted",
            workflow=info.workflow_id,
            run_id=info.run_id,
            kept=len(_kept),
            exc_info=True,
        )
        if len(_kept) > MOST_KEPT:
            end_program(f"{MOST_KEPT} interrupted workflows are kept in memory")
        return WorkflowActivationCompletion(run_id=activation.run_id, successful=Success())
