"""The working calendar: which days are worked, and the limits counted on it (R1-R5)."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from calendar_rules.errors import CalendarError, DaysRefused, NotADay, OutsideCoverage
from calendar_rules.model import CalendarYear, DayExplanation, DayStatus, Deadline, YearPlan
from calendar_rules.policy import MAX_WORKING_DAYS
from calendar_rules.shanghai import due_at, local_day
from calendar_rules.wording import (
    DAY_ZERO,
    SATURDAY,
    day_off_reason,
    make_up_reason,
    marked_provisional,
    plain_day_reason,
)

_KEPT: Final = 1000
"""Cached explanations: limits that begin on one day share them."""


class WorkingCalendar:
    """Whole years of days, unchanging. Look-ups are two list look-ups, by ordinal and by rank.

    `version` names the calendar by its effect: coverage, every day worked or not, provisional years. A name,
    a source or the way the data is filed does not change it.
    """

    def __init__(self, plans: Iterable[YearPlan]) -> None:
        ordered = sorted(plans, key=lambda plan: plan.year)
        self._plans: Final = {plan.year: plan for plan in ordered}
        self.first_day: Final = date(ordered[0].year, 1, 1)
        self.last_day: Final = date(ordered[-1].year, 12, 31)
        if [plan.year for plan in ordered] != list(range(self.first_day.year, self.last_day.year + 1)):
            raise OutsideCoverage("日历的年份有重复或缺漏：请逐年给出（R1）")
        self._days_off: Final = {item.date: item.name for plan in ordered for item in plan.days_off}
        self._make_up: Final = {item.date: item.name for plan in ordered for item in plan.make_up_days}
        self._first: Final = self.first_day.toordinal()
        self._working_days: Final[list[date]] = []
        self._rank: Final[list[int]] = []  # per day of coverage: working days up to it, itself included
        for ordinal in range(self._first, self.last_day.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if self._works(day):
                self._working_days.append(day)
            self._rank.append(len(self._working_days))
        self._explained: Final = lru_cache(_KEPT)(self._explain)
        self.version: Final = self._hash()

    @property
    def published_years(self) -> tuple[int, ...]:
        """The years whose arrangement is published; the others are provisional (R1)."""
        return tuple(year for year, plan in self._plans.items() if not plan.provisional)

    def year(self, year: int) -> CalendarYear:
        """Return a year's days off and make-up working days."""
        plan = self._plans.get(year) if type(year) is int else None
        if plan is None:
            raise OutsideCoverage(
                f"{year!r} 年不在工作日历之内：请查询 {self.first_day.year} 至 {self.last_day.year} 年（R1）"
            )
        return CalendarYear(**dict(plan), version=self.version)

    def is_working_day(self, day: date) -> bool:
        """R1: Monday to Friday, less the days off, plus the make-up working days."""
        self._index(day)
        return self._works(day)

    def status(self, day: date) -> DayStatus:
        """Return whether the day is worked, and why, in Chinese."""
        self._index(day)
        if name := self._days_off.get(day):
            why = day_off_reason(name)
        elif name := self._make_up.get(day):
            why = make_up_reason(day, name)
        else:
            why = plain_day_reason(day)
        provisional = self._plans[day.year].provisional
        if provisional:
            why = marked_provisional(why)
        return DayStatus(date=day, working=self._works(day), why=why, provisional=provisional, name=name)

    def nth_working_day_after(self, day: date, n: int) -> date:
        """R2: day `n` of a limit whose day 0 is `day`."""
        try:
            if type(n) is int and 0 < n <= MAX_WORKING_DAYS and not isinstance(day, datetime):
                index = day.toordinal() - self._first
                if index >= 0:
                    return self._working_days[self._rank[index] + n - 1]
        except (AttributeError, IndexError):
            pass
        raise self._refusal(day, n)

    def working_days_before(self, day: date, n: int) -> date:
        """Return the n-th working day before `day`: when to warn, when a co-unit's part is due."""
        _check_number(n)
        position = self._rank[self._index(day)] - self._works(day) - n
        if position < 0:
            raise OutsideCoverage(
                f"{day} 之前第 {n} 个工作日早于 {self.first_day}，不在工作日历之内：请核对（R1）"
            )
        return self._working_days[position]

    def working_days_between(self, after: date, until: date) -> int:
        """Return how many working days lie in (after, until]; none when `until` is not later."""
        return max(0, self._rank[self._index(until)] - self._rank[self._index(after)])

    def deadline(self, start: datetime, working_days: int, cutoff: time | None = None) -> Deadline:
        """Return a limit of so many working days from an instant: the day of the instant is day 0 (R2, R3)."""
        day_zero = local_day(start)
        last_day = self.nth_working_day_after(day_zero, working_days)
        return Deadline(
            start=start.astimezone(UTC),
            working_days=working_days,
            last_day=last_day,
            due_at=due_at(last_day, cutoff),
            provisional=self._any_provisional(day_zero + timedelta(days=1), last_day),
            calendar_version=self.version,
            days=self._explained(day_zero, last_day),
        )

    def remaining(self, paused_at: datetime, last_day: date) -> int:
        """R5: the working days left of a paused limit, at least 1; the day of the pause is used."""
        return max(1, self.working_days_between(local_day(paused_at), last_day))

    def resume(self, resumed_at: datetime, remaining: int, cutoff: time | None = None) -> Deadline:
        """R5: resume a paused limit with what remained; the day of resuming is day 0."""
        return self.deadline(resumed_at, remaining, cutoff)

    def _works(self, day: date) -> bool:
        return day in self._make_up or (day.weekday() < SATURDAY and day not in self._days_off)

    def _any_provisional(self, first: date, last: date) -> bool:
        return any(self._plans[year].provisional for year in range(first.year, last.year + 1))

    def _explain(self, day_zero: date, last_day: date) -> tuple[DayExplanation, ...]:
        why = self.status(day_zero).why
        days = [DayExplanation(date=day_zero, counted=False, n=None, why=f"{why}；{DAY_ZERO}")]
        n = 0
        for offset in range(1, (last_day - day_zero).days + 1):
            status = self.status(day_zero + timedelta(days=offset))
            n += status.working
            days.append(
                DayExplanation(
                    date=status.date,
                    counted=status.working,
                    n=n if status.working else None,
                    why=status.why,
                )
            )
        return tuple(days)

    def _index(self, day: date) -> int:
        if not isinstance(day, date) or isinstance(day, datetime):
            raise NotADay(f"应为日期，收到的是 {day!r}：请给出 2026-02-13 这样的日期，不带时刻（R1）")
        if not self.first_day <= day <= self.last_day:
            raise OutsideCoverage(
                f"{day} 不在工作日历之内（{self.first_day} 至 {self.last_day}）：请核对日期（R1）"
            )
        return day.toordinal() - self._first

    def _refusal(self, day: date, n: int) -> CalendarError:
        """Return the error for an n-th working day that does not exist."""
        try:
            _check_number(n)
            self._index(day)
        except CalendarError as refused:
            return refused
        return OutsideCoverage(
            f"{day} 之后第 {n} 个工作日晚于 {self.last_day}，不在工作日历之内：请核对日期和天数（R1）"
        )

    def _hash(self) -> str:
        digest = hashlib.sha256()
        for year, plan in self._plans.items():
            digest.update(f"\n{year} {'provisional' if plan.provisional else 'published'} ".encode())
            first = date(year, 1, 1).toordinal()
            length = date(year, 12, 31).toordinal() - first + 1
            digest.update(bytes(b"01"[self._works(date.fromordinal(first + n))] for n in range(length)))
        return f"cn-{digest.hexdigest()[:12]}"


def _check_number(n: int) -> None:
    if type(n) is not int or not 1 <= n <= MAX_WORKING_DAYS:
        raise DaysRefused(f"工作日数 {n!r} 不对：应为 1 至 {MAX_WORKING_DAYS} 的整数（R2）")
