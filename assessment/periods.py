"""Periods and their days (R62): a month, a quarter, a half-year, a year, by Beijing's days."""

import calendar
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from assessment.facts.model import Fact
from calendar_rules import WorkingCalendar, due_at, local_day
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Value


class PeriodKind(StrEnum):
    """一月一通报、一季度一测评、半年一排名、年终总评."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


KIND_NAMES: Final = {
    PeriodKind.MONTH: "月通报",
    PeriodKind.QUARTER: "季测评",
    PeriodKind.HALF: "半年排名",
    PeriodKind.YEAR: "年终总评",
}
MONTHS: Final = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}
_WRITTEN: Final = re.compile(
    r"(?P<year>20[0-9]{2})(?:-(?:(?P<month>[0-9]{2})|Q(?P<quarter>[1-4])|H(?P<half>[12])))?"
)
_FORMS: Final = "请写成 2026-11、2026-Q4、2026-H2 或 2026"


class Cadence(Value):
    """How many working days each stage of an edition has."""

    publication_days: int = 5
    """R62: after the period's last day."""
    objection_days: int = 3
    """R62 ◇: after a draft."""
    exclusion_days: int = 5
    """R65 ◇: after a closing, or after a draft."""


CADENCE: Final = Cadence()


class Period(Value):
    """`n` is the number of the month, quarter or half in its year; 1 for a year."""

    kind: PeriodKind
    year: int
    n: int

    def __str__(self) -> str:
        match self.kind:
            case PeriodKind.MONTH:
                return f"{self.year}-{self.n:02}"
            case PeriodKind.QUARTER:
                return f"{self.year}-Q{self.n}"
            case PeriodKind.HALF:
                return f"{self.year}-H{self.n}"
            case PeriodKind.YEAR:
                return f"{self.year}"

    @property
    def months(self) -> tuple["Period", ...]:
        """Its months, in order."""
        length = MONTHS[self.kind]
        first = (self.n - 1) * length + 1
        return tuple(
            Period(kind=PeriodKind.MONTH, year=self.year, n=month) for month in range(first, first + length)
        )

    @property
    def first_day(self) -> date:
        """The first of its first month."""
        return date(self.year, self.months[0].n, 1)

    @property
    def last_day(self) -> date:
        """The last of its last month."""
        month = self.months[-1].n
        return date(self.year, month, calendar.monthrange(self.year, month)[1])

    @property
    def starts_at(self) -> datetime:
        """The instant at which its first day begins in Beijing."""
        return due_at(self.first_day - timedelta(days=1))

    @property
    def ends_at(self) -> datetime:
        """The instant, exclusive, at which its last day ends in Beijing."""
        return due_at(self.last_day)

    def facts(self, facts: Iterable[Fact]) -> tuple[Fact, ...]:
        """Return the facts whose day falls into it."""
        first, last = self.first_day, self.last_day
        return tuple(fact for fact in facts if first <= fact.day <= last)


def months_between(first: date, last: date) -> Iterator[Period]:
    """Yield the months from one day's to another's, in order."""
    for count in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield Period(kind=PeriodKind.MONTH, year=count // 12, n=count % 12 + 1)


def longer_periods(month: Period) -> tuple[Period, ...]:
    """Return the quarter, half-year and year that a month belongs to; none of any longer period."""
    if month.kind is not PeriodKind.MONTH:
        return ()
    kinds = (PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR)
    return tuple(Period(kind=kind, year=month.year, n=(month.n - 1) // MONTHS[kind] + 1) for kind in kinds)


def last_ended(kind: PeriodKind, at: datetime) -> Period:
    """Return the newest period of a kind that is over in Beijing at an instant."""
    today = local_day(at)
    length = MONTHS[kind]
    count = (today.year * 12 + today.month - 1) // length - 1
    per_year = 12 // length
    return Period(kind=kind, year=count // per_year, n=count % per_year + 1)


def parse_period(text: str) -> Period:
    """`2026-11`, `2026-Q4`, `2026-H2`, `2026`. Raises `Refused` (R62)."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise _refused(f"考核周期“{text[:20]}”写法不对", _FORMS)
    year = int(found["year"])
    if found["quarter"]:
        return Period(kind=PeriodKind.QUARTER, year=year, n=int(found["quarter"]))
    if found["half"]:
        return Period(kind=PeriodKind.HALF, year=year, n=int(found["half"]))
    if not found["month"]:
        return Period(kind=PeriodKind.YEAR, year=year, n=1)
    if not 1 <= int(found["month"]) <= MONTHS[PeriodKind.YEAR]:
        raise _refused(f"考核周期“{text}”没有这个月份", _FORMS)
    return Period(kind=PeriodKind.MONTH, year=year, n=int(found["month"]))


def publication_day(period: Period, working_days: WorkingCalendar, cadence: Cadence = CADENCE) -> date:
    """R62: the 5th working day after the period; its end is the end of that day (R3)."""
    return working_days.nth_working_day_after(period.last_day, cadence.publication_days)


def last_day_to_object(
    drafted_at: datetime, working_days: WorkingCalendar, cadence: Cadence = CADENCE
) -> date:
    """R62 ◇: the day of the draft is day 0 (R2)."""
    return working_days.nth_working_day_after(local_day(drafted_at), cadence.objection_days)


def last_day_to_exclude(since: datetime, working_days: WorkingCalendar, cadence: Cadence = CADENCE) -> date:
    """R65 ◇: counted from a closing or a draft, whose day is day 0 (R2)."""
    return working_days.nth_working_day_after(local_day(since), cadence.exclusion_days)


def check_begun(period: Period, now: datetime) -> None:
    """Raise `Refused` if the period has not started in Beijing."""
    if local_day(now) < period.first_day:
        reason = f"{period}于{period.first_day} 00:00开始，尚无考核数据"
        raise Refused("R62", reason, "请在周期开始后再查询")


def check_over(period: Period, now: datetime) -> None:
    """Raises `Refused` where the period has not ended in Beijing."""
    if local_day(now) <= period.last_day:
        reason = f"{period}于{period.last_day} 24:00结束，尚不能考核"
        raise Refused("R62", reason, "请在周期结束后再试")


def _refused(reason: str, instead: str) -> Refused:
    return Refused("R62", reason, instead, kind=RefusalKind.INCOMPLETE)
