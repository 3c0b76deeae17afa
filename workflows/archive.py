"""The archive's sweep, `archive-sweep-<instant>`, and the schedule that starts it.

Its results note the manifest's head on the server, apart from the archive.
"""

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

with workflow.unsafe.imports_passed_through():
    from activities import priorities
    from activities.archive.sweep import SweepResult
    from activities.archive.sweep_activity import SWEEP_ARCHIVE
    from activities.task_queues import ActivityQueue
    from workflows.outgoing import retry_policies
    from workflows.outgoing.task_queues import beside_own

ARCHIVE_SWEEP: Final = "ArchiveSweep"
SCHEDULE_ID: Final = "archive-sweep"
EVERY_MINUTES: Final = 15


@workflow.defn(name=ARCHIVE_SWEEP)
class ArchiveSweepWorkflow:
    """Sweeps until nothing is left. A run that fails says why; the schedule starts the next one."""

    @workflow.run
    async def run(self) -> SweepResult:
        """Sweep again while there is more than one sweep takes."""
        archived = 0
        while True:
            result: SweepResult = await workflow.execute_activity(
                SWEEP_ARCHIVE,
                result_type=SweepResult,
                task_queue=beside_own(ActivityQueue.LONG),
                start_to_close_timeout=timedelta(hours=2),
                heartbeat_timeout=timedelta(minutes=5),
                retry_policy=retry_policies.ARCHIVE_SWEEP,
                summary="归档已结束的工单历史",
            )
            archived += result.archived
            if not result.more:
                return result.model_copy(update={"archived": archived})


async def keep_schedule(client: Client, task_queue: str) -> None:
    """Create or update the schedule. A pause by an administrator stays. Raises RPCError."""
    wanted = _schedule(task_queue)
    try:
        await client.create_schedule(SCHEDULE_ID, wanted)
    except ScheduleAlreadyRunningError:

        def renew(found: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(_schedule(task_queue, found.description.schedule.state))

        await client.get_schedule_handle(SCHEDULE_ID).update(renew)


def _schedule(task_queue: str, state: ScheduleState | None = None) -> Schedule:
    quarters = ScheduleRange(start=0, end=59, step=EVERY_MINUTES)
    hours = ScheduleCalendarSpec(minute=[quarters], hour=[ScheduleRange(start=0, end=23)])
    return Schedule(
        action=ScheduleActionStartWorkflow(
            ARCHIVE_SWEEP,
            id=SCHEDULE_ID,
            task_queue=task_queue,
            priority=priorities.SWEEPS,
            static_summary="归档：导出已结束的工单历史",
        ),
        spec=ScheduleSpec(calendars=[hours], time_zone_name="Asia/Shanghai"),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(days=1)),
        state=state or ScheduleState(note="保留期满之前，把已结束的工单历史写入归档"),
    )
