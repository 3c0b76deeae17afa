"""What steps ask of the outside world: activities in the background, retried until they succeed."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority

with workflow.unsafe.imports_passed_through():
    from activities import priorities
    from activities.task_queues import ActivityQueue
    from claims.model.journal import BackgroundTask
    from claims.model.labels import label
    from claims.model.terms import BackgroundTaskKind
    from workflows.outgoing import retry_policies
    from workflows.outgoing.task_queues import beside_own


_QUEUES = {
    BackgroundTaskKind.FILE_PAPER: ActivityQueue.PAPERS,
    BackgroundTaskKind.REGISTER_MATTERS: ActivityQueue.RECORDS,
}


def queue_of(task: BackgroundTask) -> str:
    """The task queue of a task: most only tell other workflows something."""
    return beside_own(_QUEUES.get(task.kind, ActivityQueue.MESSAGES))


def priority_of(task: BackgroundTask) -> Priority:
    """What other workflows are told goes before papers."""
    return priorities.PAPERS if task.kind is BackgroundTaskKind.FILE_PAPER else priorities.NEWS


def within(task: BackgroundTask) -> timedelta:
    """After how long a task whose worker is lost is tried again: a paper is rendered, a message only sent."""
    return (
        retry_policies.PAPERS_WITHIN
        if task.kind is BackgroundTaskKind.FILE_PAPER
        else retry_policies.NEWS_WITHIN
    )


class BackgroundTasks:
    """Runs each task as an activity of its kind's name. None waits for another, and the claim for none, except at
    its very end."""

    def __init__(self) -> None:
        self._running: set[asyncio.Future[object]] = set()

    @property
    def settled(self) -> bool:
        """Is everything done?"""
        return not self._running

    def start(self, tasks: Sequence[BackgroundTask]) -> None:
        """Schedule tasks, in order, in this very turn."""
        for task in tasks:
            running: asyncio.Future[object] = workflow.start_activity(
                task.kind.value,
                task.body,
                task_queue=queue_of(task),
                start_to_close_timeout=within(task),
                retry_policy=retry_policies.BACKGROUND_TASKS,
                priority=priority_of(task),
                summary=f"{label(task.kind)}：{task.id}",
            )
            self._running.add(running)
            running.add_done_callback(self._running.discard)
