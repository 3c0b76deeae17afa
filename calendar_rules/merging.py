"""Merging published arrangements into the library's days (R1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from calendar_rules.arrangements import all_days
from calendar_rules.errors import InvalidArrangement
from calendar_rules.model import Arrangement, NamedDay, YearPlan


@dataclass(frozen=True)
class DayTables:
    """Days off and make-up working days by date with their names, over whole years.

    `statutory` are the days off that the law itself grants, whatever a year's arrangement says. `published`
    are the years whose arrangement is known.
    """

    days_off: dict[date, str]
    make_up_days: dict[date, str]
    statutory: frozenset[date]
    published: frozenset[int]


def in_order(arrangements: Iterable[Arrangement]) -> tuple[Arrangement, ...]:
    """Oldest first, so that the later notice prevails."""
    unique = set(arrangements)
    ids = [arrangement.id for arrangement in unique]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise InvalidArrangement(
            f"有两份不同的放假安排用了同一编号：{'、'.join(repeated)}，请换一个编号（R1）"
        )
    return tuple(sorted(unique, key=lambda item: (item.published, item.id)))


def overlay(tables: DayTables, arrangements: Iterable[Arrangement]) -> DayTables:
    """New tables with the arrangements merged in; the argument is not changed."""
    days_off, make_up_days = dict(tables.days_off), dict(tables.make_up_days)
    published = set(tables.published)
    for arrangement in in_order(arrangements):
        _check_statutory(arrangement, tables.statutory)
        if arrangement.year is not None:
            published.add(arrangement.year)
            _drop_year(days_off, arrangement.year, keep=tables.statutory)
            _drop_year(make_up_days, arrangement.year)
        for day in all_days(arrangement):
            days_off.pop(day, None)
            make_up_days.pop(day, None)
        days_off.update((item.date, item.name) for item in arrangement.days_off)
        make_up_days.update((item.date, item.name) for item in arrangement.make_up_days)
    return DayTables(days_off, make_up_days, tables.statutory, frozenset(published))


def year_plans(tables: DayTables, years: Iterable[int]) -> list[YearPlan]:
    return [
        YearPlan(
            year=year,
            provisional=year not in tables.published,
            days_off=_of_year(tables.days_off, year),
            make_up_days=_of_year(tables.make_up_days, year),
        )
        for year in years
    ]


def _check_statutory(arrangement: Arrangement, statutory: frozenset[date]) -> None:
    for item in arrangement.make_up_days:
        if item.date in statutory:
            raise InvalidArrangement(f"调休上班日 {item.date} 是法定节假日，不能安排上班：请核对（R1）")


def _drop_year(days: dict[date, str], year: int, *, keep: frozenset[date] = frozenset()) -> None:
    for day in [day for day in days if day.year == year and day not in keep]:
        del days[day]


def _of_year(days: dict[date, str], year: int) -> tuple[NamedDay, ...]:
    return tuple(NamedDay(date=day, name=days[day]) for day in sorted(days) if day.year == year)
