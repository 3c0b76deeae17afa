"""The commands of claims of versions 0.1 to 0.3, unchanged so that their histories replay (R6, R70).

They write the whole claim with every record, keep a timer for each instant, and start both from coroutines of
their own. New claims use `recorder`, `timers` and `background_tasks`; see `workflows.messages.Opening`.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.records import RECORD_STEP
    from activities.task_queues import ActivityQueue
    from claims.deadlines.moments import Moment, MomentKind, moments
    from claims.model.claim import Claim
    from claims.model.journal import BackgroundTask, Outcome, TransitionRecord
    from claims.model.labels import label
    from claims.transition import Transition
    from workflows.outgoing import retry_policies
    from workflows.outgoing.background_tasks import BackgroundTasks, queue_of
    from workflows.outgoing.effects import Effects
    from workflows.outgoing.ended_activities import until_done
    from workflows.outgoing.recorder import Backlog, Recorder
    from workflows.outgoing.task_queues import beside_own
    from workflows.outgoing.timers import Timers, grace_for_late_arrivals


class WholeRecorder(Recorder):
    """Writes the whole claim with each record, from a coroutine of its own."""

    def __init__(self) -> None:
        super().__init__()
        self._writing = False

    def add(self, transition: Transition, outcome: Outcome | None = None) -> None:
        """Add a transition to be written."""
        self._take(transition, outcome)

    @property
    def settled(self) -> bool:
        """Whether everything is written."""
        return not self._writing and not self._waiting

    async def keep(self) -> None:
        """Write transitions until the claim ends."""
        while True:
            await workflow.wait_condition(lambda: bool(self._waiting))
            if self._claim is not None:
                self._writing = True
                await self._write(self._taken(self._claim))
                self._writing = False

    def _taken(self, claim: Claim) -> TransitionRecord:
        self.take_back()
        backlog, self._waiting = self._waiting, Backlog()
        return backlog.record(claim)

    async def _write(self, record: TransitionRecord) -> None:
        last = record.entries[-1].seq if record.entries else record.claim.seq
        await until_done(
            lambda: workflow.execute_activity(
                RECORD_STEP,
                record,
                result_type=int,
                task_queue=beside_own(ActivityQueue.RECORDS),
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=retry_policies.RECORDS,
                summary=f"写入台账至第{last}条",
            )
        )


Key = tuple[str, MomentKind]


class TimerForEachMoment(Timers):
    """Keeps a timer for every moment of the claim, moves it when its instant moves, cancels it when it is no
    longer needed.
    """

    def __init__(self, on_fire: Callable[[datetime], None]) -> None:
        super().__init__(on_fire)
        self._claim: Claim | None = None
        self._ahead: dict[Key, Moment] = {}
        self._watched: dict[Key, asyncio.Task[None]] = {}

    def follow(self, claim: Claim) -> None:
        """Start a timer for each moment that has none yet; those whose moment has moved find out."""
        self._claim = claim
        self._ahead = {(moment.limit_id, moment.kind): moment for moment in moments(claim)}
        for key in self._ahead:
            if key not in self._watched:
                self._watched[key] = asyncio.create_task(self._watch(key))

    async def _watch(self, key: Key) -> None:
        rung: Moment | None = None
        while (moment := self._ahead.get(key)) is not None:
            has_moved = partial(self._has_moved, key, moment)
            if moment == rung:
                await workflow.wait_condition(has_moved)
                continue
            try:
                left = moment.at + self._grace() - workflow.now()
                await workflow.wait_condition(has_moved, timeout=left, timeout_summary=moment.summary)
            except TimeoutError:
                rung = moment
                self._on_fire(moment.at)
        del self._watched[key]

    def _grace(self) -> timedelta:
        return grace_for_late_arrivals(self._claim) if self._claim is not None else timedelta()

    def _has_moved(self, key: Key, held: Moment) -> bool:
        return self._ahead.get(key) != held


class QueuedTasks(BackgroundTasks):
    """Starts each task from a coroutine of its own."""

    def start(self, tasks: Sequence[BackgroundTask]) -> None:
        """Start tasks."""
        for task in tasks:
            running: asyncio.Future[object] = asyncio.create_task(self._do(task))
            self._running.add(running)
            running.add_done_callback(self._running.discard)

    async def _do(self, task: BackgroundTask) -> None:
        await until_done(
            lambda: workflow.execute_activity(
                task.kind.value,
                task.body,
                task_queue=queue_of(task),
                start_to_close_timeout=timedelta(minutes=1),
                retry_policy=retry_policies.BACKGROUND_TASKS,
                summary=f"{label(task.kind)}：{task.id}",
            )
        )


class WholeEffects(Effects):
    """The effects of a claim of protocol 1."""

    def __init__(self, on_timer: Callable[[datetime], None]) -> None:
        recorder = WholeRecorder()
        super().__init__(recorder=recorder, timers=TimerForEachMoment(on_timer), tasks=QueuedTasks())
        self._keep = recorder.keep
        self._keeping: asyncio.Task[None] | None = None

    async def pause(self) -> None:
        """No pause: all items are processed in one workflow task."""

    def begin(self) -> None:
        """Start the recorder's coroutine."""
        self._keeping = asyncio.create_task(self._keep())

    def end(self) -> None:
        """Stop it."""
        if self._keeping is not None:
            self._keeping.cancel()
