"""The newest calendar: read from the records and cached by revision (R1)."""

import threading
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from calendar_rules import WorkingCalendar
from calendar_rules.loader import load_calendar
from records.arrangements import all_published, calendar_of, newest_revision
from records.database.engine import Records, open_records
from records.errors import NotOurRecords, RecordsUnavailable


class Calendars:
    """Caches the newest calendar. Thread-safe."""

    def __init__(self) -> None:
        self._known: tuple[int, WorkingCalendar] = (0, load_calendar())
        self._reading: Final = threading.Lock()

    @property
    def last_known(self) -> WorkingCalendar:
        """The last known calendar, without a query."""
        return self._known[1]

    def current(self, records: Records) -> WorkingCalendar:
        """Return the newest calendar. Queries the revision, and reads the calendar only if it changed. Raises
        RecordsUnavailable.
        """
        if newest_revision(records) != self._known[0]:
            with self._reading:
                published = all_published(records)
                self._known = (len(published), calendar_of(published))
        return self._known[1]


def calendar_at(url: str) -> WorkingCalendar:
    """Return the newest calendar of the records at a URL, or the built-in one if there are no records or they
    do not answer.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(str(parsed.database)).exists():
        return load_calendar()
    try:
        with open_records(url) as records:
            return calendar_of(all_published(records))
    except (NotOurRecords, RecordsUnavailable):
        return load_calendar()
