"""Differences between two calendars (R6)."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from calendar_rules.working_calendar import WorkingCalendar


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """`days`, in order, are worked by one calendar and not by the other; `years` are provisional in one
    alone."""

    days: tuple[date, ...]
    years: frozenset[int]

    @property
    def first_day(self) -> date | None:
        """The first day that differs; None if there is none."""
        years = [date(year, 1, 1) for year in self.years]
        return min([*self.days[:1], *years], default=None)

    def touches(self, first: date, last: date, *, provisional: bool) -> bool:
        """Can a count over these days give another result, or be no longer provisional?"""
        position = bisect_left(self.days, first)
        if position < len(self.days) and self.days[position] <= last:
            return True
        return provisional and any(first.year <= year <= last.year for year in self.years)


@lru_cache(maxsize=64)
def changes_between(old: WorkingCalendar, new: WorkingCalendar) -> CalendarChange:
    """Return the difference of two calendars, over the days that both cover."""
    first, last = max(old.first_day, new.first_day), min(old.last_day, new.last_day)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    changed = tuple(day for day in days if old.is_working_day(day) != new.is_working_day(day))
    years = set(old.published_years) ^ set(new.published_years)
    return CalendarChange(changed, frozenset(years))
