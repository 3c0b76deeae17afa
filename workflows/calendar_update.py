"""Sends a new calendar to the open claims that it affects (R1, R6): `calendar-update-<version>`. Claims move their
own limits. Claims that are dispatched meanwhile use the new calendar anyway."""

from datetime import datetime, timedelta
from typing import Final, NoReturn

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ConfigDict

    from activities.task_queues import ActivityQueue
    from activities.updates.calendar_updates import (
        AT_ONCE,
        FINISH_UPDATE,
        TELL_TOUCHED,
        TELL_UNITS,
        CalendarPage,
        PageResult,
    )
    from claims.deadlines.recalculation import NewCalendar
    from workflows.outgoing import retry_policies
    from workflows.outgoing.task_queues import beside_own
    from workflows.patches import UNITS_RETIMED
    from workflows.sweeps import QUERY_PROGRESS, Progress, sweep, wait_for_records

CALENDAR_UPDATE: Final = "CalendarUpdate"


def update_id(version: str) -> str:
    """Return the id of the update to a calendar."""
    return f"calendar-update-{version}"


class CalendarUpdate(BaseModel):
    """The input of an update. `settle`: how long records may lag before the next sweep; the others as in
    `CalendarPage`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    reason: str
    settle: timedelta = timedelta(minutes=2)
    per_second: float = 500.0
    at_once: int = AT_ONCE
    progress: Progress = Progress()


@workflow.defn(name=CALENDAR_UPDATE)
class CalendarUpdateWorkflow:
    """Tells the affected claims page by page, and sweeps again for those that the records showed late."""

    @workflow.init
    def __init__(self, update: CalendarUpdate) -> None:
        self._update = update
        self._progress = update.progress.model_copy()

    @workflow.run
    async def run(self, update: CalendarUpdate) -> Progress:
        """Sweep, wait, sweep again."""
        progress = self._progress
        while not progress.superseded:
            if not progress.after and workflow.patched(UNITS_RETIMED):
                await self._notify_units()
            await sweep(progress, self._update_page, self._continue_as_new)
            if progress.is_complete:
                break
            await wait_for_records(progress, update.settle)
        progress.finished_at = workflow.now()
        if not progress.superseded:
            await self._note_end(progress.finished_at)
        return progress

    async def _notify_units(self) -> None:
        news = NewCalendar(version=self._update.version, reason=self._update.reason, sent_at=workflow.now())
        await workflow.execute_activity(
            TELL_UNITS,
            news,
            task_queue=beside_own(ActivityQueue.LONG),
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=retry_policies.RECORDS,
            summary="通知有约谈时限的单位台账",
        )

    def _continue_as_new(self) -> NoReturn:
        workflow.continue_as_new(self._update.model_copy(update={"progress": self._progress}))

    async def _update_page(self) -> PageResult:
        update, progress = self._update, self._progress
        page = CalendarPage(
            version=update.version,
            reason=update.reason,
            at=workflow.now(),
            after=progress.after,
            sweep=progress.sweep,
            per_second=update.per_second,
            at_once=update.at_once,
        )
        told: PageResult = await workflow.execute_activity(
            TELL_TOUCHED,
            page,
            result_type=PageResult,
            task_queue=beside_own(ActivityQueue.LONG),
            start_to_close_timeout=timedelta(minutes=10),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=retry_policies.RECORDS,
            summary=f"第{progress.sweep}遍：通知受影响的工单（{progress.after or '从头'}起）",
        )
        return told

    async def _note_end(self, at: datetime) -> None:
        await workflow.execute_activity(
            FINISH_UPDATE,
            args=[self._update.version, at],
            task_queue=beside_own(ActivityQueue.LONG),
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=retry_policies.RECORDS,
            summary="全部工单已按新日历核对",
        )

    @workflow.query(name=QUERY_PROGRESS, description="更新进度")
    def progress(self) -> Progress:
        """Return the progress."""
        return self._progress
