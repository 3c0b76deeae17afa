"""What a month's figures are made from: the facts that the claims on record give, and which lines they came from."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from assessment.editions.monthly import PooledMonth, joined, pool_month
from assessment.facts.exclusions import Exclusion
from assessment.facts.extraction import revoked_lights, with_revocations
from assessment.facts.model import Fact
from assessment.periods import Period
from assessment.units import AssessedUnits
from records.database.engine import Records
from records.facts.month import RecordedMonth, recorded_month

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
    """A month's facts as they are on record, without the lights that are revoked. Raises RecordsUnavailable."""

    _recorded: RecordedMonth
    _revoked: frozenset[str]

    def pooled(self, units: AssessedUnits, exclusions: Collection[Exclusion]) -> PooledMonth:
        """Its figures: grouped by the database, but for the claims of which something is excluded or revoked."""
        numbers = {one.claim for one in exclusions} | {light.partition("/")[0] for light in self._revoked}
        some = with_revocations(self._recorded.of_claims(numbers), self._revoked)
        rest = self._recorded.pooled(units, without={fact.claim for fact in some})
        return joined([rest, pool_month(some, units, exclusions)]) if some else rest

    def facts(self) -> Iterator[tuple[str, tuple[Fact, ...]]]:
        """All rows, unit by unit."""
        for unit in self._recorded.units():
            if own := self.facts_of(unit):
                yield unit, own

    def facts_of(self, unit: str) -> tuple[Fact, ...]:
        """A unit's rows."""
        return with_revocations(self._recorded.of_unit(unit), self._revoked)

    def basis(self) -> Basis:
        """What the rows were made from."""
        month = self._recorded.month
        return Basis(
            period=str(month.period),
            until=month.until,
            claims=self._recorded.lines(),
            units={account.unit: account.seq for account in self._recorded.accounts},
        )


@contextmanager
def gathering(records: Records, period: Period, *, until: datetime) -> Iterator[Gathering]:
    """The facts of a month. Raises RecordsUnavailable; `Refused` where claims of the month have none on record."""
    with recorded_month(records, period, until=until) as recorded:
        revoked = frozenset[str]().union(*map(revoked_lights, recorded.accounts))
        yield Gathering(recorded, revoked)
