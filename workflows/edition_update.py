"""Sends a new edition to open claims and units' accounts (R7): `edition-update-<id>`. It waits until the edition is
in force. Claims adopt the policy themselves."""

from datetime import datetime, timedelta
from typing import Final, NoReturn

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ConfigDict

    from activities.task_queues import ActivityQueue
    from activities.updates.calendar_updates import PageResult
    from activities.updates.edition_updates import (
        AT_ONCE,
        FINISH_EDITION,
        TELL_ACCOUNTS,
        TELL_CLAIMS,
        EditionPage,
    )
    from claims.editions.edition import Edition
    from claims.model.labels import minute
    from workflows.outgoing import retry_policies
    from workflows.outgoing.task_queues import beside_own
    from workflows.sweeps import QUERY_PROGRESS, Progress, sweep, wait_for_records

EDITION_UPDATE: Final = "EditionUpdate"


def edition_update_id(edition: str) -> str:
    """Return the id of the update to an edition."""
    return f"edition-update-{edition}"


class EditionUpdate(BaseModel):
    """The input of an update. `settle`: how long records may lag before the next sweep; `at_once` as in
    `EditionPage`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    edition: Edition
    settle: timedelta = timedelta(minutes=2)
    at_once: int = AT_ONCE
    progress: Progress = Progress()


@workflow.defn(name=EDITION_UPDATE)
class EditionUpdateWorkflow:
    """Tells accounts and claims page by page, and sweeps again for those that the records showed late."""

    @workflow.init
    def __init__(self, update: EditionUpdate) -> None:
        self._update = update
        self._progress = update.progress.model_copy()

    @workflow.run
    async def run(self, update: EditionUpdate) -> Progress:
        """Wait until it is in force, sweep, wait, sweep again."""
        progress = self._progress
        await self._until_in_force()
        while True:
            if not progress.after:
                await self._notify_accounts()
            await sweep(progress, self._update_page, self._continue_as_new)
            if progress.is_complete:
                break
            await wait_for_records(progress, update.settle)
        progress.finished_at = workflow.now()
        await self._note_end(progress.finished_at)
        return progress

    async def _until_in_force(self) -> None:
        at = self._update.edition.in_force_from
        if (wait := at - workflow.now()) > timedelta():
            await workflow.sleep(wait, summary=f"规定版本自 {minute(at)} 起施行")

    def _continue_as_new(self) -> NoReturn:
        workflow.continue_as_new(self._update.model_copy(update={"progress": self._progress}))

    def _page(self) -> EditionPage:
        update, progress = self._update, self._progress
        return EditionPage(
            edition=update.edition,
            at=workflow.now(),
            after=progress.after,
            sweep=progress.sweep,
            at_once=update.at_once,
        )

    async def _update_page(self) -> PageResult:
        progress = self._progress
        told: PageResult = await workflow.execute_activity(
            TELL_CLAIMS,
            self._page(),
            result_type=PageResult,
            task_queue=beside_own(ActivityQueue.LONG),
            start_to_close_timeout=timedelta(minutes=30),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=retry_policies.RECORDS,
            summary=f"第{progress.sweep}遍：通知适用的工单（{progress.after or '从头'}起）",
        )
        return told

    async def _notify_accounts(self) -> None:
        await workflow.execute_activity(
            TELL_ACCOUNTS,
            self._page(),
            task_queue=beside_own(ActivityQueue.LONG),
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=retry_policies.RECORDS,
            summary="通知单位台账",
        )

    async def _note_end(self, at: datetime) -> None:
        await workflow.execute_activity(
            FINISH_EDITION,
            args=[self._update.edition.id, at],
            task_queue=beside_own(ActivityQueue.LONG),
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=retry_policies.RECORDS,
            summary="适用的工单和单位台账均已采用",
        )

    @workflow.query(name=QUERY_PROGRESS, description="更新进度")
    def progress(self) -> Progress:
        """Return the progress."""
        return self._progress
