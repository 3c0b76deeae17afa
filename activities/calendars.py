"""The calendar for activities that must not wait: the newest if the records answer at once, else the last known (R1)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Final

from calendar_rules import WorkingCalendar
from records.calendars import Calendars
from records.database.engine import Records
from records.errors import RecordsUnavailable

AT_ONCE: Final = 0.5
"""Seconds to wait for the records."""
LEFT_ALONE: Final = 5.0
"""Seconds to wait before asking records again that did not answer."""


class CurrentCalendar:
    """Asks the records in a thread of its own, so that a hanging database delays nothing else."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._calendars = Calendars()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="calendar")
        self._ask_again_at = 0.0

    async def get(self, wanted: str = "") -> WorkingCalendar:
        """Return the calendar to use now. Does not query the records if the required version is cached."""
        known = self._calendars.last_known
        if known.version == wanted or monotonic() < self._ask_again_at:
            return known
        asked = self._thread.submit(self._calendars.current, self._records)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(asked), AT_ONCE)
        except (TimeoutError, RecordsUnavailable):
            self._ask_again_at = monotonic() + LEFT_ALONE
            return self._calendars.last_known
