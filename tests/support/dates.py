"""Dates and instants for tests, written with a weekday that is checked."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from calendar_rules import SHANGHAI

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MIDNIGHT: Final = "24:00"


def day(text: str) -> date:
    """Return the date of `Tue 2026-11-24`. Raises ValueError if the weekday is wrong."""
    weekday, _, written = text.partition(" ")
    found = date.fromisoformat(written)
    if weekday != WEEKDAYS[found.weekday()]:
        raise ValueError(f"{text}: {written} is a {WEEKDAYS[found.weekday()]}")
    return found


def iso(text: str) -> str:
    """Return `Tue 2026-11-24` as `2026-11-24`, for comparison with JSON. Raises ValueError if the weekday is
    wrong.
    """
    return day(text).isoformat()


def beijing(text: str) -> datetime:
    """Return `Tue 2026-11-24 09:00` in Beijing as a UTC instant; `24:00` is the next midnight.

    Raises ValueError if the weekday is wrong.
    """
    dated, _, clock = text.rpartition(" ")
    return _instant(day(dated), clock)


def printed(text: str) -> datetime:
    """Return an instant without weekday as programs and papers print it: `2026-11-24 09:00`."""
    dated, _, clock = text.partition(" ")
    return _instant(date.fromisoformat(dated), clock)


def _instant(on: date, clock: str) -> datetime:
    if clock == MIDNIGHT:
        on, clock = on + timedelta(days=1), "00:00"
    return datetime.combine(on, time.fromisoformat(clock), SHANGHAI).astimezone(UTC)
