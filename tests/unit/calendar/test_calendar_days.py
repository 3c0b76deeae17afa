"""Working days (R1)."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from calendar_rules import CalendarYear, WorkingCalendar
from tests.support.dates import day

ONE_DAY = timedelta(days=1)

# Days on which the independent table is wrong, each with the notice. There is none.
INDEPENDENT_TABLE_ERRS: dict[date, str] = {}


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    ("day", "working", "why"),
    [
        (day("Mon 2026-03-09"), True, "工作日"),
        (day("Sat 2026-03-07"), False, "周六，休息日"),
        (day("Sun 2026-03-08"), False, "周日，休息日"),
        (day("Sat 2026-02-14"), True, "周六，春节调休上班"),
        (day("Sun 2026-01-04"), True, "周日，元旦调休上班"),
        (day("Mon 2026-02-16"), False, "农历除夕放假"),
        (day("Fri 2026-02-20"), False, "春节调休放假"),
        (day("Mon 2026-04-06"), False, "清明节补假"),  # for Sunday the 5th
        (day("Thu 2026-10-01"), False, "国庆节放假"),
        (day("Sat 2026-10-03"), False, "国庆节放假"),
        (day("Wed 2025-10-08"), False, "国庆节、中秋节调休放假"),
        (day("Fri 2020-01-31"), False, "春节延长假期"),
        (day("Mon 2027-02-08"), False, "春节放假（暂定）"),  # no arrangement yet
        (day("Mon 2027-03-08"), True, "工作日（暂定）"),  # no arrangement yet
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
    assert cal.status(day("Thu 2026-10-01")).name == "国庆节"
    assert cal.status(day("Mon 2026-03-09")).name is None


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
        (day("Thu 2015-09-03"), day("Sat 2015-09-05"), [day("Sun 2015-09-06")]),
        # 国办发明电〔2019〕16号 as extended by 国办发明电〔2020〕1号: Friday to Sunday; 1 February no longer worked
        (day("Fri 2020-01-24"), day("Sun 2020-02-02"), [day("Sun 2020-01-19")]),
        # 国办发明电〔2024〕12号: Tuesday to Tuesday
        (day("Tue 2025-01-28"), day("Tue 2025-02-04"), [day("Sun 2025-01-26"), day("Sat 2025-02-08")]),
        # 国办发明电〔2024〕12号: Wednesday to Wednesday
        (day("Wed 2025-10-01"), day("Wed 2025-10-08"), [day("Sun 2025-09-28"), day("Sat 2025-10-11")]),
        # 国办发明电〔2025〕7号: Sunday to Monday
        (day("Sun 2026-02-15"), day("Mon 2026-02-23"), [day("Sat 2026-02-14"), day("Sat 2026-02-28")]),
        # 国办发明电〔2025〕7号: Thursday to Wednesday
        (day("Thu 2026-10-01"), day("Wed 2026-10-07"), [day("Sun 2026-09-20"), day("Sat 2026-10-10")]),
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
        day("Sat 2027-02-06"),
        day("Wed 2028-01-26"),
        day("Tue 2029-02-13"),
        day("Sun 2030-02-03"),
        day("Thu 2031-01-23"),
        day("Wed 2032-02-11"),
        day("Mon 2033-01-31"),
        day("Sun 2034-02-19"),
        day("Thu 2035-02-08"),
        day("Mon 2036-01-28"),
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
    assert not cal.is_working_day(day("Thu 2036-01-31"))  # for the eve on Sunday the 27th


@pytest.mark.rule("R1")
def test_a_year_lists_holidays_and_make_up_days_and_no_plain_weekends(cal: WorkingCalendar) -> None:
    year = cal.year(2026)
    off = {item.date: item.name for item in year.days_off}
    assert (year.provisional, year.version) == (False, cal.version)
    assert off[day("Mon 2026-02-16")] == "农历除夕"
    assert off[day("Sun 2026-04-05")] == "清明节"
    assert day("Sat 2026-03-07") not in off
    assert [item.date for item in year.make_up_days] == [
        day("Sun 2026-01-04"),
        day("Sat 2026-02-14"),
        day("Sat 2026-02-28"),
        day("Sat 2026-05-09"),
        day("Sun 2026-09-20"),
        day("Sat 2026-10-10"),
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
