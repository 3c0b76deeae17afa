"""What a month's figures are made from: the facts that the claims on record give, and which lines they came from."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from assessment.editions.monthly import PooledMonth, joined, pool_month
from assessment.facts.exclusions import Exclusion
from assessment.facts.extraction import revoked_lights, with_revocations
from assessment.facts.model import Fact
from assessment.periods import Period
from assessment.units import AssessedUnits
from claims.model.unit_account import UnitAccount
from records.accounts import accounts_within
from records.database.engine import Records
from records.facts.pooling import pooled_by_database
from records.facts.reading import (
    Month,
    check_complete,
    facts_of_claims,
    facts_of_unit,
    lines_of,
    units_of,
)

BASIS_FORMAT: Final = 1


class Basis(BaseModel):
    """Of each claim and each unit's account, the last line of the journal that was taken into account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = BASIS_FORMAT
    period: str
    until: datetime
    claims: Mapping[str, int]
    """Those that gave a fact of the period."""
    units: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gathering:
    """A month's facts as they are on record, all of them at one instant. Raises RecordsUnavailable."""

    month: Month
    _connection: Connection
    _accounts: Sequence[UnitAccount]
    _revoked: frozenset[str]

    def pooled(self, units: AssessedUnits, exclusions: Collection[Exclusion]) -> PooledMonth:
        """Its figures: grouped by the database, but for the claims of which something is excluded or revoked."""
        numbers = {one.claim for one in exclusions} | {light.partition("/")[0] for light in self._revoked}
        some = with_revocations(facts_of_claims(self._connection, self.month, numbers), self._revoked)
        without = {fact.claim for fact in some}
        rest = pooled_by_database(self._connection, self.month, units, without=without)
        return joined([rest, pool_month(some, units, exclusions)]) if some else rest

    def facts(self) -> Iterator[tuple[str, tuple[Fact, ...]]]:
        """All rows, unit by unit."""
        for unit in units_of(self._connection, self.month):
            if own := self.facts_of(unit):
                yield unit, own

    def facts_of(self, unit: str) -> tuple[Fact, ...]:
        """A unit's rows."""
        return with_revocations(facts_of_unit(self._connection, self.month, unit), self._revoked)

    def basis(self) -> Basis:
        """What the rows were made from."""
        return Basis(
            period=str(self.month.period),
            until=self.month.until,
            claims=lines_of(self._connection, self.month),
            units={account.unit: account.seq for account in self._accounts},
        )


@contextmanager
def gathering(records: Records, period: Period, *, until: datetime) -> Iterator[Gathering]:
    """The facts of a month. Raises RecordsUnavailable; `Refused` where claims of the month have none on record."""
    with records.reading() as connection:
        check_complete(connection, period)
        accounts = accounts_within(connection)
        revoked = frozenset[str]().union(*map(revoked_lights, accounts))
        yield Gathering(Month(period, until), connection, accounts, revoked)
