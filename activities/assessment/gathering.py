"""What a month's figures are made from: the facts that the claims on record give, and which lines they came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from assessment.facts.events import JOURNAL_KINDS
from assessment.facts.extraction import facts_of, revoked_lights
from assessment.facts.life import Life, parts_of
from assessment.facts.model import Fact
from assessment.periods import Period
from records.accounts import every_account
from records.database.engine import Records
from records.queries.assessment import Span, claims_touching

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
class Gathered:
    """A month's facts, and their basis."""

    facts: tuple[Fact, ...]
    basis: Basis


def gather(records: Records, period: Period, *, until: datetime) -> Gathered:
    """The facts of a month. Raises RecordsUnavailable."""
    accounts = every_account(records)
    revoked = frozenset[str]().union(*map(revoked_lights, accounts))
    span = Span(first_day=period.first_day, starts_at=period.starts_at, ends_at=period.ends_at)
    facts: list[Fact] = []
    claims: dict[str, int] = {}
    for found in claims_touching(records, span, JOURNAL_KINDS):
        life = Life(
            claim=found.claim,
            entries=found.entries,
            until=until,
            revoked=revoked,
            parts=parts_of(found.claim),
        )
        if own := period.facts(facts_of(life)):
            facts += own
            claims[found.claim.number] = found.claim.seq
    units = {account.unit: account.seq for account in accounts}
    return Gathered(tuple(facts), Basis(period=str(period), until=until, claims=claims, units=units))
