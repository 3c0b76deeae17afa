"""Groups a month's figures in the database, so that models are created for the results only (R60)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from assessment.editions.monthly import PooledMonth
from assessment.scoring.figures import BLANK, Figure, Figures, distinct
from assessment.terms import COUNTS, FEWER_IS_BETTER, Measure
from assessment.units import AssessedUnits
from claims.model.organisation import PLATFORM
from records.database import dialects
from records.facts.reader import Month
from records.tables import FACT

SEPARATOR: Final = ","


class _Group(NamedTuple):
    """The database's result for one group: sums, and the claims that count and that do not."""

    unit: str
    unit_name: str
    measure: Measure
    district: str
    n: int
    of: int
    ones: list[str]
    zeros: list[str]


@dataclass(slots=True)
class _Tally:
    """Combined groups."""

    n: int = 0
    of: int = 0
    ones: list[str] = field(default_factory=list)
    zeros: list[str] = field(default_factory=list)

    def add(self, group: "_Group") -> None:
        self.n += group.n
        self.of += group.of
        self.ones += group.ones
        self.zeros += group.zeros

    def figure(self, measure: Measure) -> Figure:
        lost = self.ones if measure in FEWER_IS_BETTER else self.zeros
        return Figure(
            n=self.n,
            of=None if measure in COUNTS else self.of,
            claims=distinct(self.ones + self.zeros),
            lost=distinct(lost),
        )


_Tallies = defaultdict[str, defaultdict[Measure, _Tally]]


def _tallies() -> _Tallies:
    return defaultdict(lambda: defaultdict(_Tally))


def pooled_by_database(
    connection: Connection, month: Month, units: AssessedUnits, *, without: Collection[str] = ()
) -> PooledMonth:
    """Return the result of `assessment.editions.monthly.pool_month` for the month's rows, without these claims."""
    of_units, of_districts = _tallies(), _tallies()
    names: defaultdict[str, set[str]] = defaultdict(set)
    where = and_(*month.rows(), FACT.c.number.not_in(without)) if without else and_(*month.rows())
    for group in _groups(connection, where):
        answering = units.answering_for(group.unit).id
        names[answering].add(group.unit_name)
        _add(of_units[answering], group)
        if group.district:
            _add(of_districts[group.district], group)
    return PooledMonth(
        units=_figures(of_units),
        names={unit: frozenset(each) for unit, each in names.items()},
        districts=_figures(of_districts),
        platform=_delays(connection, where),
    )


def _add(tallies: defaultdict[Measure, _Tally], group: "_Group") -> None:
    """Add a group. Rows that do not count add only their unit and district."""
    if group.ones or group.zeros:
        tallies[group.measure].add(group)


def _numbers(text: str | None) -> list[str]:
    return text.split(SEPARATOR) if text else []


def _figures(tallies: Mapping[str, Mapping[Measure, _Tally]]) -> dict[str, Figures]:
    return {
        key: {**BLANK, **{measure: tally.figure(measure) for measure, tally in tallies[key].items()}}
        for key in sorted(tallies)
    }


def _sum_columns() -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[str], ColumnElement[str]]:
    def counted(value: ColumnElement[int]) -> ColumnElement[int]:
        return func.sum(case((FACT.c.counted, value), else_=0))

    def numbers(n: int) -> ColumnElement[str]:
        return func.aggregate_strings(case((and_(FACT.c.counted, FACT.c.n == n), FACT.c.number)), SEPARATOR)

    return counted(FACT.c.n), counted(FACT.c.of), numbers(1), numbers(0)


def _groups(connection: Connection, where: ColumnElement[bool]) -> Iterator[_Group]:
    keys = (FACT.c.unit, FACT.c.unit_name, FACT.c.measure, FACT.c.district)
    grouped = select(*keys, *_sum_columns()).where(where, FACT.c.unit != PLATFORM.id).group_by(*keys)
    for unit, unit_name, measure, district, n, of, ones, zeros in connection.execute(grouped):
        yield _Group(unit, unit_name, Measure(measure), district, n, of, _numbers(ones), _numbers(zeros))


def _delays(connection: Connection, where: ColumnElement[bool]) -> dict[str, Figure]:
    kind = dialects.before(FACT.c.about, ":", connection.dialect.name).label("kind")
    own = (FACT.c.unit == PLATFORM.id, FACT.c.measure == Measure.PLATFORM_DELAY.value)
    grouped = select(kind, *_sum_columns()).where(where, *own).group_by(kind).order_by(kind)
    found: dict[str, Figure] = {}
    for name, n, of, ones, zeros in connection.execute(grouped):
        found[name] = _Tally(n, of, _numbers(ones), _numbers(zeros)).figure(Measure.PLATFORM_DELAY)
    return found
