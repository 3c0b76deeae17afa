"""Days and clocks for the slow count of a claim's limits: nothing here is the product's but the raw days of its calendar."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from functools import cache
from typing import Final

from calendar_rules.loader import load_calendar

BEIJING: Final = timezone(timedelta(hours=8))
ONE_DAY: Final = timedelta(days=1)
WORKING_DAYS: Final = {
    "dispatch": 1,
    "window": 1,
    "redetermine": 1,
    "arbitrate": 1,
    "contact": 1,
    "reply": 2,
    "resolve": 10,
    "extension-decision": 1,
    "call-back": 1,
    "redo": 5,
    "review-form": 3,
    "verification": 3,
}
MORE_IF_EXTENDED: Final = 15
PUT_AGAIN_AFTER: Final = 5
"""R32: what has gone to 督导问效组 comes before it again, until somebody acts."""


@cache
def works(day: date) -> bool:
    """Monday to Friday, less the year's days off, plus its make-up working days (R1)."""
    year = load_calendar().year(day.year)
    if day in {named.date for named in year.make_up_days}:
        return True
    return day.isoweekday() <= 5 and day not in {named.date for named in year.days_off}


def day_of(at: datetime) -> date:
    return at.astimezone(BEIJING).date()


class State(Enum):
    RUNNING = "running"
    STOPPED = "stopped"
    MET = "met"
    MISSED = "missed"
    GONE = "gone"


@dataclass
class Clock:
    """`left` working days have still to end, after `day_zero`."""

    name: str
    day_zero: date
    total: int
    left: int
    state: State = State.RUNNING
    warned: bool = False
    red: bool = False
    reds_day: date | None = None
    reminders: int = 0
    days_red: int = 0
    round: tuple[int, int] = (0, 0)
    """The dispatch and the round that it is of."""
    sent_back: bool = False
