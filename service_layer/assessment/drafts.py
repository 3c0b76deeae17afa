"""A period's draft, made anew from the records each time that it is read (R60-R62). Nothing is published yet."""

from dataclasses import dataclass
from datetime import datetime

from assessment.editions.composed import composed_edition
from assessment.editions.model import Edition
from assessment.editions.monthly import monthly_edition
from assessment.facts.events import JOURNAL_KINDS
from assessment.facts.extraction import facts_of, revoked_lights
from assessment.facts.life import Life, parts_of
from assessment.facts.model import Fact
from assessment.periods import Period, PeriodKind, check_begun
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from claims.model.organisation import Organisation
from records.database.engine import Records
from records.queries.assessment import Span, claims_touching, unit_accounts


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition that is not published, and the rows behind its figures."""

    edition: Edition
    facts: tuple[Fact, ...]


def make_draft(records: Records, organisation: Organisation, period: Period, *, now: datetime) -> Draft:
    """The figures as they stand now. Raises `Refused` for a period that has not begun, and for a longer one, which
    is made from published months; RecordsUnavailable."""
    check_begun(period, now)
    units, scheme = assessed_units(organisation), scheme_for(period, load_schemes())
    if period.kind is not PeriodKind.MONTH:
        return Draft(composed_edition(period, (), units, scheme), facts=())
    facts = tuple(month_facts(records, period, until=now))
    return Draft(monthly_edition(period, facts, units, scheme), facts)


def month_facts(records: Records, period: Period, *, until: datetime) -> list[Fact]:
    """The facts of a period that the claims on record give. Raises RecordsUnavailable."""
    revoked = frozenset[str]().union(*map(revoked_lights, unit_accounts(records)))
    span = Span(first_day=period.first_day, starts_at=period.starts_at, ends_at=period.ends_at)
    facts: list[Fact] = []
    for found in claims_touching(records, span, JOURNAL_KINDS):
        life = Life(
            claim=found.claim,
            entries=found.entries,
            until=until,
            revoked=revoked,
            parts=parts_of(found.claim),
        )
        facts += period.facts(facts_of(life))
    return facts
