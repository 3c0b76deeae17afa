"""What somebody has to see to at once, told in metrics, log and readiness: histories that are not in the archive before
the server forgets them, and workflows that were ended by hand."""

import asyncio
from datetime import datetime
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict

from activities.closed_executions import Stopped, in_danger, stopped
from records.accounts import unit_account
from records.archive_heads import last_sweep, latest_head
from records.errors import RecordsUnavailable
from service_layer.claim_access import recorded
from service_layer.clock import now
from service_layer.services import Services
from service_layer.temporal_gateway import NoAnswer, NotRunning, TemporalAway

log = structlog.get_logger()

EVERY_SECONDS: Final = 60.0


class ArchiveState(BaseModel):
    """`in_danger`: closed executions that are not archived and that the server forgets within a day."""

    model_config = ConfigDict(frozen=True)

    in_danger: int
    entries: int
    swept_at: datetime | None

    @property
    def alarm(self) -> str:
        """What people are told; empty while nothing is wrong."""
        if not self.in_danger:
            return ""
        return f"{self.in_danger} 份已结束的历史尚未归档，24 小时内保留期满：请检查归档（zaoying archive status）"


async def archive_state(services: Services) -> ArchiveState | None:
    """As records and server show it; None where one of them does not answer. An alarm is logged."""
    try:
        sweep = await services.book.ask(last_sweep)
        head = await services.book.ask(latest_head)
        async with services.claims.client() as client:
            endangered = await in_danger(client, sweep.watermark, now())
    except (RecordsUnavailable, TemporalAway, NoAnswer, NotRunning):
        return None
    if endangered:
        log.error("archive-in-danger", runs=endangered, watermark=str(sweep.watermark))
    return ArchiveState(in_danger=endangered, entries=head.count if head else 0, swept_at=sweep.swept_at)


async def stopped_workflows(services: Services) -> Stopped | None:
    """Open claims and units' accounts on which nothing runs any more; None where server or records do not answer. They
    are logged."""
    try:
        async with services.claims.client() as client:
            ended = await stopped(client)
        claims = [number for number in ended.claims if await _is_open(services, number)]
        units = [unit for unit in ended.units if await services.book.ask(unit_account, unit) is not None]
    except (RecordsUnavailable, TemporalAway, NoAnswer, NotRunning):
        return None
    if claims or units:
        log.error("workflows-stopped", claims=claims, units=units)
    return Stopped(claims, units)


async def _is_open(services: Services, number: str) -> bool:
    found = await recorded(services, number)
    return found is not None and not found.claim.over


def stopped_alarm(found: Stopped) -> str:
    """What people are told; empty while nothing is wrong."""
    told = [f"{len(found.claims)} 件未办结工单"] if found.claims else []
    told += [f"{len(found.units)} 个单位台账"] if found.units else []
    if not told:
        return ""
    return f"{'、'.join(told)}的流程已被停止：请在 Temporal UI 中重置（编号见日志 workflows-stopped）"


async def keep_watching(services: Services) -> None:
    """Have the alarms in the log though nobody asks."""
    while True:
        await archive_state(services)
        await stopped_workflows(services)
        await asyncio.sleep(EVERY_SECONDS)
