"""The calendar's value types. They cross process boundaries as JSON, so new fields come with defaults."""

import datetime as dt

from pydantic import AwareDatetime, BaseModel, ConfigDict


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class NamedDay(_Value):
    """A day off or a make-up working day, with the holiday's Chinese name."""

    date: dt.date
    name: str


class DayStatus(_Value):
    """Whether a day is worked, and why (R1). `name` is the holiday's, None on plain days."""

    date: dt.date
    working: bool
    why: str
    provisional: bool
    name: str | None = None


class DayExplanation(_Value):
    """One calendar day of a limit: `n` is its number when it is counted, else None (R2)."""

    date: dt.date
    counted: bool
    n: int | None
    why: str


class Deadline(_Value):
    """A limit's end, with the version of the calendar that computed it (R6).

    `start` and `due_at` are UTC; the limit is met strictly before `due_at` (R3). `days` runs from day 0, the
    Shanghai date of `start`, to `last_day`, both included.
    """

    start: AwareDatetime
    working_days: int
    last_day: dt.date
    due_at: AwareDatetime
    provisional: bool
    calendar_version: str
    days: tuple[DayExplanation, ...]


class YearPlan(_Value):
    """A year's days off and make-up working days in date order; plain weekends are not listed."""

    year: int
    provisional: bool
    days_off: tuple[NamedDay, ...] = ()
    make_up_days: tuple[NamedDay, ...] = ()


class CalendarYear(YearPlan):
    """A year as a calendar has it; `version` is that calendar's."""

    version: str


class Arrangement(_Value):
    """A published notice, merged into the library's data (R1). Create it with `validate_arrangement`.

    With `year` it is that year's whole arrangement: the year ceases to be provisional, and of the library's
    days only the statutory holidays stay. Without, it corrects the days that it names; `ordinary_days` become
    what their weekday says.
    """

    id: str
    published: dt.date
    source: str
    year: int | None = None
    days_off: tuple[NamedDay, ...] = ()
    make_up_days: tuple[NamedDay, ...] = ()
    ordinary_days: tuple[dt.date, ...] = ()
    note: str = ""
