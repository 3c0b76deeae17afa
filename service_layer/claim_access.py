"""Finding a claim for a caller: what is not theirs is not there (§1)."""

from dataclasses import dataclass
from datetime import datetime

from api.http.problems import no_such_claim, unavailable
from claims.lifecycle import UNIT, may_see, sees_every_claim
from claims.model.claim import Claim
from claims.model.journal import Outcome
from claims.model.terms import Role
from claims.model.values import Actor
from records import intake
from records.errors import RecordsUnavailable
from records.queries import claims, filters
from service_layer.clock import now
from service_layer.polling import live
from service_layer.services import Services
from service_layer.temporal_gateway import NoAnswer, NotRunning, TemporalAway
from workflows.messages import Opening


def sight_of(actor: Actor) -> filters.Sight | None:
    """Which claims a list shows to an actor, by the same rule as a single one (`may_see`)."""
    if sees_every_claim(actor):
        return None
    unit = actor.unit.id if actor.unit is not None and actor.has(*UNIT) else ""
    return filters.Sight(unit=unit, enterprise=actor.name if actor.has(Role.ENTERPRISE) else "")


def sees_unit(services: Services, unit: str, actor: Actor) -> bool:
    """May an actor see what is about a unit? Whoever sees all claims; a unit itself and those above it."""
    sight = sight_of(actor)
    return sight is None or (bool(sight.unit) and services.organisation.is_at_or_below(unit, sight.unit))


@dataclass(frozen=True, slots=True)
class Sighting:
    """A claim, its clock, and whether this is only what the records last knew."""

    claim: Claim
    now: datetime
    stale: bool = False


async def find(services: Services, number: str, actor: Actor) -> Sighting:
    """The claim as it stands, else as the records have it; raises a 404 or 503 problem."""
    look = await live(services, number)
    found = Sighting(look.claim, look.now) if look else await recorded(services, number)
    return await _seen(services, found, number, actor)


async def find_for_action(services: Services, number: str, actor: Actor) -> Claim:
    """The same from the records first: an action asks the claim itself anyway."""
    try:
        found = await recorded(services, number)
    except RecordsUnavailable:
        look = await live(services, number)
        found = Sighting(look.claim, look.now) if look else None
    return (await _seen(services, found, number, actor)).claim


async def _seen(services: Services, found: Sighting | None, number: str, actor: Actor) -> Sighting:
    """A claim that is not theirs in the records may have become so since: then only its own word says no."""
    if found is not None and found.stale and not found.claim.over and not may_see(found.claim, actor):
        found = await _asked_again(services, number)
    if found is None or not may_see(found.claim, actor):
        raise no_such_claim(number)
    return found


async def _asked_again(services: Services, number: str) -> Sighting | None:
    try:
        look = await services.claims.look(number)
    except NotRunning:
        return None
    except NoAnswer as error:
        raise unavailable("流程引擎暂时没有应答，请稍后重试") from error
    except TemporalAway:
        return None
    return Sighting(look.claim, look.now)


async def recorded(services: Services, number: str) -> Sighting | None:
    """What the records last knew; a claim that has not written yet is as it came in (R10)."""
    claim = await services.book.ask(claims.snapshot, number)
    if claim is None:
        line = await services.book.ask(intake.intake_of, number)
        if line is None:
            return None
        opening = Opening.model_validate(line.payload)
        claim = Claim(number=number, order=opening.order, registered_at=line.received_at)
    return Sighting(claim, now(), stale=True)


async def outcome_of(services: Services, number: str, request_id: str) -> tuple[Outcome | None, bool]:
    """What became of a request; if nobody knows, whether the claim says that it never got it."""
    look = await live(services, number, request_id)
    if look is not None and look.outcome is not None:
        return look.outcome, True
    recorded_outcome = await services.book.ask(claims.outcome, number, request_id)
    return recorded_outcome, look is not None and look.is_settled
