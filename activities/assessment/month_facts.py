"""The input of a month's figures: the facts of the recorded claims, and the journal lines they came from."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from activities.assessment.knowledge import Articles, article_versions
from assessment.editions.monthly import PooledMonth, joined, pool_month
from assessment.facts.exclusions import Exclusion
from assessment.facts.extraction import revoked_lights, with_revocations
from assessment.facts.knowledge import ArticleVersion, facts_of_articles, wrong_answers
from assessment.facts.model import Fact
from assessment.periods import Period
from assessment.units import AssessedUnits, assessed_units
from claims.lookup.unit_tree import Organisation
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
    articles: Mapping[str, tuple[ArticleVersion, ...]] = {}
    """The versions of the knowledge base's articles, from which its upkeep is counted."""


class RowsOfUnit(NamedTuple):
    """A unit's rows: those that the database wrote as texts, and the others."""

    unit: str
    texts: list[str]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """A month's facts as they are on record, without the lights that are revoked. Raises RecordsUnavailable."""

    _recorded: RecordedMonth
    _revoked: frozenset[str]
    _articles: Articles
    _upkeep: tuple[Fact, ...]

    def pooled(self, units: AssessedUnits, exclusions: Collection[Exclusion]) -> PooledMonth:
        """Return its figures: grouped by the database, but for the claims of which something is excluded or
        revoked.
        """
        numbers = {one.claim for one in exclusions} | self._with_revoked
        some = with_revocations(self._recorded.of_claims(numbers), self._revoked)
        rest = self._recorded.pooled(units, without={fact.claim for fact in some})
        touched = {fact.claim for fact in some}
        own = [fact for fact in self._upkeep if fact.claim in touched]
        upkeep = [fact for fact in self._upkeep if fact.claim not in touched]
        more = [pool_month([*some, *own], units, exclusions)] if some else []
        more += [pool_month(upkeep, units)] if upkeep else []
        return joined([rest, *more]) if more else rest

    def units(self) -> list[str]:
        """Return the units that have rows, the platform among them."""
        return sorted({*self._recorded.units(), *(fact.unit for fact in self._upkeep)})

    def to_keep(self) -> Iterator[RowsOfUnit]:
        """Yield all rows, unit by unit: as the database writes them, but for the claims with revoked lights."""
        some = self._with_revoked
        changed = with_revocations(self._recorded.of_claims(some), self._revoked)
        for unit in self.units():
            more = tuple(fact for fact in (*self._upkeep, *changed) if fact.unit == unit)
            own = RowsOfUnit(unit, self._recorded.texts_of_unit(unit, without=some), more)
            if own.texts or own.facts:
                yield own

    @property
    def _with_revoked(self) -> frozenset[str]:
        return frozenset(light.partition("/")[0] for light in self._revoked)

    def facts_of(self, unit: str) -> tuple[Fact, ...]:
        """Return a unit's rows."""
        upkeep = (fact for fact in self._upkeep if fact.unit == unit)
        return (*upkeep, *with_revocations(self._recorded.of_unit(unit), self._revoked))

    def basis(self) -> Basis:
        """Return what the rows were made from."""
        month = self._recorded.month
        return Basis(
            period=str(month.period),
            until=month.until,
            claims=self._recorded.lines(),
            units={account.unit: account.seq for account in self._recorded.accounts},
            articles=self._articles,
        )


def upkeep_of(
    articles: Articles, units: AssessedUnits, period: Period, *, until: datetime
) -> tuple[Fact, ...]:
    """Return a month's rows of knowledge upkeep."""
    return period.facts(facts_of_articles(articles, units, last_day=period.last_day, until=until))


@contextmanager
def month_facts(
    records: Records, period: Period, organisation: Organisation, *, until: datetime
) -> Iterator[MonthFacts]:
    """The facts of a month; `organisation`: as it was at its end. Raises RecordsUnavailable; `Refused` where claims of the
    month have none on record."""
    articles = article_versions(records, organisation, until=until)
    upkeep = upkeep_of(articles, assessed_units(organisation), period, until=until)
    with recorded_month(records, period, until=until) as recorded:
        revoked = frozenset[str]().union(*map(revoked_lights, recorded.accounts))
        wrong = wrong_answers(recorded.wrong_answers(), articles, assessed_units(organisation))
        yield MonthFacts(recorded, revoked, articles, (*upkeep, *wrong))
