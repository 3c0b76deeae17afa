"""Is every history in the archive before the server forgets it? Told in metrics, log and readiness."""

import asyncio
from datetime import datetime
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict

from activities.closed_runs import in_danger
from api.clock import now
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


async def keep_watching(services: Services) -> None:
    """Have the alarm in the log though nobody asks."""
    while True:
        await archive_state(services)
        await asyncio.sleep(EVERY_SECONDS)
