"""Errors of the calendar, in Chinese and with the rule (R1, R2, R3)."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest

from calendar_rules import (
    CalendarError,
    CutoffRefused,
    DaysRefused,
    InstantRefused,
    NotADay,
    OutsideCoverage,
    WorkingCalendar,
    YearPlan,
    due_at,
)
from tests.support.dates import beijing, day

MONDAY = day("Mon 2026-03-09")
START = beijing("Mon 2026-03-09 10:00")
BEFORE = day("Sun 2006-12-31")
AFTER = day("Thu 2099-01-01")


def asking(function: Callable[..., object], *values: object) -> Callable[[], object]:
    """Return a call with values of any type, as from outside."""
    return lambda: function(*values)


def test_a_refusal_is_a_value_error_in_chinese_that_names_its_rule(cal: WorkingCalendar) -> None:
    with pytest.raises(ValueError, match="（R1）") as refused:
        cal.status(BEFORE)
    assert isinstance(refused.value, CalendarError)
    assert refused.value.code == "R1"
    assert re.search("[一-鿿]", str(refused.value))


@pytest.mark.rule("R2")
@pytest.mark.parametrize("n", [0, -1, 251, 10**9, True, False, 1.0, "1", None])
def test_a_number_of_days_that_is_none_is_refused(cal: WorkingCalendar, n: object) -> None:
    for ask in (
        asking(cal.nth_working_day_after, MONDAY, n),
        asking(cal.working_days_before, MONDAY, n),
        asking(cal.deadline, START, n),
        asking(cal.resume, START, n),
    ):
        with pytest.raises(DaysRefused, match="1 至 250") as refused:
            ask()
        assert refused.value.code == "R2"


@pytest.mark.rule("R1")
@pytest.mark.parametrize("day", [BEFORE, AFTER, date.min, date.max])
def test_a_day_outside_coverage_is_refused(cal: WorkingCalendar, day: date) -> None:
    for ask in (
        lambda: cal.status(day),
        lambda: cal.is_working_day(day),
        lambda: cal.nth_working_day_after(day, 1),
        lambda: cal.working_days_before(day, 1),
        lambda: cal.working_days_between(day, MONDAY),
        lambda: cal.working_days_between(MONDAY, day),
        lambda: cal.remaining(START, day),
    ):
        with pytest.raises(OutsideCoverage, match="2007-01-01"):
            ask()


@pytest.mark.rule("R1")
def test_a_limit_that_runs_out_of_coverage_is_refused(cal: WorkingCalendar) -> None:
    with pytest.raises(OutsideCoverage, match="之后第 1 个工作日"):
        cal.nth_working_day_after(cal.last_day, 1)
    with pytest.raises(OutsideCoverage, match="之前第 1 个工作日"):
        cal.working_days_before(day("Mon 2007-01-01"), 1)  # the first day covered


@pytest.mark.rule("R1")
@pytest.mark.parametrize("day", [datetime(2026, 3, 9, tzinfo=UTC), "2026-03-09", 20260309, None])
def test_what_is_no_day_is_refused(cal: WorkingCalendar, day: object) -> None:
    for ask in (asking(cal.status, day), asking(cal.nth_working_day_after, day, 1)):
        with pytest.raises(NotADay, match="应为日期"):
            ask()


@pytest.mark.rule("R1")
@pytest.mark.parametrize("year", [2006, 2099, 0, "2026", True, None])
def test_a_year_outside_coverage_is_refused(cal: WorkingCalendar, year: object) -> None:
    with pytest.raises(OutsideCoverage, match="不在工作日历之内"):
        asking(cal.year, year)()


@pytest.mark.rule("R2")
@pytest.mark.parametrize(
    ("start", "message"),
    [
        (datetime.fromisoformat("2026-03-09 10:00"), "没有时区"),
        (MONDAY, "带时区的时间"),
        ("2026-03-09T10:00:00+08:00", "带时区的时间"),
        (None, "带时区的时间"),
        (datetime.max.replace(tzinfo=UTC), "超出可计算的范围"),
    ],
)
def test_a_start_that_is_no_aware_instant_is_refused(
    cal: WorkingCalendar, start: object, message: str
) -> None:
    for ask in (asking(cal.deadline, start, 1), asking(cal.remaining, start, MONDAY)):
        with pytest.raises(InstantRefused, match=message) as refused:
            ask()
        assert refused.value.code == "R2"


@pytest.mark.rule("R2")
def test_a_start_outside_coverage_is_refused(cal: WorkingCalendar) -> None:
    with pytest.raises(OutsideCoverage):
        cal.deadline(datetime(2006, 12, 31, tzinfo=UTC), 1)  # Sunday


@pytest.mark.rule("R3")
@pytest.mark.parametrize("cutoff", [time(0, 0), time(17, 30, tzinfo=UTC), "17:30", 17])
def test_a_cutoff_that_is_no_local_time_of_day_is_refused(cal: WorkingCalendar, cutoff: object) -> None:
    for ask in (asking(cal.deadline, START, 1, cutoff), asking(due_at, MONDAY, cutoff)):
        with pytest.raises(CutoffRefused, match="截止时刻") as refused:
            ask()
        assert refused.value.code == "R3"


@pytest.mark.rule("R1")
@pytest.mark.parametrize("years", [(2025, 2027), (2025, 2025)])
def test_a_calendar_with_a_gap_is_refused(years: tuple[int, ...]) -> None:
    with pytest.raises(OutsideCoverage, match="重复或缺漏"):
        WorkingCalendar(YearPlan(year=year, provisional=False) for year in years)
