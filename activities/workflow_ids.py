"""Names of workflows: their ids, their signals, and the search attribute for their unit."""

from typing import Final

from temporalio.common import SearchAttributeKey

from claims.model.terms import Action

CLAIM: Final = "Claim"
"""The type of a claim's workflow."""
TAKE_OVER: Final = "take_over"
"""The signal by which a claim asks another to take over its matter (R48)."""
TAKE_OVER_ANSWERED: Final = "take_over_answered"
"""The signal that answers it."""
REVOKE_LIGHT: Final = "revoke_light"
"""The signal by which a unit's account tells a claim that a light is revoked (R37)."""

MATTERS_REGISTERED: Final = "matters_registered"
"""The signal that tells a claim the numbers of the other matters of its call (R49)."""

UNIT: Final = SearchAttributeKey.for_keyword("ClaimUnit")
"""The name of a claim's or an account's unit, by which the Temporal UI finds both."""


def workflow_id(number: str) -> str:
    """Return the id of a claim's workflow."""
    return f"claim-{number}"


def unit_workflow_id(unit: str) -> str:
    """Return the id of a unit's workflow."""
    return f"unit-{unit}"


def assessment_workflow_id(period: str) -> str:
    """Return the id of a period's workflow."""
    return f"assessment-{period}"


def edition_workflow_id(period: str, edition: int) -> str:
    """Return the id of the workflow that hands a published edition to the archive's chain."""
    return f"assessment-{period}-edition-{edition}"


def exclusion_workflow_id(number: str) -> str:
    """Return the id of the workflow of a claim's exclusions."""
    return f"exclusion-{number}"


def clue_workflow_id(id: str) -> str:
    """Return the id of a clue's workflow."""
    return f"clue-{id}"


def meeting_workflow_id(id: str) -> str:
    """Return the id of a meeting's workflow."""
    return f"meeting-{id}"


def signal_name(action: Action) -> str:
    """Return the workflow's signal for an action: the same name with underscores."""
    return action.value.replace("-", "_")
