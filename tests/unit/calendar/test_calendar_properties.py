"""Properties of every start, number of days and calendar (R1, R2, R5)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendar_rules import SHANGHAI, NamedDay, WorkingCalendar, YearPlan, due_at
from tests.support.dates import day

ONE_DAY = timedelta(days=1)
DAYS = st.dates(day("Mon 2007-01-01"), day("Sun 2034-12-31"))
NUMBERS = st.integers(1, 60)
TIMES = st.times(timezones=st.just(SHANGHAI))
YEAR_DAYS = [day("Thu 2026-01-01") + timedelta(days=n) for n in range(365)]
WEEKDAYS = [day for day in YEAR_DAYS if day.weekday() < 5]
WEEKENDS = [day for day in YEAR_DAYS if day.weekday() >= 5]

quick = settings(max_examples=150, deadline=None)


def slow_nth(calendar: WorkingCalendar, day: date, n: int) -> date:
    while n:
        day += ONE_DAY
        n -= calendar.status(day).working
    return day


@pytest.mark.rule("R2")
@quick
@given(day=DAYS, n=NUMBERS)
def test_the_table_agrees_with_a_loop_over_days(cal: WorkingCalendar, day: date, n: int) -> None:
    assert cal.nth_working_day_after(day, n) == slow_nth(cal, day, n)


@pytest.mark.rule("R2")
@quick
@given(day=DAYS, later=st.integers(0, 400), n=NUMBERS)
def test_a_later_start_never_ends_earlier(cal: WorkingCalendar, day: date, later: int, n: int) -> None:
    assert cal.nth_working_day_after(day, n) <= cal.nth_working_day_after(day + timedelta(days=later), n)


@pytest.mark.rule("R2")
@quick
@given(day=DAYS, n=NUMBERS)
def test_a_longer_limit_ends_later(cal: WorkingCalendar, day: date, n: int) -> None:
    assert day < cal.nth_working_day_after(day, n) < cal.nth_working_day_after(day, n + 1)


@pytest.mark.rule("R2")
@quick
@given(day=DAYS, a=NUMBERS, b=NUMBERS)
def test_two_limits_in_a_row_are_one_of_their_sum(cal: WorkingCalendar, day: date, a: int, b: int) -> None:
    after_a = cal.nth_working_day_after(day, a)
    assert cal.nth_working_day_after(after_a, b) == cal.nth_working_day_after(day, a + b)


@pytest.mark.rule("R2")
@quick
@given(day=DAYS, n=NUMBERS)
def test_a_limit_has_as_many_working_days_as_it_says(cal: WorkingCalendar, day: date, n: int) -> None:
    last_day = cal.nth_working_day_after(day, n)
    assert cal.is_working_day(last_day)
    assert cal.working_days_between(day, last_day) == n


@pytest.mark.rule("R30")
@quick
@given(day=DAYS, n=NUMBERS)
def test_before_is_the_reverse_of_after(cal: WorkingCalendar, day: date, n: int) -> None:
    first = cal.nth_working_day_after(day, 1)
    assert cal.working_days_before(cal.nth_working_day_after(first, n), n) == first


@pytest.mark.rule("R5")
@quick
@given(day=DAYS, n=NUMBERS, used=st.integers(0, 80), at=TIMES)
def test_pausing_and_resuming_on_one_day_loses_nothing(
    cal: WorkingCalendar, day: date, n: int, used: int, at: time
) -> None:
    last_day = cal.nth_working_day_after(day, n)
    paused_on = day + timedelta(days=used)
    instant = datetime.combine(paused_on, at)
    resumed = cal.resume(instant, cal.remaining(instant, last_day))
    if paused_on < last_day:
        assert resumed.last_day == last_day
    else:
        assert resumed.last_day == cal.nth_working_day_after(paused_on, 1)


@pytest.mark.rule("R5")
@quick
@given(day=DAYS, n=NUMBERS, used=st.integers(0, 80), away=st.integers(0, 40))
def test_a_pause_costs_the_working_days_it_lasts(
    cal: WorkingCalendar, day: date, n: int, used: int, away: int
) -> None:
    last_day = cal.nth_working_day_after(day, n)
    paused_on = min(day + timedelta(days=used), last_day - ONE_DAY)
    resumed_on = paused_on + timedelta(days=away)
    remaining = cal.remaining(datetime.combine(paused_on, time(12), SHANGHAI), last_day)
    new_last = cal.resume(datetime.combine(resumed_on, time(12), SHANGHAI), remaining).last_day
    lost = cal.working_days_between(paused_on, resumed_on)
    assert cal.working_days_between(paused_on, new_last) == remaining + lost


@pytest.mark.rule("R2", "R3", "R6")
@settings(max_examples=60, deadline=None)
@given(day=DAYS, n=st.integers(1, 25), at=TIMES)
def test_an_explanation_adds_up(cal: WorkingCalendar, day: date, n: int, at: time) -> None:
    start = datetime.combine(day, at)
    deadline = cal.deadline(start, n)
    length = (deadline.last_day - day).days + 1
    assert [item.date for item in deadline.days] == [day + timedelta(days=k) for k in range(length)]
    assert [item.n for item in deadline.days if item.counted] == list(range(1, n + 1))
    assert all(item.n is None for item in deadline.days if not item.counted)
    assert not deadline.days[0].counted
    assert start < deadline.due_at == due_at(deadline.last_day)
    assert deadline.start == start
    assert (deadline.start.tzinfo, deadline.due_at.tzinfo) == (UTC, UTC)


@st.composite
def plans(draw: st.DrawFn) -> YearPlan:
    """Return a strategy of years with a few days off and make-up days from a small choice, so that two are
    often equal.
    """
    names = st.sampled_from(["春节", "国庆节"])
    off = draw(st.sets(st.sampled_from(WEEKDAYS[:2] + WEEKENDS[:1]), max_size=2))
    made_up = draw(st.sets(st.sampled_from(WEEKENDS[1:3]), max_size=1))
    return YearPlan(
        year=2026,
        provisional=draw(st.booleans()),
        days_off=tuple(NamedDay(date=day, name=draw(names)) for day in off),
        make_up_days=tuple(NamedDay(date=day, name=draw(names)) for day in made_up),
    )


@pytest.mark.rule("R1")
@settings(max_examples=200, deadline=None)
@given(one=plans(), other=plans())
def test_the_version_changes_if_and_only_if_the_calendar_does(one: YearPlan, other: YearPlan) -> None:
    first, second = WorkingCalendar([one]), WorkingCalendar([other])
    same_days = [first.is_working_day(day) for day in YEAR_DAYS] == [
        second.is_working_day(day) for day in YEAR_DAYS
    ]
    same = same_days and one.provisional == other.provisional
    assert (first.version == second.version) is same


@pytest.mark.rule("R1")
def test_the_version_depends_on_the_coverage() -> None:
    years = [YearPlan(year=year, provisional=False) for year in (2025, 2026, 2027)]
    versions = {WorkingCalendar(years[:k]).version for k in (1, 2, 3)}
    assert len(versions) == 3
