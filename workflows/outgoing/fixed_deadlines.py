"""The activity that computes due instants, so that the history holds them (R6)."""

from collections.abc import Sequence

from temporalio import workflow

from activities import priorities
from activities.deadlines import FIX_DEADLINES
from activities.task_queues import ActivityQueue
from claims.deadlines.scheduling import LimitRequest
from claims.model.limit import LimitSchedule
from workflows.outgoing import retry_policies
from workflows.outgoing.ended_activities import until_done
from workflows.outgoing.task_queues import beside_own


async def fix_deadlines(wanted: Sequence[LimitRequest], *, summary: str) -> dict[str, LimitSchedule]:
    """Return the schedules that a claim or an account asks for, by the limit's id."""

    async def fix() -> dict[str, LimitSchedule]:
        schedules: dict[str, LimitSchedule] = await workflow.execute_activity(
            FIX_DEADLINES,
            wanted,
            result_type=dict[str, LimitSchedule],
            task_queue=beside_own(ActivityQueue.DEADLINES),
            start_to_close_timeout=retry_policies.DEADLINES_WITHIN,
            retry_policy=retry_policies.DEADLINES,
            priority=priorities.DEADLINES,
            summary=summary,
        )
        return schedules

    return await until_done(fix)
