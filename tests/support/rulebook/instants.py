"""Instants in stories: `Tue 2031-03-04 09:00` in Beijing; the end of a day is its 24:00.

Claims start at the real time, and moving a clock by years would trigger hundreds of reminders. So the
stories' first Monday, 3 March 2031, is played on the Monday after today, and everything else the same number
of whole weeks earlier. Weekdays stay, and the tests publish the stories' holidays for these weeks.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final

from calendar_rules import SHANGHAI
from tests.support.dates import WEEKDAYS, beijing

Json = dict[str, Any]
"""A value from an answer."""
WEEK: Final = timedelta(weeks=1)
FIRST_MONDAY: Final = date(2031, 3, 3)
TODAY: Final = datetime.now(SHANGHAI).date()
SHIFT: Final = FIRST_MONDAY - (TODAY - timedelta(days=TODAY.weekday()) + WEEK)


def played(instant: str) -> datetime:
    """Return the real instant of a story's instant."""
    return beijing(instant) - SHIFT


def played_day(day: str) -> str:
    """Return the real date of a story's date, as the API writes it."""
    return (date.fromisoformat(day) - SHIFT).isoformat()


def shown(instant: object) -> str:
    """Return a real instant (RFC 3339) as written in stories, to the minute; as 24:00 only if it is exactly
    midnight.
    """
    return written(instant, SHIFT)


def written(instant: object, shift: timedelta = timedelta(0)) -> str:
    """Return an instant as written in stories, but in the real calendar."""
    if not isinstance(instant, str):
        return str(instant)
    at = datetime.fromisoformat(instant).astimezone(SHANGHAI) + shift
    if at.time() == datetime.min.time():
        return f"{dated(at.date() - timedelta(days=1))} 24:00"
    return f"{dated(at.date())} {at:%H:%M}"


def shown_day(day: object) -> str:
    """Return a real date as written in stories."""
    return dated(date.fromisoformat(str(day)) + SHIFT)


def dated(day: date) -> str:
    """Return a date with its weekday."""
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()}"
