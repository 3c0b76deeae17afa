"""Revoking a light of a claim, as decided on the unit's account (R37). The light stays visible as revoked."""

from datetime import datetime

from claims.limits import missed_limit_id, void
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.labels import label
from claims.model.limit import Light, Limit
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.terms import Colour, LimitKind, LimitStatus
from claims.transition import Transition


def revoke(transition: Transition, word: LightRevoked) -> None:
    """Mark the light as revoked, with the consequences. Idempotent."""
    claim = transition.claim
    for light in _reached(claim, word):
        claim.lights[claim.lights.index(light)] = light.model_copy(update={"revoked": True})
        text = f"撤销{label(light.colour)}（{light.unit_name}{label(light.limit)}）：{word.reason}"
        transition.write(EventKind.LIGHT_REVOKED, "R37", text=text, data={"light": light.id})
        if claim.policy.revoked_yellow_stops_red:
            _end_supervision(claim, light, transition.at)


def _reached(claim: Claim, word: LightRevoked) -> list[Light]:
    """Return the light itself; and where it is a yellow, a red that its timer has given since (R32)."""
    found = [light for light in claim.lights if light.id == word.light and not light.revoked]
    if word.at is None or not claim.policy.revoked_yellow_stops_red:
        return found
    reds = {light.red_id for light in found}
    return found + [
        light for light in claim.lights if light.id in reds and light.at > word.at and not light.revoked
    ]


def _end_supervision(claim: Claim, light: Light, at: datetime) -> None:
    """R32: a yellow that is revoked before its red leaves no red; nor does anything follow a red that came too late."""
    for limit in claim.limits:
        if limit.kind is not LimitKind.SUPERVISED_FEEDBACK or not _supervises(claim, limit, light):
            continue
        if limit.is_live:
            void(limit, at)
        elif limit.status is LimitStatus.MISSED and limit.schedule is not None and limit.schedule.due_at > at:
            limit.ended_at = at


def _supervises(claim: Claim, limit: Limit, light: Light) -> bool:
    return light.id == f"{claim.number}/{missed_limit_id(limit)}/{Colour.YELLOW}"


def revoke_after_end(claim: Claim, word: LightRevoked, at: datetime) -> Transition:
    """R37: of a claim that has ended, the light and a journal line dated at the decision."""
    transition = Transition(claim, at=at, recorded_at=at, actor=word.actor)
    revoke(transition, word)
    return transition
