"""`failing-activities-<task queue>`: runs for as long as workers meet activities that keep failing, and names the
workflows in its memo, where the server shows them to anybody."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from activities.monitoring.failing_activities import (
        FAILING_ACTIVITIES,
        MEMO,
        MOST_NAMED,
        REPORT,
        FailureReport,
        HeldReport,
    )
    from workflows.incoming.authenticity import Authenticity
    from workflows.incoming.message_contents import NO_ARGUMENT, content_of, read_as

LEASE: Final = timedelta(seconds=150)
"""How long a report is valid; workers repeat it every minute while it is true."""


@workflow.defn(name=FAILING_ACTIVITIES)
class FailingActivitiesWorkflow:
    """Keeps each worker's last report until its lease runs out."""

    @workflow.init
    def __init__(self, held: dict[str, HeldReport]) -> None:
        self._held = held
        self._authenticity = Authenticity(workflow.info().workflow_id, is_strict=False)
        self._named: list[str] = []
        self._changed = False

    @workflow.run
    async def run(self, _held: dict[str, HeldReport]) -> None:
        """Run until no worker has anything to report; the next report starts it again."""
        while self._held:
            self._name_workflows()
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(self._held)
            await self._until_changed()
            now = workflow.now()
            self._held = {worker: report for worker, report in self._held.items() if report.until > now}

    async def _until_changed(self) -> None:
        self._changed = False
        left = min(report.until for report in self._held.values()) - workflow.now()
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._changed, timeout=left, timeout_summary="最早的报告到期"
            )

    def _name_workflows(self) -> None:
        named = sorted({name for report in self._held.values() for name in report.workflows})[:MOST_NAMED]
        if named != self._named:
            self._named = named
            workflow.upsert_memo({MEMO: named})
            workflow.set_current_details("\n\n".join(f"- {name}" for name in named))

    @workflow.signal(name=REPORT, description="工作进程报告反复失败的活动所在的流程；不由人工发送")
    def on_report(self, message: RawValue = NO_ARGUMENT) -> None:
        """A worker's report replaces its last one. Reports of others are ignored, because they could hide an alarm."""
        self._authenticity.note(message)
        if not self._authenticity.is_ours(message):
            return
        try:
            report = read_as(FailureReport, content_of(message))
        except ValueError:
            return
        self._held.pop(report.worker, None)
        if report.workflows:
            until = workflow.now() + LEASE
            self._held[report.worker] = HeldReport(until=until, workflows=report.workflows)
        self._changed = True
