"""Which days are worked (R1)."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from calendar_rules import CalendarYear, WorkingCalendar

ONE_DAY = timedelta(days=1)

# Days on which the independent table is wrong, each with the notice that says so. There is none.
INDEPENDENT_TABLE_ERRS: dict[date, str] = {}


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    ("day", "working", "why"),
    [
        (date(2026, 3, 9), True, "工作日"),  # Monday
        (date(2026, 3, 7), False, "周六，休息日"),  # Saturday
        (date(2026, 3, 8), False, "周日，休息日"),  # Sunday
        (date(2026, 2, 14), True, "周六，春节调休上班"),  # Saturday
        (date(2026, 1, 4), True, "周日，元旦调休上班"),  # Sunday
        (date(2026, 2, 16), False, "农历除夕放假"),  # Monday
        (date(2026, 2, 20), False, "春节调休放假"),  # Friday
        (date(2026, 4, 6), False, "清明节补假"),  # Monday, for Sunday the 5th
        (date(2026, 10, 1), False, "国庆节放假"),  # Thursday
        (date(2026, 10, 3), False, "国庆节放假"),  # Saturday
        (date(2025, 10, 8), False, "国庆节、中秋节调休放假"),  # Wednesday
        (date(2020, 1, 31), False, "春节延长假期"),  # Friday
        (date(2027, 2, 8), False, "春节放假（暂定）"),  # Monday, no arrangement yet
        (date(2027, 3, 8), True, "工作日（暂定）"),  # Monday, no arrangement yet
    ],
)
def test_a_day_is_worked_or_not_for_a_reason(
    cal: WorkingCalendar, day: date, working: bool, why: str
) -> None:
    status = cal.status(day)
    assert (status.working, status.why) == (working, why)
    assert cal.is_working_day(day) is working


@pytest.mark.rule("R1")
def test_a_day_off_has_its_holidays_name_and_a_plain_day_has_none(cal: WorkingCalendar) -> None:
    assert cal.status(date(2026, 10, 1)).name == "国庆节"  # Thursday
    assert cal.status(date(2026, 3, 9)).name is None  # Monday


@pytest.mark.rule("R1")
@pytest.mark.parametrize("year", range(2007, 2027))
def test_every_day_agrees_with_an_independent_table(cal: WorkingCalendar, year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    differing = [
        day
        for day in days
        if day.year == year and cal.is_working_day(day) != chinese_calendar.is_workday(day)
    ]
    assert differing == [day for day in INDEPENDENT_TABLE_ERRS if day.year == year]


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    ("first", "last", "make_up"),
    [
        # 国发明电〔2015〕1号: Thursday to Saturday, and Sunday the 6th worked
        (date(2015, 9, 3), date(2015, 9, 5), [date(2015, 9, 6)]),
        # 国办发明电〔2019〕16号 as extended by 国办发明电〔2020〕1号: Friday to Sunday; 1 February no longer worked
        (date(2020, 1, 24), date(2020, 2, 2), [date(2020, 1, 19)]),
        # 国办发明电〔2024〕12号: Tuesday to Tuesday
        (date(2025, 1, 28), date(2025, 2, 4), [date(2025, 1, 26), date(2025, 2, 8)]),
        # 国办发明电〔2024〕12号: Wednesday to Wednesday
        (date(2025, 10, 1), date(2025, 10, 8), [date(2025, 9, 28), date(2025, 10, 11)]),
        # 国办发明电〔2025〕7号: Sunday to Monday
        (date(2026, 2, 15), date(2026, 2, 23), [date(2026, 2, 14), date(2026, 2, 28)]),
        # 国办发明电〔2025〕7号: Thursday to Wednesday
        (date(2026, 10, 1), date(2026, 10, 7), [date(2026, 9, 20), date(2026, 10, 10)]),
    ],
)
def test_a_holiday_is_as_its_notice_says(
    cal: WorkingCalendar, first: date, last: date, make_up: list[date]
) -> None:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert not any(cal.is_working_day(day) for day in days)
    assert all(cal.is_working_day(day) for day in make_up)


@pytest.mark.rule("R1")
def test_the_arrangement_of_2026_and_all_before_it_are_published(cal: WorkingCalendar) -> None:
    assert set(cal.published_years) >= set(range(2007, 2027))


@pytest.mark.rule("R1")
def test_ten_years_after_the_last_published_one_are_covered_and_flagged(cal: WorkingCalendar) -> None:
    last = cal.published_years[-1]
    assert cal.last_day == date(last + 10, 12, 31)
    assert all(cal.year(year).provisional for year in range(last + 1, last + 11))


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    "new_year",  # the first day of the first lunar month
    [
        date(2027, 2, 6),  # Saturday
        date(2028, 1, 26),  # Wednesday
        date(2029, 2, 13),  # Tuesday
        date(2030, 2, 3),  # Sunday
        date(2031, 1, 23),  # Thursday
        date(2032, 2, 11),  # Wednesday
        date(2033, 1, 31),  # Monday
        date(2034, 2, 19),  # Sunday
        date(2035, 2, 8),  # Thursday
        date(2036, 1, 28),  # Monday
    ],
)
def test_a_year_without_an_arrangement_has_its_statutory_holidays(
    cal: WorkingCalendar, new_year: date
) -> None:
    year = new_year.year
    fixed = [date(year, 1, 1), date(year, 5, 1), date(year, 5, 2)]
    fixed += [date(year, 10, day) for day in (1, 2, 3)]
    festival = [new_year + timedelta(days=n) for n in (-1, 0, 1, 2)]
    assert not any(cal.is_working_day(day) for day in fixed + festival)


@pytest.mark.rule("R1")
def test_a_provisional_holiday_on_a_weekend_has_its_substitute_days(cal: WorkingCalendar) -> None:
    assert not cal.is_working_day(date(2036, 1, 31))  # Thursday, for the eve on Sunday the 27th


@pytest.mark.rule("R1")
def test_a_year_lists_holidays_and_make_up_days_and_no_plain_weekends(cal: WorkingCalendar) -> None:
    year = cal.year(2026)
    off = {item.date: item.name for item in year.days_off}
    assert (year.provisional, year.version) == (False, cal.version)
    assert off[date(2026, 2, 16)] == "农历除夕"  # Monday
    assert off[date(2026, 4, 5)] == "清明节"  # Sunday
    assert date(2026, 3, 7) not in off  # Saturday
    assert [item.date for item in year.make_up_days] == [
        date(2026, 1, 4),  # Sunday
        date(2026, 2, 14),  # Saturday
        date(2026, 2, 28),  # Saturday
        date(2026, 5, 9),  # Saturday
        date(2026, 9, 20),  # Sunday
        date(2026, 10, 10),  # Saturday
    ]


def test_a_year_has_the_json_that_clients_rely_on(cal: WorkingCalendar) -> None:
    data = cal.year(2026).model_dump(mode="json")
    assert set(data) == {"year", "provisional", "version", "days_off", "make_up_days"}
    assert data["make_up_days"][0] == {"date": "2026-01-04", "name": "元旦调休上班"}
    assert CalendarYear.model_validate(data) == cal.year(2026)


@pytest.mark.rule("R1")
def test_no_day_is_both_off_and_made_up_and_make_up_days_are_weekends(cal: WorkingCalendar) -> None:
    for year in range(cal.first_day.year, cal.last_day.year + 1):
        plan = cal.year(year)
        make_up = {item.date for item in plan.make_up_days}
        assert not make_up & {item.date for item in plan.days_off}
        assert all(day.weekday() >= 5 for day in make_up)


@pytest.mark.rule("R1")
def test_every_holiday_off_and_made_up_day_has_a_holidays_name(cal: WorkingCalendar) -> None:
    names = [item.name for year in cal.published_years for item in cal.year(year).days_off]
    names += [item.name for year in cal.published_years for item in cal.year(year).make_up_days]
    assert not [name for name in names if name.startswith(("节假日", "调休", "休息日"))]
