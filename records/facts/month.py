"""A month's facts, read in one transaction (R60)."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from assessment.editions.monthly import PooledMonth
from assessment.facts.model import Fact
from assessment.periods import Period
from assessment.units import AssessedUnits
from claims.model.unit_account import UnitAccount
from records.accounts import accounts_within
from records.database.engine import Records
from records.facts import reader, row_texts
from records.facts.pooling import pooled_by_database
from records.facts.reader import Month


@dataclass(frozen=True, slots=True)
class RecordedMonth:
    """A month's records, and units' accounts."""

    month: Month
    accounts: Sequence[UnitAccount]
    _connection: Connection

    def pooled(self, units: AssessedUnits, *, without: Collection[str] = ()) -> PooledMonth:
        """Return the figures without these claims."""
        return pooled_by_database(self._connection, self.month, units, without=without)

    def of_claims(self, numbers: Collection[str]) -> Iterator[Fact]:
        """Return the rows of some claims."""
        return reader.facts_of_claims(self._connection, self.month, numbers)

    def of_unit(self, unit: str) -> tuple[Fact, ...]:
        """Return the rows of a unit."""
        return reader.facts_of_unit(self._connection, self.month, unit)

    def texts_of_unit(self, unit: str, *, without: Collection[str] = ()) -> list[str]:
        """Return a unit's rows, without these claims, as text for `records.facts.row_texts`."""
        return row_texts.texts_of_unit(self._connection, self.month, unit, without=without)

    def wrong_answers(self) -> tuple[Fact, ...]:
        """Return the rows of wrong immediate answers."""
        return reader.wrong_answers(self._connection, self.month)

    def units(self) -> list[str]:
        """Return the units that have rows."""
        return reader.units_of(self._connection, self.month)

    def lines(self) -> dict[str, int]:
        """Return the last journal line of each claim with rows."""
        return reader.lines_of(self._connection, self.month)


@contextmanager
def recorded_month(records: Records, period: Period, *, until: datetime) -> Iterator[RecordedMonth]:
    """Return a month up to an instant. Raises RecordsUnavailable; `Refused` if claims of the month have no
    recorded facts.
    """
    with records.reading() as connection:
        reader.check_complete(connection, period)
        yield RecordedMonth(Month(period, until), accounts_within(connection), connection)
