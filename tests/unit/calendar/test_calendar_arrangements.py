"""Arrangements published after the holidays library, and corrections (R1)."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from calendar_rules import Arrangement, InvalidArrangement, WorkingCalendar, validate_arrangement
from calendar_rules.china import library_tables
from calendar_rules.loader import load_calendar, packaged_overrides
from calendar_rules.merging import overlay, year_plans
from tests.support.dates import beijing, day, iso


def days(first: date, last: date) -> list[str]:
    return [str(first + timedelta(days=n)) for n in range((last - first).days + 1)]


def arrangement_2027(**changes: object) -> dict[str, object]:
    """Return an invented arrangement."""
    off = [{"date": day, "name": "春节"} for day in days(date(2027, 2, 5), date(2027, 2, 12))]
    return {
        "id": "2027",
        "published": "2026-11-05",
        "source": "虚构的通知，仅供测试",
        "year": 2027,
        "days_off": [{"date": "2027-01-01", "name": "元旦"}, *off],
        "make_up_days": [{"date": iso("Sat 2027-01-30"), "name": "春节"}, iso("Sat 2027-02-20")],  # s
        **changes,
    }


@pytest.mark.rule("R1")
def test_a_published_arrangement_makes_its_year_certain(cal: WorkingCalendar) -> None:
    known = load_calendar([validate_arrangement(arrangement_2027())])
    assert (cal.year(2027).provisional, known.year(2027).provisional) == (True, False)
    assert known.version != cal.version
    assert known.status(day("Sat 2027-01-30")).why == "周六，春节调休上班"
    assert known.status(day("Sat 2027-02-20")).why == "周六，调休上班"
    assert known.status(day("Fri 2027-02-12")).why == "春节放假"
    assert known.last_day == day("Thu 2037-12-31")


@pytest.mark.rule("R1", "R6")
def test_a_deadline_moves_when_the_arrangement_is_known(cal: WorkingCalendar) -> None:
    start = beijing("Thu 2027-02-04 10:00")
    estimate = cal.deadline(start, 1)
    known = load_calendar([validate_arrangement(arrangement_2027())]).deadline(start, 1)
    assert (estimate.last_day, estimate.provisional) == (day("Thu 2027-02-11"), True)
    assert (known.last_day, known.provisional) == (day("Mon 2027-02-15"), False)
    assert estimate.calendar_version != known.calendar_version


@pytest.mark.rule("R1")
def test_statutory_holidays_hold_though_an_arrangement_leaves_them_out() -> None:
    known = load_calendar([validate_arrangement(arrangement_2027())])
    assert known.status(day("Fri 2027-10-01")).why == "国庆节放假"
    assert known.status(day("Mon 2027-10-04")).why == "工作日"  # substitute days are the notice's to give


@pytest.mark.rule("R1")
def test_next_years_notice_may_arrange_the_last_days_of_december() -> None:
    raw = arrangement_2027(make_up_days=["2026-12-26"], days_off=["2026-12-31", "2027-01-01"])
    known = load_calendar([validate_arrangement(raw)])
    assert known.is_working_day(day("Sat 2026-12-26"))
    assert not known.is_working_day(day("Thu 2026-12-31"))


@pytest.mark.rule("R1")
def test_a_correction_changes_its_days_alone(cal: WorkingCalendar) -> None:
    raw = {
        "published": "2026-06-01",
        "source": "虚构的通知，仅供测试",
        "days_off": [iso("Thu 2026-09-03")],
        "make_up_days": [iso("Sun 2026-09-06")],
        "ordinary_days": ["2026-10-10", "2026-10-07"],  # a make-up Saturday, a holiday Wednesday
    }
    corrected = load_calendar([validate_arrangement(raw)])
    changed = [
        day
        for n in range(365)
        if cal.is_working_day(day := date(2026, 1, 1) + timedelta(days=n)) != corrected.is_working_day(day)
    ]
    assert changed == [date(2026, 9, 3), date(2026, 9, 6), date(2026, 10, 7), date(2026, 10, 10)]
    assert cal.published_years == corrected.published_years


@pytest.mark.rule("R1")
def test_of_two_arrangements_the_later_prevails_in_whatever_order() -> None:
    first = validate_arrangement(arrangement_2027())
    later = validate_arrangement(
        arrangement_2027(id="2027-again", published="2026-12-01", make_up_days=["2027-02-27"])
    )
    calendar = load_calendar([later, first])
    assert calendar is load_calendar([first, later])
    assert [item.date for item in calendar.year(2027).make_up_days] == [day("Sat 2027-02-27")]


@pytest.mark.rule("R1")
def test_the_same_arrangement_twice_is_one_and_another_of_its_id_is_refused() -> None:
    once = validate_arrangement(arrangement_2027())
    other = validate_arrangement(arrangement_2027(make_up_days=[]))
    assert load_calendar([once, once]) is load_calendar([once])
    with pytest.raises(InvalidArrangement, match="同一编号：2027"):
        load_calendar([once, other])


@pytest.mark.rule("R1")
def test_the_version_stays_when_only_words_change() -> None:
    one = load_calendar([validate_arrangement(arrangement_2027())])
    raw = arrangement_2027(
        id="another", note="换了说明", source="换了文号", make_up_days=["2027-02-20", "2027-01-30"]
    )
    assert load_calendar([validate_arrangement(raw)]).version == one.version


@pytest.mark.rule("R1")
def test_the_version_stays_when_an_arrangement_is_filed_in_two() -> None:
    whole = load_calendar([validate_arrangement(arrangement_2027())])
    part = validate_arrangement(arrangement_2027(make_up_days=[]))
    rest = validate_arrangement(
        {
            "published": "2026-11-06",
            "source": "虚构的通知，仅供测试",
            "make_up_days": [iso("Sat 2027-01-30"), iso("Sat 2027-02-20")],  # s
        }
    )
    assert load_calendar([part, rest]).version == whole.version


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"make_up_days": ["2027-02-22"]}, "2027-02-22 是周一，不是周末"),
        ({"make_up_days": ["2027-02-06"]}, "2027-02-06 填了不止一次"),
        ({"days_off": ["2027-01-01", "2027-01-01"]}, "2027-01-01 填了不止一次"),
        ({"ordinary_days": ["2027-02-05"]}, "2027-02-05 填了不止一次"),
        ({"days_off": ["2028-01-01"]}, "2028-01-01 不在这份安排可填的日期"),
        ({"days_off": ["2026-12-24"]}, "2026-12-24 不在这份安排可填的日期"),
        ({"days_off": ["2027-02-29"]}, "2027-02-29 不存在"),
        ({"days_off": ["2027/02/05"]}, "请写成 2027-02-05"),
        ({"days_off": ["20270205"]}, "请写成 2027-02-05"),
        ({"days_off": [datetime(2027, 2, 5, tzinfo=UTC)]}, "请写成 2027-02-05"),
        ({"days_off": [20270205]}, "请写成 2027-02-05"),
        ({"days_off": "2027-02-05"}, "应是日期的列表"),
        ({"days_off": [{"day": "2027-02-05"}]}, "只能有 date 和 name"),
        ({"days_off": [{"date": "2027-02-05", "name": ""}]}, "days_off 的名称 name"),
        ({"days_off": []}, "没有放假日期"),
        ({"days_off": days(day("Mon 2027-03-01"), day("Fri 2027-04-30"))}, "放假日有 61 天，多于 60 天"),
        # Monday 15 to Friday 26 March, and the weekends on either side
        (
            {"days_off": days(day("Mon 2027-03-15"), day("Fri 2027-03-26"))},
            "2027-03-13 至 2027-03-28 连续放假 16 天",
        ),
        (
            {"make_up_days": [str(day("Sat 2027-03-06") + timedelta(weeks=n)) for n in range(21)]},
            "有 21 天，多于 20 天",
        ),
        ({"year": 1999}, "年份 1999 不对"),
        ({"year": "2027"}, "年份 '2027' 不对"),
        ({"year": True}, "年份 True 不对"),
        ({"published": None}, "公布日期"),
        ({"source": "  "}, "依据 source"),
        ({"source": "长" * 501}, "依据 source"),
        ({"id": ""}, "编号 id"),
        ({"note": 1}, "说明 note"),
        ({"holidays": []}, "不认识的字段：holidays"),
    ],
)
def test_an_arrangement_that_cannot_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidArrangement, match=message) as refused:
        validate_arrangement(arrangement_2027(**changes))
    assert refused.value.code == "R1"


@pytest.mark.rule("R1")
def test_what_is_no_arrangement_is_refused() -> None:
    with pytest.raises(InvalidArrangement, match="应是一个对象"):
        validate_arrangement(json.loads('["2027-02-05"]'))
    with pytest.raises(InvalidArrangement, match="没有放假日期"):
        validate_arrangement({"published": "2026-11-05", "source": "虚构的通知"})


@pytest.mark.rule("R1")
def test_a_statutory_holiday_cannot_be_made_a_working_day() -> None:
    raw = arrangement_2027(
        days_off=[iso("Fri 2027-01-01")], make_up_days=[iso("Sat 2027-02-06")]
    )  # lunar New Year
    with pytest.raises(InvalidArrangement, match="2027-02-06 是法定节假日"):
        load_calendar([validate_arrangement(raw)])


@pytest.mark.rule("R1")
def test_an_arrangement_far_from_the_known_years_is_refused() -> None:
    far = {"published": "2026-11-05", "source": "虚构的通知，仅供测试", "days_off": ["2072-01-01"]}
    with pytest.raises(InvalidArrangement, match="太远"):
        load_calendar([validate_arrangement({**far, "year": 2072})])
    with pytest.raises(InvalidArrangement, match="超出日历范围"):
        load_calendar([validate_arrangement(far)])


@pytest.mark.rule("R1")
def test_an_arrangement_survives_its_json_and_a_second_validation() -> None:
    arrangement = validate_arrangement(arrangement_2027())
    assert Arrangement.model_validate_json(arrangement.model_dump_json()) == arrangement
    assert validate_arrangement(arrangement) == arrangement
    assert validate_arrangement(arrangement.model_dump(mode="json")) == arrangement


@pytest.mark.rule("R1")
def test_the_library_has_what_the_packaged_overrides_say(cal: WorkingCalendar) -> None:
    tables = library_tables(2007, 2036)
    years = range(2007, 2037)
    bare = WorkingCalendar(year_plans(tables, years))
    assert packaged_overrides()
    assert WorkingCalendar(year_plans(overlay(tables, packaged_overrides()), years)).version == bare.version


@pytest.mark.rule("R1")
def test_every_packaged_override_cites_its_notice() -> None:
    assert all("〔" in override.source and "《" in override.source for override in packaged_overrides())
