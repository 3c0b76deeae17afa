"""The calendar in force, for activities that may not wait: the newest where the records say so at once, else
the last known (R1)."""

from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Final

from calendar_rules import WorkingCalendar
from records.calendars import Calendars
from records.engine import Records
from records.errors import RecordsUnavailable

AT_ONCE: Final = 0.5
"""Seconds that anybody waits for the records."""
LEFT_ALONE: Final = 5.0
"""Seconds for which records that did not answer are not asked again."""


class CurrentCalendar:
    """Asks the records in a thread of its own, so that records that hang hold nobody up."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._calendars = Calendars()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="calendar")
        self._ask_again_at = 0.0

    def __call__(self) -> WorkingCalendar:
        """The calendar to count with now."""
        if monotonic() < self._ask_again_at:
            return self._calendars.last_known
        asked: Future[WorkingCalendar] = self._thread.submit(self._calendars.current, self._records)
        try:
            return asked.result(timeout=AT_ONCE)
        except (TimeoutError, RecordsUnavailable):
            asked.cancel()
            self._ask_again_at = monotonic() + LEFT_ALONE
            return self._calendars.last_known
