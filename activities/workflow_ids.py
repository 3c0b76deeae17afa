"""How workflows are called: their ids, and the names of their signals."""

from claims.model.terms import Action


def workflow_id(number: str) -> str:
    """The id of a claim's workflow."""
    return f"claim-{number}"


def unit_workflow_id(unit: str) -> str:
    """The id of a unit's workflow."""
    return f"unit-{unit}"


def signal_name(action: Action) -> str:
    """The workflow's signal for an action: the same name with underscores."""
    return action.value.replace("-", "_")
