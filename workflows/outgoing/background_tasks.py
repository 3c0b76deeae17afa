"""Background tasks of transitions: activities that are retried until they succeed."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from temporalio import workflow
from temporalio.common import Priority

with workflow.unsafe.imports_passed_through():
    from activities import priorities
    from activities.task_queues import ActivityQueue
    from claims.model.journal import BackgroundTask
    from claims.model.labels import label
    from claims.model.terms import BackgroundTaskKind
    from workflows.outgoing import retry_policies
    from workflows.outgoing.ended_activities import begins_again, pause
    from workflows.outgoing.task_queues import beside_own


_QUEUES = {
    BackgroundTaskKind.FILE_PAPER: ActivityQueue.PAPERS,
    BackgroundTaskKind.REPORT_LIGHT: ActivityQueue.LIGHTS,
    BackgroundTaskKind.REPORT_CAUSE: ActivityQueue.LIGHTS,
    BackgroundTaskKind.REGISTER_MATTERS: ActivityQueue.RECORDS,
}


def queue_of(task: BackgroundTask) -> str:
    """Return the task queue of a task; most tasks only signal other workflows."""
    return beside_own(_QUEUES.get(task.kind, ActivityQueue.MESSAGES))


def priority_of(task: BackgroundTask) -> Priority:
    """Messages to other workflows come before papers."""
    return priorities.PAPERS if task.kind is BackgroundTaskKind.FILE_PAPER else priorities.NEWS


def within(task: BackgroundTask) -> timedelta:
    """Return how long until a task of a lost worker is tried again: rendering a paper takes longer than
    sending a message.
    """
    return (
        retry_policies.PAPERS_WITHIN
        if task.kind is BackgroundTaskKind.FILE_PAPER
        else retry_policies.NEWS_WITHIN
    )


class BackgroundTasks:
    """Runs each task as an activity named after its kind. Tasks do not wait for each other, and the claim waits for
    them only at its end."""

    def __init__(self) -> None:
        self._running: set[asyncio.Future[object] | asyncio.Future[None]] = set()

    @property
    def settled(self) -> bool:
        """Whether everything is done."""
        return not self._running

    def start(self, tasks: Sequence[BackgroundTask]) -> None:
        """Schedule tasks at once, in order."""
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
            running.add_done_callback(partial(self._ended, task))

    def _ended(self, task: BackgroundTask, done: asyncio.Future[object]) -> None:
        self._running.discard(done)
        if not done.cancelled() and begins_again(done.exception()):
            waiting = asyncio.create_task(self._begin_again(task))
            self._running.add(waiting)
            waiting.add_done_callback(self._running.discard)

    async def _begin_again(self, task: BackgroundTask) -> None:
        await pause()
        self.start((task,))
