"""Restarts the newest calendar's update if it has not finished (R1, R6)."""

from collections.abc import Sequence
from typing import Final

from calendar_rules import WorkingCalendar
from records.arrangements import Published, all_published, calendar_of
from records.database.engine import Records
from records.queries.affected_claims import AffectedClaims
from service_layer.calendar.calendar_updates import reason_of, start_update
from service_layer.services import Services

LIBRARY_CHANGED: Final = "工作日历的基础数据更新"


class CalendarUpdateSweep:
    """The first run also looks for open claims whose calendar nobody published: the library's data have changed."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._at_start = True

    async def run(self) -> None:
        """Sweep once. Raises RecordsUnavailable."""
        await sweep(self._services, at_start=self._at_start)
        self._at_start = False


async def sweep(services: Services, *, at_start: bool = False) -> bool:
    """Start the update that is missing, if any; whether one was started. Raises RecordsUnavailable."""
    published = await services.records.run(all_published)
    calendar = calendar_of(published)
    if published and published[-1].version == calendar.version and published[-1].finished_at is None:
        return await start_update(services, calendar.version, reason_of(published[-1]))
    if at_start and await services.records.run(_has_unknown_calendars, published, calendar):
        return await start_update(services, calendar.version, LIBRARY_CHANGED)
    return False


def _has_unknown_calendars(
    records: Records, published: Sequence[Published], calendar: WorkingCalendar
) -> bool:
    return bool(AffectedClaims(records, published, calendar).unknown)
