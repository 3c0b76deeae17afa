"""Actions that can be repeated without advancing a claim, and their maximums (R46).

Some room is reserved for actions that end a claim: repetitions by one person never block the others.
"""

from typing import Final

from claims.model.claim import Claim
from claims.model.labels import label
from claims.model.messages.envelopes import Envelope
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import Action
from claims.model.values import Actor

REPEATABLE: Final = frozenset(
    {
        Action.PROGRESS,
        Action.REMIND,
        Action.SUPPLEMENT,
        Action.CONTACT,
        Action.REPLY,
        Action.DELEGATE,
        Action.WITHDRAW,
        Action.CALL_BACK,
        Action.VERIFY,
        Action.REOPEN,
        Action.MERGE,
    }
)
MOST_IN_LONG_HISTORY: Final = 3
"""Repeats of one person in one round, once the history is long."""
MOST_OF_SIDE_IN_LONG_HISTORY: Final = 5
"""The same of all persons of one side."""
_ADVICE: Final = "请致电12345，由市指挥平台协调"


def require_room(claim: Claim, action: Action, actor: Actor, *, rule: str) -> None:
    """Raises `Refused` where the actor, or their side, has repeated this in the present round as often as the policy
    allows, or a few times once the claim's history is long."""
    if action not in REPEATABLE:
        return
    policy = claim.policy
    bounds = (
        ("您", _key(claim, action, actor), policy.repeats_per_round, MOST_IN_LONG_HISTORY),
        ("贵方", _key_of_side(claim, action, actor), policy.repeats_per_side, MOST_OF_SIDE_IN_LONG_HISTORY),
    )
    for who, key, most, most_in_long in bounds:
        allowed = min(most, most_in_long) if claim.long_history else most
        done = claim.repeats.get(key, 0)
        if most and done >= allowed:
            raise Refused(rule, f"本轮办理中{who}已{label(action)}{done}次，不再登记", _ADVICE)


def require_short(claim: Claim, envelope: Envelope) -> None:
    """Raises `Refused` for a long body once the claim holds as much as the policy allows."""
    policy = claim.policy
    if (
        policy.claim_bytes
        and claim.accepted_bytes >= policy.claim_bytes
        and envelope.size > policy.short_body_bytes
    ):
        reason = f"本工单的内容已达{policy.claim_bytes // 1000}千字节，每次提交不得超过{policy.short_body_bytes // 1000}千字节"
        raise Refused("R46", reason, "请缩短内容；材料可作为附件上传", kind=RefusalKind.INCOMPLETE)


def count_accepted(claim: Claim, action: Action, envelope: Envelope) -> None:
    """Count an accepted action, under a policy that counts them."""
    if claim.policy.claim_bytes:
        claim.accepted_bytes += envelope.size
    if claim.policy.repeats_per_round and action in REPEATABLE:
        keys = [_key(claim, action, envelope.actor)]
        if claim.policy.repeats_per_side:
            keys.append(_key_of_side(claim, action, envelope.actor))
        for key in keys:
            claim.repeats[key] = claim.repeats.get(key, 0) + 1


def _key(claim: Claim, action: Action, actor: Actor) -> str:
    return f"{_round(claim)}/{action}/{actor.sub}"


def _key_of_side(claim: Claim, action: Action, actor: Actor) -> str:
    """All persons of a unit are one side, and so are all of a role without a unit."""
    return f"{_round(claim)}/{action}/@{actor.unit.id if actor.unit else ','.join(actor.roles)}"


def _round(claim: Claim) -> str:
    return f"{len(claim.dispatches)}/{claim.round}"
