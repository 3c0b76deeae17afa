"""The differences between two calendars (R6)."""

from datetime import date

import pytest

from calendar_rules import WorkingCalendar
from calendar_rules.changes import changes_between
from tests.support.claims.calendars import NEW_YEAR, calendar_with, correction
from tests.support.dates import day, iso


@pytest.mark.rule("R1", "R6")
def test_a_years_arrangement_changes_its_days_and_settles_its_year(cal: WorkingCalendar) -> None:
    change = changes_between(cal, calendar_with(NEW_YEAR))
    assert change.years == {2027}
    assert {day("Mon 2027-01-04"), day("Sat 2027-01-09")} <= set(change.days)  # Monday off, Saturday worked
    assert change.first_day == day("Fri 2027-01-01")


@pytest.mark.rule("R6")
def test_a_calendar_is_not_otherwise_than_itself(cal: WorkingCalendar) -> None:
    change = changes_between(cal, cal)
    assert (change.days, change.years, change.first_day) == ((), frozenset(), None)


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("first", "last", "provisional", "touched"),
    [
        ("2026-09-01", "2026-09-02", False, False),
        ("2026-09-01", "2026-09-03", False, True),
        ("2026-09-03", "2026-09-03", False, True),
        ("2026-09-04", "2026-09-30", True, False),
    ],
)
def test_a_span_is_touched_by_the_days_within_it(
    cal: WorkingCalendar, first: str, last: str, provisional: bool, touched: bool
) -> None:
    change = changes_between(cal, calendar_with(correction(off=iso("Thu 2026-09-03"))))
    span = date.fromisoformat(first), date.fromisoformat(last)
    assert change.touches(*span, provisional=provisional) is touched


@pytest.mark.rule("R1")
@pytest.mark.parametrize(("provisional", "touched"), [(True, True), (False, False)])
def test_a_year_that_is_settled_touches_what_was_provisional_in_it(
    cal: WorkingCalendar, provisional: bool, touched: bool
) -> None:
    change = changes_between(cal, calendar_with(NEW_YEAR))
    assert change.touches(day("Thu 2027-07-01"), day("Fri 2027-07-09"), provisional=provisional) is touched
