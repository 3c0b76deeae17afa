"""Instants as the stories write them: `Tue 2031-03-04 09:00` in Beijing, a day's end as its 24:00."""

from datetime import date, datetime, timedelta
from typing import Any

from calendar_rules import SHANGHAI
from tests.support.dates import WEEKDAYS

Json = dict[str, Any]
"""What comes out of an answer."""


def shown(instant: object) -> str:
    """An RFC 3339 instant as the stories write it, to the minute; a midnight only if it is one to the second."""
    if not isinstance(instant, str):
        return str(instant)
    at = datetime.fromisoformat(instant).astimezone(SHANGHAI)
    if at.time().replace(microsecond=0) != datetime.min.time():
        return f"{_dated(at.date())} {at:%H:%M}"
    return f"{_dated(at.date() - timedelta(days=1))} 24:00" if not at.microsecond else f"{_dated(at.date())} 00:00"


def shown_day(day: object) -> str:
    """A date with its weekday."""
    return _dated(date.fromisoformat(str(day)))


def _dated(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()}"
