"""A worker's record of failing activities: a metric for each failure, and a report of those that keep failing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Final

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities import priorities
from activities.monitoring.failing_activities import (
    FAILING_ACTIVITIES,
    FAILING_AFTER,
    MOST_NAMED,
    REPORT,
    FailureReport,
    failing_activities_id,
)

METRIC: Final = "zaoying_activity_failures"
LOOK_SECONDS: Final = 5.0
RENEW_SECONDS: Final = 60.0
"""A report is sent when it changes, and as often as this while it does not."""
FORGET_SECONDS: Final = 390.0
"""A workflow is named for this long after its last failed attempt: longer than the longest pause between two attempts."""

log = structlog.get_logger()


class FailureMonitor(Interceptor):
    """Counts failed attempts by activity, and remembers the workflows in which one keeps failing."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, str], float] = {}

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Watch every activity."""
        return _Watched(next, self)

    def failed(self, info: activity.Info, error: BaseException) -> None:
        """An attempt has failed; the next ones may be other workers'."""
        meter = activity.metric_meter().with_additional_attributes({"activity_type": info.activity_type})
        meter.create_counter(METRIC, "Failed attempts of activities, by activity").add(1)
        if info.attempt >= FAILING_AFTER - 1 and info.workflow_id:
            self._seen[info.workflow_id, info.activity_id] = self._clock()
            log.warning(
                "activity-keeps-failing",
                workflow=info.workflow_id,
                activity=info.activity_type,
                attempt=info.attempt,
                error=type(error).__qualname__,
            )

    def started(self, info: activity.Info) -> None:
        """Note the start of an attempt; earlier ones may have been lost with other workers."""
        if info.attempt >= FAILING_AFTER and info.workflow_id:
            self._seen[info.workflow_id, info.activity_id] = self._clock()

    def succeeded(self, info: activity.Info) -> None:
        """An attempt has succeeded."""
        self._seen.pop((info.workflow_id or "", info.activity_id), None)

    @property
    def workflows(self) -> tuple[str, ...]:
        """The workflows to name, the first that failed first."""
        oldest = self._clock() - FORGET_SECONDS
        self._seen = {key: at for key, at in self._seen.items() if at >= oldest}
        return tuple(dict.fromkeys(workflow_id for workflow_id, _ in self._seen))[:MOST_NAMED]


def _is_benign(error: Exception) -> bool:
    return isinstance(error, ApplicationError) and error.category is ApplicationErrorCategory.BENIGN


class _Watched(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, monitor: FailureMonitor) -> None:
        super().__init__(next)
        self._monitor = monitor

    async def execute_activity(self, input: ExecuteActivityInput) -> object:
        info = activity.info()
        self._monitor.started(info)
        try:
            result: object = await super().execute_activity(input)
        except Exception as error:
            if _is_benign(error):
                self._monitor.succeeded(info)  # so far: it comes again when it is due
            else:
                self._monitor.failed(info, error)
            raise
        self._monitor.succeeded(info)
        return result


@asynccontextmanager
async def reporting(client: Client, task_queue: str, monitor: FailureMonitor) -> AsyncIterator[None]:
    """Report what the monitor has seen, until the end of the block."""

    async def send(workflows: tuple[str, ...]) -> None:
        await client.start_workflow(
            FAILING_ACTIVITIES,
            {},
            id=failing_activities_id(task_queue),
            task_queue=task_queue,
            priority=priorities.SWEEPS,
            static_summary="反复失败的活动：管理员须处理",
            start_signal=REPORT,
            start_signal_args=[FailureReport(worker=client.identity, workflows=workflows)],
        )

    task = asyncio.create_task(_report(monitor, send))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _report(monitor: FailureMonitor, send: Callable[[tuple[str, ...]], Awaitable[None]]) -> None:
    sent: tuple[str, ...] = ()
    sent_at = 0.0
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        found = monitor.workflows
        if set(found) == set(sent) and not (found and monotonic() - sent_at > RENEW_SECONDS):
            continue
        try:
            await send(found)
        except RPCError as error:
            log.warning("failing-activities-not-reported", reason=error.message)
        else:
            sent, sent_at = found, monotonic()
