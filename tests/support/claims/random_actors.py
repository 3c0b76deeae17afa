"""Random actors: their roles, their possible bodies, and whose turn it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from claims import lifecycle
from claims.model.claim import Claim
from claims.model.messages.action_bodies import BODIES, units_named
from claims.model.messages.envelopes import Envelope
from claims.model.terms import Action, Grade, Role
from claims.model.values import Actor
from tests.support.claims.people import (
    EVERYBODY,
    HOUSING,
    ORGANISATION,
    POWER,
    SIGNED,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    person,
    ref,
    usual,
)

UNITS: Final = (POWER, WATER, HOUSING, TENGZHOU, TENGZHOU_HOUSING)
ACTORS: Final[tuple[Actor, ...]] = (
    *(actor for role, actor in EVERYBODY.items() if role not in (Role.HANDLER, Role.HEAD)),
    *(person(role, unit) for role in (Role.HANDLER, Role.HEAD) for unit in UNITS),
    person(Role.ENTERPRISE, name="另一家企业"),
    Actor(sub="nobody"),
    Actor(sub="everything", name="身兼数职", roles=tuple(Role), unit=ref(POWER)),
)
KNOWN: Final = {unit.id for unit in ORGANISATION.units}

MOVES_ON: Final = frozenset(Action) - {
    *(Action.PROGRESS, Action.SIGN_FOR, Action.DELEGATE, Action.CONFIRM_FALSE_FEEDBACK),
    *(Action.REMIND, Action.SUPPLEMENT, Action.WITHDRAW, Action.MERGE),
}
"""Actions that bring a claim closer to its end. Others leave it where it is, or lead away."""

SENSELESS: Final = (
    st.none()
    | st.booleans()
    | st.integers(-5, 400)
    | st.sampled_from(["", "ZZ-NOWHERE", "att-9", "不清楚", "2026-02-30", "0001-01-01T00:00:00Z", *UNITS])
    | st.just([POWER, POWER])
    | st.just({"head": ""})
)


@dataclass(frozen=True)
class Turn:
    """An actor and an action that is possible now."""

    actor: Actor
    action: Action


def turns(claim: Claim, at: datetime) -> Iterator[Turn]:
    """Return everybody's possible actions now, in the order of the actors."""
    for actor in ACTORS:
        for action in lifecycle.allowed_actions(claim, actor):
            yield Turn(actor, action)


def variants(action: Action) -> st.SearchStrategy[dict[str, JsonValue]]:
    """Return valid bodies other than the usual one."""
    units = st.sampled_from(UNITS)
    some: dict[Action, st.SearchStrategy[dict[str, JsonValue]]] = {
        Action.DISPATCH: st.fixed_dictionaries(
            {"unit": st.sampled_from((POWER, TENGZHOU)), "co_units": st.sampled_from(([], [HOUSING]))}
        ),
        Action.REJECT: st.fixed_dictionaries(
            {"suggested_unit": units, "signature": st.sampled_from((SIGNED, None))}
        ),
        Action.REDETERMINE: st.fixed_dictionaries(
            {"decision": st.sampled_from(("confirm", "redispatch")), "unit": units}
        ),
        Action.ARBITRATE: st.fixed_dictionaries({"unit": units}),
        Action.DELEGATE: st.fixed_dictionaries({"unit": units}),
        Action.DECIDE_EXTENSION: st.fixed_dictionaries({"approve": st.booleans()}),
        Action.CALL_BACK: st.fixed_dictionaries(
            {
                "reached": st.sampled_from((True, True, False)),
                "grade": st.sampled_from(
                    (Grade.DISSATISFIED.value, Grade.VERY_DISSATISFIED.value, Grade.SATISFIED.value)
                ),
                "contacted": st.sampled_from((True, False, None)),
            }
        ),
        Action.VERIFY: st.fixed_dictionaries(
            {"compliant": st.booleans(), "order_days": st.sampled_from((None, 1, 5, 15, 0, 400))}
        ),
        Action.WITHDRAW: st.fixed_dictionaries({"confirmed_by_call": st.booleans()}),
    }
    return some.get(action, st.just({}))


def envelope(
    actor: Actor, action: Action, said: dict[str, JsonValue], *, at: datetime, received_at: datetime | None
) -> Envelope:
    """Return an envelope as the API sends it; `said` overrides fields of the usual body."""
    body = {**usual(action, at), **said}
    try:
        named = units_named(BODIES[action].model_validate(body))
    except ValidationError:
        named = ()
    units = {unit: ref(unit) for unit in named if unit in KNOWN}
    return Envelope.model_validate({"actor": actor, "received_at": received_at, "units": units, "body": body})


def a_way_on(claim: Claim, at: datetime) -> Turn | None:
    """Return the actor and action that move the claim on."""
    return next((turn for turn in turns(claim, at) if turn.action in MOVES_ON), None)
