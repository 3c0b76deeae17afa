"""What travels between the API and a claim's workflow."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from claims.deadlines.scheduling import limits_to_schedule
from claims.model.claim import Claim, WorkOrder
from claims.model.journal import Outcome
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.values import Actor

CURRENT_PROTOCOL: Final = 2
"""What claims begin with today."""

QUERY_STATE = "look"
"""`look(request_id) -> ClaimState`."""


class Opening(BaseModel):
    """What a claim's workflow starts with. `received_at` as in `claims.model.claim.action_bodies.Envelope`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    order: WorkOrder
    actor: Actor
    received_at: datetime | None = None
    policy: Policy = DEFAULT_POLICY
    protocol: int = 1
    """How the claim reaches the engine (`workflows.execution`). 1: as versions 0.1 to 0.3 did, whose histories do not
    name it."""


class ClaimState(BaseModel):
    """The claim's current state, its own clock, and the outcome of one request (None: not seen yet)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    claim: Claim
    now: datetime
    outcome: Outcome | None = None

    @property
    def is_settled(self) -> bool:
        """Has every limit its instants (R6)? While they are being fixed, what came after waits its turn."""
        return not limits_to_schedule(self.claim)
