"""The rule that an address is about, which a problem cites where it has no rule of its own."""

from contextvars import ContextVar
from typing import Final

from claims.lifecycle import rule_of
from claims.model.terms import Action
from claims.model.unit_action_bodies import UNIT_RULES, UnitAction

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
}

current: Final[ContextVar[str]] = ContextVar("rule", default="")
"""The rule of the address that is being answered."""


def rule_of_path(path: str) -> str:
    """A rulebook id: `/claims/QH1/reject` is R15. Empty where no rule is about it."""
    first, *rest = path.strip("/").split("/")
    match first, *rest:
        case "claims", _, action if action in set(Action):
            return rule_of(Action(action))
        case "units", _, action if action in set(UnitAction):
            return UNIT_RULES[UnitAction(action)]
    return _OF_FIRST_PART.get(first, "")
