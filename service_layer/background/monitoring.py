"""Alarms for administrators, shown in metrics, log and readiness: histories that are about to be lost unarchived,
workflows that were ended by hand or whose tasks fail, activities that keep failing, and builds that claims go to and
nobody runs."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Final, NamedTuple

import structlog
from pydantic import BaseModel, ConfigDict

from activities.archive.closed_executions import Stopped, at_risk, stopped
from activities.monitoring.failing_activities import FailingActivity, failing
from activities.monitoring.polling_workers import WorkersApart, workers_apart
from activities.monitoring.stalled_workflows import StalledWorkflow, stalled
from activities.monitoring.worker_builds import WorkerBuilds, worker_builds
from records.accounts import unit_account
from records.archive_heads import last_sweep, latest_head
from records.database.engine import clock_of
from records.errors import RecordsUnavailable
from runtime.startup_checks import clock_problem
from service_layer.claims.claim_access import recorded
from service_layer.clock import now
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable

NAMED_IN_LOG: Final = 20
LEAST_ROOM: Final = 256 * 1024**2
"""Bytes that a disk should have left; claims are accepted until it is full."""

log = structlog.get_logger()


class ArchiveState(BaseModel):
    """`at_risk`: closed executions that are not archived and that the server forgets within a day."""

    model_config = ConfigDict(frozen=True)

    at_risk: int
    entries: int
    swept_at: datetime | None

    @property
    def alarm(self) -> str:
        """The alarm's text; empty while nothing is wrong."""
        if not self.at_risk:
            return ""
        return (
            f"{self.at_risk} 份已结束的历史尚未归档，24 小时内保留期满：请检查归档（zaoying archive status）"
        )


async def archive_state(services: Services) -> ArchiveState | None:
    """Return the archive's state; None where the records or the server do not answer. An alarm is logged."""
    try:
        sweep = await services.records.run(last_sweep)
        head = await services.records.run(latest_head)
        async with services.temporal.client() as client:
            endangered = await at_risk(client, sweep.watermark, now())
    except (RecordsUnavailable, TemporalUnavailable, NoAnswer, NotRunning):
        return None
    if endangered:
        log.error("archive-in-danger", runs=endangered, watermark=str(sweep.watermark))
    return ArchiveState(at_risk=endangered, entries=head.count if head else 0, swept_at=sweep.swept_at)


async def stopped_workflows(services: Services) -> Stopped | None:
    """Open claims and units' accounts whose workflow was ended by hand; None where server or records do not answer.
    They are logged."""
    try:
        async with services.temporal.client() as client:
            ended = await stopped(client)
        claims = [number for number in ended.claims if await _is_open(services, number)]
        units = [unit for unit in ended.units if await services.records.run(unit_account, unit) is not None]
    except (RecordsUnavailable, TemporalUnavailable, NoAnswer, NotRunning):
        return None
    if claims or units:
        log.error("workflows-stopped", claims=claims, units=units)
    return Stopped(claims, units)


async def _is_open(services: Services, number: str) -> bool:
    found = await recorded(services, number)
    return found is not None and not found.claim.over


def stopped_alarm(found: Stopped) -> str:
    """Return the alarm's text; empty while nothing is wrong."""
    parts = [f"{len(found.claims)} 件未办结工单"] if found.claims else []
    parts += [f"{len(found.units)} 个单位台账"] if found.units else []
    if not parts:
        return ""
    return f"{'、'.join(parts)}的流程已被停止：请在 Temporal UI 中重置（编号见日志 workflows-stopped）"


async def stalled_workflows(services: Services) -> Sequence[StalledWorkflow] | None:
    """Open workflows of every type whose tasks keep failing; None where the server does not answer. They are logged."""
    try:
        async with services.temporal.client() as client:
            found = await stalled(client, services.settings.task_queue)
    except (TemporalUnavailable, NoAnswer, NotRunning):
        return None
    if found:
        log.error(
            "workflows-stalled",
            count=len(found),
            types=dict(Counter(one.workflow_type for one in found)),
            workflows=[one.workflow_id for one in found[:NAMED_IN_LOG]],
            problems=sorted({one.problem for one in found}),
        )
    return found


def stalled_alarm(found: Sequence[StalledWorkflow]) -> str:
    """Return the alarm's text; empty while nothing is wrong."""
    if not found:
        return ""
    types = "、".join(
        f"{kind} {count} 个" for kind, count in Counter(one.workflow_type for one in found).items()
    )
    return (
        f"流程停滞（{types}）：操作已收下但不办理，时限不触发；请在 Temporal UI 中查询 "
        "TemporalReportedProblems IS NOT NULL，修复或回退工作进程的版本（编号见日志 workflows-stalled）"
    )


def room_alarm(services: Services) -> str:
    """Return the alarm's text for a disk that is nearly full; empty while there is room."""
    folders = services.settings.written_folders
    full = [str(one) for one in folders if one.is_dir() and shutil.disk_usage(one).free < LEAST_ROOM]
    if not full:
        return ""
    log.error("disk-nearly-full", folders=full)
    return (
        f"数据所在的磁盘将满（不足 {LEAST_ROOM // 1024**2} MB），满后不能受理：请腾出空间"
        "（目录见日志 disk-nearly-full）"
    )


async def clock_alarm(services: Services) -> str:
    """Return the alarm of a clock that has gone wrong since the start, in words; empty while it is right or
    not known. It is logged.
    """
    try:
        database = await services.records.run(clock_of)
    except RecordsUnavailable:
        return ""
    problem = clock_problem(database, now())
    if not problem:
        return ""
    log.error("clock-differs", problem=problem)
    return f"{problem}；请校准时钟（NTP），校准前请停止本接口"


async def failing_activities(services: Services) -> Sequence[FailingActivity] | None:
    """Activities that keep failing; None where the server does not answer. They are logged."""
    try:
        async with services.temporal.client() as client:
            found = await failing(client, services.settings.task_queue)
    except (TemporalUnavailable, NoAnswer, NotRunning):
        return None
    if found:
        log.error(
            "activities-failing",
            count=len(found),
            activities=dict(Counter(one.activity for one in found)),
            workflows=sorted({one.workflow_id for one in found})[:NAMED_IN_LOG],
            errors=sorted({one.error for one in found}),
        )
    return found


def failing_alarm(found: Sequence[FailingActivity]) -> str:
    """Return the alarm's text; empty while nothing is wrong."""
    if not found:
        return ""
    kinds = "、".join(f"{kind} {count} 次" for kind, count in Counter(one.activity for one in found).items())
    return (
        f"活动反复失败（{kinds}）：仍在重试，工单照常办理；请查看其最近一次错误并排除原因"
        "（编号见日志 activities-failing）"
    )


async def differing_workers(services: Services) -> WorkersApart | None:
    """How workers differ from this API: task queues that none serves, and other versions; None where the server does not
    answer. They are logged."""
    try:
        async with services.temporal.client() as client:
            queue, own = services.settings.task_queue, version("zaoying")
            found = await workers_apart(client, queue, version=own, at=now())
    except (TemporalUnavailable, NoAnswer, NotRunning):
        return None
    if found.unserved or found.versions:
        log.error("workers-differ", unserved=found.unserved, versions=found.versions, own=own)
    return found


def differing_alarm(found: WorkersApart) -> str:
    """Return the alarm's text; empty while nothing is wrong."""
    parts = (
        [f"没有工作进程服务队列 {'、'.join(found.unserved)}，其中的活动一直等待"] if found.unserved else []
    )
    if found.versions:
        parts.append(f"工作进程的版本是 {'、'.join(found.versions)}，本接口的是 {version('zaoying')}")
    if not parts:
        return ""
    return f"{'；'.join(parts)}：请停止旧版的工作进程，启动与接口相符的版本（见日志 workers-differ）"


async def claims_workers(services: Services) -> WorkerBuilds | None:
    """Who takes the claims; None where the server does not answer. A build that nobody runs is logged."""
    try:
        async with services.temporal.client() as client:
            found = await worker_builds(client, services.settings.task_queue, now=now())
    except (TemporalUnavailable, NoAnswer, NotRunning):
        return None
    if found.alarm:
        log.error(
            "builds-without-workers",
            builds=[share.build for share in found.unmanned],
            percentage=found.unmanned_percentage,
            polling=found.polling,
        )
    return found


class Alarms(NamedTuple):
    """The texts of all alarms, the state of the archive, and who takes the claims; None if it is not known."""

    words: tuple[str, ...]
    archive: ArchiveState | None
    workers: WorkerBuilds | None

    @property
    def has_worker(self) -> bool:
        """Whether a worker takes the claims, as far as is known."""
        return self.workers is not None and self.workers.has_worker


async def current_alarms(services: Services) -> Alarms:
    """Asks everything at the same time, so that only the slowest answer is waited for."""
    of_claims = asyncio.gather(
        stopped_workflows(services), stalled_workflows(services), failing_activities(services)
    )
    of_workers = asyncio.gather(differing_workers(services), claims_workers(services))
    archive, clock, (stopped, stalling, failing_ones), (differing, workers) = await asyncio.gather(
        archive_state(services), clock_alarm(services), of_claims, of_workers
    )
    found = (
        archive.alarm if archive else "",
        room_alarm(services),
        clock,
        workers.alarm if workers else "",
        stopped_alarm(stopped or Stopped()),
        stalled_alarm(stalling or ()),
        failing_alarm(failing_ones or ()),
        differing_alarm(differing or WorkersApart()),
    )
    return Alarms(tuple(alarm for alarm in found if alarm), archive, workers)


async def check_alarms(services: Services) -> None:
    """Log the alarms even if nobody asks for metrics or readiness."""
    await current_alarms(services)
