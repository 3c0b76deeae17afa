"""China's days off and make-up working days from the `holidays` library, its only user.

The library cites the State Council's notice of every year. It names a day off that was moved there
"休息日（由 … 调休）"; here it has the name of the holiday that it lengthens.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from holidays import HolidayBase, country_holidays
from holidays.countries.china import ChinaStaticHolidays

from calendar_rules.merging import DayTables
from calendar_rules.wording import SATURDAY

_MOVED = "（调休）"
_HOLIDAY_OF = {"农历除夕": "春节", "春节延长假期": "春节"}
_ONE_DAY = timedelta(days=1)


def published_years() -> frozenset[int]:
    """Return the years whose arrangement the library has."""
    return frozenset(ChinaStaticHolidays.special_public_holidays)


def library_tables(first_year: int, last_year: int) -> DayTables:
    """Return the library's days of the years from first to last; unpublished years have their statutory days."""
    library = _library(first_year, last_year, observed=True)
    years = range(first_year, last_year + 1)
    make_up = {day for day in library.weekend_workdays if day.year in years}
    names = {day: _spoken(name) for day, name in library.items() if day.year in years}
    moved = {off: work for off, work in _moved_days(years) if off in names}
    own = {day: name for day, name in names.items() if day not in moved}
    names |= {day: _run_name(day, names, own, make_up) + _MOVED for day in moved}
    reasons = {work: names[off].removesuffix(_MOVED) + "调休上班" for off, work in moved.items()}
    return DayTables(
        days_off=names,
        make_up_days={day: reasons.get(day, "调休上班") for day in make_up},
        statutory=_statutory_days(first_year, last_year),
        published=published_years() & frozenset(years),
    )


def _library(first_year: int, last_year: int, *, observed: bool) -> HolidayBase:
    years = range(first_year, last_year + 1)
    return country_holidays("CN", years=years, language="zh_CN", expand=False, observed=observed)


def _statutory_days(first_year: int, last_year: int) -> frozenset[date]:
    """Return the days that the law names: neither substitutes nor a notice's own days."""
    special = {
        date(year, entry[0], entry[1])
        for year, entries in ChinaStaticHolidays.special_public_holidays.items()
        for entry in entries
    }
    return frozenset(_library(first_year, last_year, observed=False)) - special


def _moved_days(years: range) -> Iterator[tuple[date, date]]:
    """Pairs: a weekday off, and the weekend day worked for it."""
    for year in years:
        for entry in ChinaStaticHolidays.special_public_holidays.get(year, ()):
            match entry:
                case (int(month), int(day), int(work_month), int(work_day)):
                    yield date(year, month, day), date(year, work_month, work_day)
                case (int(month), int(day), int(work_month), int(work_day), int(work_year)):
                    yield date(year, month, day), date(work_year, work_month, work_day)


def _spoken(name: str) -> str:
    """Return the names of holidays on one day, in the order of the notice."""
    return "、".join(sorted(name.split("; "), key=lambda part: part != "国庆节"))


def _run_name(day: date, names: Mapping[date, str], own: Mapping[date, str], make_up: set[date]) -> str:
    """Return the holidays of the run of days off around a day, in order: 国庆节、中秋节."""
    first = last = day
    while _rests(first - _ONE_DAY, names, make_up):
        first -= _ONE_DAY
    while _rests(last + _ONE_DAY, names, make_up):
        last += _ONE_DAY
    run = (first + timedelta(days=n) for n in range((last - first).days + 1))
    found = [part for each in run for part in own.get(each, "").split("、")]
    holidays = [_HOLIDAY_OF.get(part, part) for part in found if part and "补假" not in part]
    return "、".join(dict.fromkeys(holidays)) or "节假日"


def _rests(day: date, names: Mapping[date, str], make_up: set[date]) -> bool:
    return day in names or (day.weekday() >= SATURDAY and day not in make_up)
