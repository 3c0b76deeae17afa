"""The rule that an address is about. A problem without a rule of its own cites it."""

from contextvars import ContextVar
from typing import Final

from fastapi import Request

from claims.lifecycle import rule_here, rule_of
from claims.model.messages.unit_action_bodies import UNIT_RULES, UnitAction
from claims.model.terms import Action
from claims.model.values import Actor
from records.errors import RecordsUnavailable
from service_layer.claims.claim_access import find
from service_layer.errors import ServiceError

_OF_FIRST_PART: Final = {
    "claims": "R10",
    "track": "R39",
    "units": "R21",
    "directory": "R14",
    "knowledge": "R12",
    "calendar": "R1",
    "deadlines": "R2",
    "editions": "R7",
    "attachments": "R70",
    "notices": "R20",
    "assessments": "R62",
    "meetings": "R63",
    "briefs": "R66",
}

current: Final[ContextVar[str]] = ContextVar("rule", default="")
"""The rule of the address that is being answered."""


async def rule_in_stage(request: Request) -> str:
    """Return the rule of an action in the stage that its claim is in; empty where it is the same in all, and
    where the caller has no such claim.
    """
    number, action = request.path_params.get("number"), request.url.path.rpartition("/")[2]
    actor: Actor | None = getattr(request.state, "actor", None)
    if number is None or actor is None or action not in set(Action):
        return ""
    try:
        claim = (await find(request.app.state.services, number, actor)).claim
    except (ServiceError, RecordsUnavailable):
        return ""
    return rule_here(claim, Action(action)) if claim.policy.refusals_cite_stage else ""


def rule_of_path(path: str) -> str:
    """Return a rulebook id: `/claims/QH1/reject` is R15. Empty where no rule is about it."""
    first, *rest = path.strip("/").split("/")
    match first, *rest:
        case "claims", _, action if action in set(Action):
            return rule_of(Action(action))
        case "claims", _, "exclusion", *_:
            return "R65"
        case "units", _, action if action in set(UnitAction):
            return UNIT_RULES[UnitAction(action)]
    return _OF_FIRST_PART.get(first, "")
