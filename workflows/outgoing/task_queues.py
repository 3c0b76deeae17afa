"""The task queue that a workflow sends an activity to. Replay does not compare it."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.task_queues import ActivityQueue, queue_name


def beside_own(queue: ActivityQueue) -> str:
    """Return the name of an activities' queue beside the one that the workflow runs on."""
    return queue_name(workflow.info().task_queue, queue)
