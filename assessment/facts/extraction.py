"""Extracts facts from runs (R60). The same run gives the same rows, however often it is replayed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from assessment.facts.claim_run import ClaimRun, parts_of
from assessment.facts.events import OF_COLOUR, event_facts
from assessment.facts.limits import limit_facts
from assessment.facts.model import Fact, check_unique
from assessment.facts.results import result_facts
from assessment.facts.returns import return_facts
from assessment.terms import LIGHTS, Measure
from claims.model.claim import Claim
from claims.model.journal import Entry
from claims.model.labels import label
from claims.model.unit_account import UnitAccount

AT_LAST: Final = datetime.max.replace(tzinfo=UTC)
"""An instant by which everything is due."""


def facts_of(run: ClaimRun) -> tuple[Fact, ...]:
    """Return all rows of one claim's run, in the order of their ids."""
    return check_unique([*limit_facts(run), *return_facts(run), *result_facts(run), *event_facts(run)])


def recorded_facts(claim: Claim, entries: Iterable[Entry]) -> tuple[Fact, ...]:
    """Return all rows of a claim's present state, including those that are not `due` yet. `entries`: at least
    the lines of `events.JOURNAL_KINDS`.
    """
    return facts_of(ClaimRun(claim=claim, entries=tuple(entries), until=AT_LAST, parts=parts_of(claim)))


def due(fact: Fact, until: datetime) -> bool:
    """Return whether a recorded row counts at an instant: nobody is late before the end of the limit."""
    if fact.at is None or fact.at <= until:
        return True
    unsigned = fact.measure is Measure.SIGNED_FOR and fact.counted and not fact.n
    return not unsigned and fact.measure is not Measure.CO_UNIT_LATE


def with_revocations(facts: Iterable[Fact], revoked: frozenset[str]) -> tuple[Fact, ...]:
    """Return the same rows; lights that units' accounts have revoked after their claims had closed no longer
    count (R37).
    """
    if not revoked:
        return tuple(facts)
    return tuple(
        _revoked(fact) if fact.about in revoked and fact.measure in LIGHTS else fact for fact in facts
    )


def _revoked(fact: Fact) -> Fact:
    colour = next(colour for colour, measure in OF_COLOUR.items() if measure is fact.measure)
    return fact.model_copy(update={"counted": False, "rule": "R37", "why": f"{label(colour)}已撤销"})


def facts_of_all(runs: Iterable[ClaimRun]) -> tuple[Fact, ...]:
    """Return all rows of many runs. Raises `Refused` for a duplicate claim."""
    return check_unique(fact for run in runs for fact in facts_of(run))


def revoked_lights(account: UnitAccount) -> frozenset[str]:
    """R37: also those whose claims had closed before."""
    return frozenset(id for id, light in account.lights.items() if light.revoked)
