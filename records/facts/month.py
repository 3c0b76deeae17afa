"""A month's facts, read within one transaction (R60)."""

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
    """What the records have of a month, and of units' accounts."""

    month: Month
    accounts: Sequence[UnitAccount]
    _connection: Connection

    def pooled(self, units: AssessedUnits, *, without: Collection[str] = ()) -> PooledMonth:
        """The figures, but for some claims."""
        return pooled_by_database(self._connection, self.month, units, without=without)

    def of_claims(self, numbers: Collection[str]) -> Iterator[Fact]:
        """The rows of some claims."""
        return reader.facts_of_claims(self._connection, self.month, numbers)

    def of_unit(self, unit: str) -> tuple[Fact, ...]:
        """The rows of a unit."""
        return reader.facts_of_unit(self._connection, self.month, unit)

    def texts_of_unit(self, unit: str, *, without: Collection[str] = ()) -> list[str]:
        """The same as texts that `records.facts.row_texts` reads again, but for some claims."""
        return row_texts.texts_of_unit(self._connection, self.month, unit, without=without)

    def wrong_answers(self) -> tuple[Fact, ...]:
        """The rows of answers on the spot that were wrong."""
        return reader.wrong_answers(self._connection, self.month)

    def units(self) -> list[str]:
        """The units that have rows."""
        return reader.units_of(self._connection, self.month)

    def lines(self) -> dict[str, int]:
        """Of each claim with rows, the last line of its journal."""
        return reader.lines_of(self._connection, self.month)


@contextmanager
def recorded_month(records: Records, period: Period, *, until: datetime) -> Iterator[RecordedMonth]:
    """A month as far as an instant. Raises RecordsUnavailable; `Refused` where claims of it have no facts on record."""
    with records.reading() as connection:
        reader.check_complete(connection, period)
        yield RecordedMonth(Month(period, until), accounts_within(connection), connection)
