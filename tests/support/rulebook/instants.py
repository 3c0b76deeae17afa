"""Instants as the stories write them: `Tue 2031-03-04 09:00` in Beijing, a day's end as its 24:00.

Claims begin at the real now, and a clock that has to run for years on its way to a story comes past hundreds of
reminders. So the stories' first Monday, 3 March 2031, is played on the Monday after today, and all that follows as many
whole weeks earlier: weekdays stay, and the tests publish the stories' holidays for these weeks.
"""

from datetime import date, datetime, timedelta
from typing import Any, Final

from calendar_rules import SHANGHAI
from tests.support.dates import WEEKDAYS, beijing

Json = dict[str, Any]
"""What comes out of an answer."""
WEEK: Final = timedelta(weeks=1)
FIRST_MONDAY: Final = date(2031, 3, 3)
TODAY: Final = datetime.now(SHANGHAI).date()
SHIFT: Final = FIRST_MONDAY - (TODAY - timedelta(days=TODAY.weekday()) + WEEK)


def played(instant: str) -> datetime:
    """When an instant of a story really is."""
    return beijing(instant) - SHIFT


def played_day(day: str) -> str:
    """The real date of a story's date, as the API writes it."""
    return (date.fromisoformat(day) - SHIFT).isoformat()


def shown(instant: object) -> str:
    """A real instant (RFC 3339) as the stories write it, to the minute; a midnight only if it is one to the second."""
    return written(instant, SHIFT)


def written(instant: object, shift: timedelta = timedelta(0)) -> str:
    """An instant as the stories write it, but of the real calendar."""
    if not isinstance(instant, str):
        return str(instant)
    at = datetime.fromisoformat(instant).astimezone(SHANGHAI) + shift
    if at.time() == datetime.min.time():
        return f"{dated(at.date() - timedelta(days=1))} 24:00"
    return f"{dated(at.date())} {at:%H:%M}"


def shown_day(day: object) -> str:
    """A real date as the stories write it."""
    return dated(date.fromisoformat(str(day)) + SHIFT)


def dated(day: date) -> str:
    """A date with its weekday."""
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()}"
