"""Days and clocks for the slow implementation, which shares only the raw days of the calendar with the product."""

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
"""R32: a claim escalated to 督导问效组 comes up again at this interval until somebody acts."""


@cache
def works(day: date) -> bool:
    """R1: return whether a day is a working day: Monday to Friday, except days off, plus make-up working days."""
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
    """A clock: `left` working days after `day_zero` have still to end."""

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
    """The dispatch and round of the clock."""
    sent_back: bool = False
