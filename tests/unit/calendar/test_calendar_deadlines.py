"""Deadlines: day 0, cut-off, pauses, explanation (R2, R3, R5, R6)."""

from datetime import UTC, date, datetime, time

import pytest

from calendar_rules import SHANGHAI, Deadline, WorkingCalendar, due_at, explain_text
from tests.support.dates import beijing, day


def at(text: str) -> datetime:
    """Return a Shanghai instant, `Fri 2026-02-13 10:00`."""
    return beijing(text).astimezone(SHANGHAI)


@pytest.mark.rule("R2")
@pytest.mark.parametrize(
    ("start", "days", "last_day"),
    [
        ("Mon 2026-03-09 10:00", 1, day("Tue 2026-03-10")),
        ("Fri 2026-03-06 10:00", 1, day("Mon 2026-03-09")),
        ("Sat 2026-03-07 10:00", 1, day("Mon 2026-03-09")),  # Saturday, a rest day, is day 0 → Monday
        ("Sun 2026-03-08 23:59", 1, day("Mon 2026-03-09")),  # Sunday, a rest day, is day 0 → Monday
        ("Mon 2026-03-09 00:00", 1, day("Tue 2026-03-10")),  # the first minute of Monday → Tuesday
        ("Fri 2026-02-13 10:00", 1, day("Sat 2026-02-14")),  # Friday → the make-up Saturday
        (
            "Sat 2026-02-14 10:00",
            1,
            day("Tue 2026-02-24"),
        ),  # the make-up Saturday → Tuesday after Spring Festival
        ("Tue 2026-02-17 10:00", 2, day("Wed 2026-02-25")),  # New Year's Day, a holiday, is day 0 → Wednesday
        (
            "Fri 2026-02-13 10:00",
            10,
            day("Thu 2026-03-05"),
        ),  # Friday → Thursday, two make-up Saturdays counted
        (
            "Mon 2026-09-14 09:00",
            25,
            day("Fri 2026-10-23"),
        ),  # Monday → Friday, two holidays, two make-up days
        ("Wed 2026-12-30 10:00", 1, day("Thu 2026-12-31")),  # Wednesday → Thursday, the last day of the year
        ("Thu 2026-12-31 10:00", 1, day("Mon 2027-01-04")),  # Thursday → Monday of a provisional year
        (
            "Fri 2018-12-28 10:00",
            1,
            day("Sat 2018-12-29"),
        ),  # Friday → the make-up Saturday of next year's notice
        ("Sat 2018-12-29 10:00", 1, day("Wed 2019-01-02")),  # the make-up Saturday → Wednesday
        ("Wed 2015-09-02 10:00", 1, day("Sun 2015-09-06")),  # Wednesday → the make-up Sunday
        ("Thu 2020-01-23 10:00", 1, day("Mon 2020-02-03")),  # Thursday → Monday after the extended festival
        ("Thu 2024-02-08 10:00", 1, day("Fri 2024-02-09")),  # Thursday → Friday, an eve that was no day off
        ("Fri 2024-02-09 10:00", 1, day("Sun 2024-02-18")),  # Friday → the make-up Sunday
    ],
)
def test_day_one_is_the_next_working_day(cal: WorkingCalendar, start: str, days: int, last_day: date) -> None:
    assert cal.deadline(at(start), days).last_day == last_day


@pytest.mark.rule("R2")
def test_day_zero_is_the_shanghai_date_whatever_the_offset(cal: WorkingCalendar) -> None:
    start = datetime(2026, 3, 8, 16, 30, tzinfo=UTC)  # Sunday in UTC, 00:30 of Monday in Shanghai
    assert cal.deadline(start, 1).last_day == day("Tue 2026-03-10")


@pytest.mark.rule("R3")
@pytest.mark.parametrize(
    ("cutoff", "due"),
    [
        (None, datetime(2026, 3, 10, 16, 0, tzinfo=UTC)),  # midnight after Tuesday
        (time(17, 30), datetime(2026, 3, 10, 9, 30, tzinfo=UTC)),  # Tuesday
        (time(0, 1), datetime(2026, 3, 9, 16, 1, tzinfo=UTC)),  # Tuesday in Shanghai
    ],
)
def test_a_limit_ends_at_midnight_or_at_the_cutoff(
    cal: WorkingCalendar, cutoff: time | None, due: datetime
) -> None:
    deadline = cal.deadline(at("Mon 2026-03-09 10:00"), 1, cutoff)
    assert deadline.due_at == due == due_at(day("Tue 2026-03-10"), cutoff)
    assert deadline.due_at.tzinfo is UTC


@pytest.mark.rule("R3")
def test_the_last_day_of_the_year_ends_with_the_year(cal: WorkingCalendar) -> None:
    deadline = cal.deadline(at("Wed 2026-12-30 10:00"), 1)
    assert deadline.due_at == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert not deadline.provisional


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    ("start", "days", "provisional"),
    [
        ("Wed 2026-12-30 10:00", 1, False),  # Wednesday → Thursday the 31st
        ("Thu 2026-12-31 10:00", 1, True),  # Thursday → Monday, 4 January 2027
        ("Wed 2026-12-30 10:00", 2, True),  # Wednesday → Monday, 4 January 2027
        ("Tue 2027-06-01 10:00", 1, True),
    ],
)
def test_a_deadline_that_touches_a_year_without_arrangement_is_flagged(
    cal: WorkingCalendar, start: str, days: int, provisional: bool
) -> None:
    assert cal.deadline(at(start), days).provisional is provisional


@pytest.mark.rule("R6")
def test_the_explanation_has_every_day_from_day_zero_to_the_last(cal: WorkingCalendar) -> None:
    deadline = cal.deadline(at("Fri 2026-02-13 10:00"), 2)
    assert [(day.date.day, day.counted, day.n, day.why) for day in deadline.days] == [
        (13, False, None, "工作日；起算当日不计"),  # Friday
        (14, True, 1, "周六，春节调休上班"),
        (15, False, None, "周日，休息日"),
        (16, False, None, "农历除夕放假"),  # Monday
        (17, False, None, "春节放假"),
        (18, False, None, "春节放假"),
        (19, False, None, "春节放假"),
        (20, False, None, "春节调休放假"),  # Friday
        (21, False, None, "周六，休息日"),
        (22, False, None, "周日，休息日"),
        (23, False, None, "春节调休放假"),  # Monday
        (24, True, 2, "工作日"),
    ]


@pytest.mark.rule("R6")
def test_a_deadline_survives_its_json(cal: WorkingCalendar) -> None:
    deadline = cal.deadline(at("Fri 2026-02-13 10:00"), 10)
    data = deadline.model_dump(mode="json")
    assert {"last_day", "due_at", "provisional", "calendar_version", "days"} <= set(data)
    assert set(data["days"][0]) == {"date", "counted", "n", "why"}
    assert (data["last_day"], data["due_at"]) == ("2026-03-05", "2026-03-05T16:00:00Z")
    assert Deadline.model_validate_json(deadline.model_dump_json()) == deadline


@pytest.mark.rule("R6")
def test_a_deadline_is_told_day_by_day_in_chinese(cal: WorkingCalendar) -> None:
    assert explain_text(cal.deadline(at("Fri 2026-02-27 10:00"), 2)).splitlines() == [
        "2026-02-27 周五 工作日；起算当日不计",
        "2026-02-28 周六 春节调休上班，第 1 个工作日",
        "2026-03-01 周日 休息日",
        "2026-03-02 周一 工作日，第 2 个工作日",
        "期限 2 个工作日，最后一日 2026-03-02 周一，当日 24:00（北京时间）前办理。",
        f"日历版本 {cal.version}",
    ]


@pytest.mark.rule("R1", "R3")
def test_a_provisional_deadline_with_a_cutoff_says_both(cal: WorkingCalendar) -> None:
    text = explain_text(cal.deadline(at("Thu 2026-12-31 10:00"), 1, time(17, 30)))
    assert "最后一日 2027-01-04 周一，当日 17:30（北京时间）前办理。" in text
    assert "元旦放假（暂定）" in text
    assert "安排公布后重新计算" in text


# A limit of 10 working days from Monday, 2 March 2026, ends on Monday the 16th.
LAST_DAY = day("Mon 2026-03-16")


@pytest.mark.rule("R5")
@pytest.mark.parametrize(
    ("paused", "remaining", "resumed", "last_day"),
    [
        (
            "Fri 2026-03-06 16:00",
            6,
            "Sun 2026-03-08 10:00",
            day("Mon 2026-03-16"),
        ),  # Friday, Sunday: nothing lost
        (
            "Sat 2026-03-07 10:00",
            6,
            "Sun 2026-03-08 10:00",
            day("Mon 2026-03-16"),
        ),  # Saturday, Sunday: nothing lost
        (
            "Fri 2026-03-06 09:00",
            6,
            "Fri 2026-03-06 17:00",
            day("Mon 2026-03-16"),
        ),  # the same day: nothing lost
        (
            "Fri 2026-03-06 16:00",
            6,
            "Mon 2026-03-09 10:00",
            day("Tue 2026-03-17"),
        ),  # Friday, Monday: Monday is day 0
        ("Mon 2026-03-02 10:00", 10, "Wed 2026-03-04 10:00", day("Wed 2026-03-18")),
        ("Fri 2026-03-13 10:00", 1, "Fri 2026-03-13 15:00", day("Mon 2026-03-16")),  # one left
        (
            "Mon 2026-03-16 10:00",
            1,
            "Mon 2026-03-16 15:00",
            day("Tue 2026-03-17"),
        ),  # on the last day: one at least
        ("Tue 2026-03-17 10:00", 1, "Tue 2026-03-17 15:00", day("Wed 2026-03-18")),  # after it: one at least
    ],
)
def test_a_pause_keeps_what_remained(
    cal: WorkingCalendar, paused: str, remaining: int, resumed: str, last_day: date
) -> None:
    assert cal.remaining(at(paused), LAST_DAY) == remaining
    assert cal.resume(at(resumed), remaining).last_day == last_day


@pytest.mark.rule("R5")
def test_a_resumed_limit_keeps_the_cutoff_it_is_given(cal: WorkingCalendar) -> None:
    resumed = cal.resume(at("Mon 2026-03-09 10:00"), 1, time(17, 30))
    assert resumed.due_at == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.mark.rule("R30", "R14")
@pytest.mark.parametrize(
    ("day", "n", "before"),
    [
        (day("Mon 2026-03-16"), 1, day("Fri 2026-03-13")),
        (day("Mon 2026-03-16"), 2, day("Thu 2026-03-12")),
        (day("Sun 2026-03-15"), 1, day("Fri 2026-03-13")),
        (
            day("Tue 2026-02-24"),
            1,
            day("Sat 2026-02-14"),
        ),  # Tuesday → the make-up Saturday before the festival
    ],
)
def test_a_warning_comes_so_many_working_days_before(
    cal: WorkingCalendar, day: date, n: int, before: date
) -> None:
    assert cal.working_days_before(day, n) == before


@pytest.mark.rule("R2")
@pytest.mark.parametrize(
    ("after", "until", "count"),
    [
        (day("Fri 2026-02-13"), day("Tue 2026-02-24"), 2),
        (day("Fri 2026-03-06"), day("Sun 2026-03-08"), 0),
        (day("Mon 2026-03-09"), day("Mon 2026-03-09"), 0),  # itself
        (day("Tue 2026-03-10"), day("Mon 2026-03-09"), 0),  # the Monday before
    ],
)
def test_working_days_are_counted_from_the_day_after(
    cal: WorkingCalendar, after: date, until: date, count: int
) -> None:
    assert cal.working_days_between(after, until) == count
