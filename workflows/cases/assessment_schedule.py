"""What starts assessments (R62): a schedule for each kind of period, visible in the Temporal UI, and a short workflow
that knows which period has just ended. A period is started once, whoever starts it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import SearchAttributeKey, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities import priorities
    from activities.workflow_ids import assessment_workflow_id
    from assessment.periods import KIND_NAMES, PeriodKind, last_ended
    from workflows.cases.assessment import ASSESSMENT
    from workflows.cases.case_runner import CaseOpening

ASSESSMENT_START: Final = "AssessmentStart"
SCHEDULED_AT: Final = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""Set by the server: the instant for which a schedule started a workflow, also where it caught up."""
CATCH_UP: Final = timedelta(days=60)
_FIRST_MONTHS: Final = {
    PeriodKind.MONTH: tuple(range(1, 13)),
    PeriodKind.QUARTER: (1, 4, 7, 10),
    PeriodKind.HALF: (1, 7),
    PeriodKind.YEAR: (1,),
}
"""The months on whose first day a period of a kind is over."""
_MINUTE: Final = 10
"""Past midnight, so that what ended at midnight is on record."""


@workflow.defn(name=ASSESSMENT_START)
class AssessmentStartWorkflow:
    """Starts the assessment of the period that has just ended; one that was started before stays as it is."""

    @workflow.run
    async def run(self, kind: PeriodKind) -> str:
        """The period."""
        at = workflow.info().typed_search_attributes.get(SCHEDULED_AT) or workflow.info().start_time
        period = str(last_ended(PeriodKind(kind), at))
        try:
            await workflow.start_child_workflow(
                ASSESSMENT,
                CaseOpening(id=period),
                id=assessment_workflow_id(period),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=title(period, PeriodKind(kind)),
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("assessment-started-before")
        return period


def title(period: str, kind: PeriodKind) -> str:
    """A period's assessment in the Temporal UI."""
    return f"{KIND_NAMES[kind]} · {period}"


def schedule_id(kind: PeriodKind) -> str:
    """The id of the schedule for a kind of period."""
    return f"assessment-{kind.value}"


async def keep_assessment_schedules(client: Client, task_queue: str) -> None:
    """Create or update the schedules. A pause by an administrator stays. Raises RPCError."""
    for id, kind in _schedules():
        try:
            await client.create_schedule(id, _schedule(kind, task_queue))
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(id).update(_renewal(kind, task_queue))


def _schedules() -> Iterator[tuple[str, PeriodKind]]:
    return ((schedule_id(kind), kind) for kind in PeriodKind)


def _renewal(kind: PeriodKind, task_queue: str) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    def renew(found: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(_schedule(kind, task_queue, found.description.schedule.state))

    return renew


def _schedule(kind: PeriodKind, task_queue: str, state: ScheduleState | None = None) -> Schedule:
    first_days = ScheduleCalendarSpec(
        minute=[ScheduleRange(_MINUTE)],
        hour=[ScheduleRange(0)],
        day_of_month=[ScheduleRange(1)],
        month=[ScheduleRange(month) for month in _FIRST_MONTHS[kind]],
        comment=f"{KIND_NAMES[kind]}：周期结束后的次日",
    )
    return Schedule(
        action=ScheduleActionStartWorkflow(
            ASSESSMENT_START,
            kind,
            id=f"assessment-start-{kind.value}",
            task_queue=task_queue,
            priority=priorities.SWEEPS,
            static_summary=f"启动{KIND_NAMES[kind]}",
        ),
        spec=ScheduleSpec(calendars=[first_days], time_zone_name="Asia/Shanghai"),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.ALLOW_ALL, catchup_window=CATCH_UP),
        state=state or ScheduleState(note=f"周期结束时启动{KIND_NAMES[kind]}（R62）；同一周期只启动一次"),
    )
