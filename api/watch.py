"""What somebody has to see to at once, told in metrics, log and readiness: histories that are not in the archive before
the server forgets them, and claims whose workflow was ended by hand."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict

from activities.closed_runs import in_danger, stopped
from api.clock import now
from api.seeing import recorded
from api.services import Services
from api.temporal import NoAnswer, NotRunning, TemporalAway
from records.archived import last_sweep, latest_head
from records.errors import RecordsUnavailable

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


async def stopped_claims(services: Services) -> Sequence[str] | None:
    """Numbers of open claims on which nothing runs any more; None where server or records do not answer. They are
    logged."""
    try:
        async with services.claims.client() as client:
            ended = await stopped(client)
        numbers = [number for number in ended if await _is_open(services, number)]
    except (RecordsUnavailable, TemporalAway, NoAnswer, NotRunning):
        return None
    if numbers:
        log.error("claims-stopped", claims=numbers)
    return numbers


async def _is_open(services: Services, number: str) -> bool:
    found = await recorded(services, number)
    return found is not None and not found.claim.over


def stopped_alarm(numbers: Sequence[str]) -> str:
    """What people are told; empty while nothing is wrong."""
    if not numbers:
        return ""
    return f"{len(numbers)} 件未办结工单的流程已被停止：请在 Temporal UI 中重置（编号见日志 claims-stopped）"


async def keep_watching(services: Services) -> None:
    """Have the alarms in the log though nobody asks."""
    while True:
        await archive_state(services)
        await stopped_claims(services)
        await asyncio.sleep(EVERY_SECONDS)
