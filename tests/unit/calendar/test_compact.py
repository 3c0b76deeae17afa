"""Compact explanations are read back unchanged (R6)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calendar_rules import DayExplanation
from calendar_rules.compact import compacted, expanded
from calendar_rules.loader import load_calendar
from claims.model.limit import LimitSchedule
from tests.support.dates import beijing

CALENDAR = load_calendar()


@pytest.mark.rule("R6")
@given(
    start=st.integers(0, 6_500).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
    days=st.integers(1, 25),
)
def test_every_deadline_is_read_as_it_was(start: datetime, days: int) -> None:
    explanation = CALENDAR.deadline(start, days).days
    words = compacted(explanation)
    assert words is not None
    assert words[0] == explanation[0].date.isoformat()
    assert expanded(words) == explanation


@pytest.mark.rule("R6")
def test_most_days_are_a_letter() -> None:
    days = CALENDAR.deadline(beijing("Wed 2026-09-23 09:00"), 3).days
    assert compacted(days) == ["2026-09-23", "0+", "中秋节放假", "--++"]


@pytest.mark.rule("R6")
def test_what_version_0_4_wrote_of_every_day_is_read_as_it_was() -> None:
    words = ["2026-11-28", "周六，休息日；起算当日不计", "周日，休息日", "1 工作日"]
    assert expanded(words) == expanded(["2026-11-28", "O-+"])
    assert [day.n for day in expanded(words)] == [None, None, 1]


@pytest.mark.parametrize(
    "days",
    [
        (DayExplanation(date=date(2026, 11, 27), counted=False, n=None, why="2 日休息"),),
        (DayExplanation(date=date(2026, 11, 27), counted=True, n=None, why="工作日"),),
        (DayExplanation(date=date(2026, 11, 27), counted=False, n=3, why="工作日"),),
        tuple(
            DayExplanation(date=date(2026, 11, 27) + timedelta(days=n), counted=False, n=None, why="工作日")
            for n in (0, 2)
        ),
    ],
)
def test_what_few_words_cannot_say_is_kept_whole(days: tuple[DayExplanation, ...]) -> None:
    assert compacted(days) is None
    schedule = LimitSchedule(
        working_days=1,
        last_day=date(2026, 11, 27),
        due_at=datetime(2026, 11, 27, 16, tzinfo=UTC),
        provisional=False,
        calendar_version="x",
        explanation=days,
    )
    assert LimitSchedule.model_validate_json(schedule.model_dump_json()) == schedule


def test_nothing_is_nothing() -> None:
    assert compacted(()) == []
    assert expanded([]) == ()
