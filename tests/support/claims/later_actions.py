"""An action that a later edition introduced."""

import pytest

from claims import lifecycle
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Action

LATER_LAW: Policy = DEFAULT_POLICY.model_copy(update={"contact_after_signing": True})


def bring_with(patch: pytest.MonkeyPatch, action: Action, *, since: str = "contact_after_signing") -> None:
    """Enable an action only for claims whose policy has a switch on, until the test ends."""
    rows = tuple(row._replace(since=since) if row.action is action else row for row in lifecycle.TABLE)
    patch.setattr(lifecycle, "TABLE", rows)
    patch.setattr(lifecycle, "_ROWS", {(row.stage, row.action): row for row in rows})
