"""Alarms for administrators, shown in metrics, log and readiness: histories that are about to be lost unarchived, and
workflows that were ended by hand."""

from datetime import datetime

import structlog
from pydantic import BaseModel, ConfigDict

from activities.closed_executions import Stopped, at_risk, stopped
from records.accounts import unit_account
from records.archive_heads import last_sweep, latest_head
from records.errors import RecordsUnavailable
from service_layer.claims.claim_access import recorded
from service_layer.clock import now
from service_layer.services import Services
from service_layer.temporal_gateway import NoAnswer, NotRunning, TemporalUnavailable

log = structlog.get_logger()


class ArchiveState(BaseModel):
    """`at_risk`: closed executions that are not archived and that the server forgets within a day."""

    model_config = ConfigDict(frozen=True)

    at_risk: int
    entries: int
    swept_at: datetime | None

    @property
    def alarm(self) -> str:
        """The alarm in words; empty while nothing is wrong."""
        if not self.at_risk:
            return ""
        return (
            f"{self.at_risk} 份已结束的历史尚未归档，24 小时内保留期满：请检查归档（zaoying archive status）"
        )


async def archive_state(services: Services) -> ArchiveState | None:
    """The archive's state; None where the records or the server do not answer. An alarm is logged."""
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
    """The alarm in words; empty while nothing is wrong."""
    parts = [f"{len(found.claims)} 件未办结工单"] if found.claims else []
    parts += [f"{len(found.units)} 个单位台账"] if found.units else []
    if not parts:
        return ""
    return f"{'、'.join(parts)}的流程已被停止：请在 Temporal UI 中重置（编号见日志 workflows-stopped）"


async def check_alarms(services: Services) -> None:
    """Log the alarms though nobody asks for metrics or readiness."""
    await archive_state(services)
    await stopped_workflows(services)
