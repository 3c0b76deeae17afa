"""Loading the calendar: the library's days, the packaged overrides, and later arrangements (R1)."""

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

from calendar_rules.arrangements import all_days, validate_arrangement
from calendar_rules.errors import InvalidArrangement
from calendar_rules.merging import in_order, overlay, year_plans
from calendar_rules.model import Arrangement
from calendar_rules.policy import FIRST_YEAR, YEARS_AHEAD
from calendar_rules.working_calendar import WorkingCalendar


def load_calendar(extra_overrides: Iterable[Arrangement] = ()) -> WorkingCalendar:
    """Return the calendar with the arrangements given in force besides the packaged ones, in whatever order.

    Equal arrangements give the same object: calendars do not change.
    """
    return _calendar(in_order((*packaged_overrides(), *extra_overrides)))


@lru_cache(maxsize=1)
def packaged_overrides() -> tuple[Arrangement, ...]:
    """Return the dated files of `calendar_rules/overrides/`."""
    folder = resources.files("calendar_rules") / "overrides"
    files = (file for file in folder.iterdir() if file.name.endswith(".json"))
    return in_order(validate_arrangement(json.loads(file.read_text("utf-8"))) for file in files)


@lru_cache(maxsize=16)
def _calendar(arrangements: tuple[Arrangement, ...]) -> WorkingCalendar:
    from calendar_rules.china import library_tables, published_years  # slow: it loads every country

    last_known = max(published_years())
    published = {item.year for item in arrangements if item.year is not None}
    _check_near(published, last_known)
    last_year = max({last_known} | published) + YEARS_AHEAD
    for arrangement in arrangements:
        _check_covered(arrangement, last_year)
    years = range(FIRST_YEAR, last_year + 1)
    tables = overlay(library_tables(years[0], years[-1]), arrangements)
    return WorkingCalendar(year_plans(tables, years))


def _check_near(years: set[int], last_known: int) -> None:
    """Refuse a mistyped year such as 2072, which would extend the calendar."""
    for year in sorted(years):
        if year > last_known + YEARS_AHEAD:
            raise InvalidArrangement(f"{year} 年离已公布的 {last_known} 年太远：请核对年份（R1）")


def _check_covered(arrangement: Arrangement, last_year: int) -> None:
    for day in all_days(arrangement):
        if not FIRST_YEAR <= day.year <= last_year:
            raise InvalidArrangement(
                f"放假安排 {arrangement.id} 的 {day} 超出日历范围"
                f"（{FIRST_YEAR} 至 {last_year} 年）：请核对（R1）"
            )
