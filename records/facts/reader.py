"""Reads the facts of a month in one snapshot (R60)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Row, and_, func, not_, or_, select

from assessment.facts.model import Fact
from assessment.periods import Period
from assessment.terms import Measure
from claims.model.organisation import PLATFORM
from claims.model.refusals import Refused
from records.queries.claims import seqs_of
from records.tables import CLAIM, FACT, JOURNAL, LIMIT

AT_ONCE: Final = 500
_COLUMNS: Final = tuple(column for column in FACT.c if column.name != "month")
_NAMES: Final = tuple("claim" if column.name == "number" else column.name for column in _COLUMNS)


@dataclass(frozen=True, slots=True)
class Month:
    """A month, up to an instant."""

    period: Period
    until: datetime

    def rows(self) -> Sequence[ColumnElement[bool]]:
        """Return the conditions for the month's rows; for an unfinished month also that they are due
        (`assessment.facts.extraction.due`).
        """
        own = FACT.c.month == str(self.period)
        return (own,) if self.until >= self.period.ends_at else (own, not_(self._not_due()))

    def _not_due(self) -> ColumnElement[bool]:
        unsigned = and_(FACT.c.measure == Measure.SIGNED_FOR.value, FACT.c.counted, FACT.c.n == 0)
        waits = or_(FACT.c.measure == Measure.CO_UNIT_LATE.value, unsigned)
        return and_(func.coalesce(FACT.c.at, self.until) > self.until, waits)


def check_complete(connection: Connection, period: Period) -> None:
    """Raise `Refused` if claims of the period were last written by a version without facts."""
    due = select(LIMIT.c.number).where(LIMIT.c.number == CLAIM.c.number, LIMIT.c.last_day >= period.first_day)
    happened = select(JOURNAL.c.number).where(
        JOURNAL.c.number == CLAIM.c.number, JOURNAL.c.at >= period.starts_at
    )
    touching = (CLAIM.c.registered_at < period.ends_at, or_(due.exists(), happened.exists()))
    lacking = select(func.count(), func.min(CLAIM.c.number)).where(CLAIM.c.has_facts.is_(False), *touching)
    count, first = connection.execute(lacking).one()
    if count:
        reason = f"{period}有{count}件工单（如{first}）由早期版本写入，尚无考核数据，不能估算"
        raise Refused("R60", reason, "请先运行 zaoying db rebuild，由历史补齐")


def facts_of_claims(connection: Connection, month: Month, numbers: Collection[str]) -> Iterator[Fact]:
    """Yield the month's rows of some claims."""
    ordered = sorted(numbers)
    for start in range(0, len(ordered), AT_ONCE):
        some = ordered[start : start + AT_ONCE]
        wanted = select(*_COLUMNS).where(*month.rows(), FACT.c.number.in_(some))
        yield from _facts(connection.execute(wanted))


def facts_of_unit(connection: Connection, month: Month, unit: str) -> tuple[Fact, ...]:
    """Return the month's rows of a unit, by claim and id."""
    wanted = select(*_COLUMNS).where(*month.rows(), FACT.c.unit == unit)
    return tuple(sorted(_facts(connection.execute(wanted)), key=lambda fact: (fact.claim, fact.id)))


def wrong_answers(connection: Connection, month: Month) -> tuple[Fact, ...]:
    """Return the month's rows of wrong immediate answers."""
    own = (FACT.c.measure == Measure.KNOWLEDGE.value, FACT.c.unit == PLATFORM.id, FACT.c.n == 0)
    return tuple(_facts(connection.execute(select(*_COLUMNS).where(*month.rows(), *own))))


def units_of(connection: Connection, month: Month) -> list[str]:
    """Return the units with rows in the month, including the platform."""
    wanted = select(FACT.c.unit).where(FACT.c.month == str(month.period)).distinct()
    return sorted(connection.scalars(wanted))


def lines_of(connection: Connection, month: Month) -> dict[str, int]:
    """Return the last journal line of each claim with rows in the month."""
    return seqs_of(connection, select(FACT.c.number).where(*month.rows()))


def claim_facts(connection: Connection, number: str) -> tuple[Fact, ...]:
    """Return all of a claim's rows of all months, including those not due yet."""
    rows = connection.execute(select(*_COLUMNS).where(FACT.c.number == number))
    return tuple(sorted(_facts(rows), key=lambda fact: fact.id))


def _facts(rows: Iterable[Row[tuple[object, ...]]]) -> Iterator[Fact]:
    for row in rows:
        yield Fact.model_validate(dict(zip(_NAMES, row, strict=True)))
