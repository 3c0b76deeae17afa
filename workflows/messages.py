"""Messages between the API and a claim's workflow."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_serializer, field_validator

from claims import procedure
from claims.deadlines.scheduling import limits_to_schedule
from claims.model.claim import Claim
from claims.model.claim_parts import WorkOrder
from claims.model.journal import Outcome
from claims.model.limit import PreparedSchedule
from claims.model.policy import DEFAULT_POLICY, Policy, shared
from claims.model.values import Actor
from claims.transition import Transition

AUTHENTIC: Final = 3
"""From this protocol on, a claim believes only our own programs (`workflows.incoming.authenticity`)."""
SHARED_TIMERS: Final = 3
"""From this protocol on limits whose next instant is the same share a timer (`workflows.outgoing.timers`)."""
CURRENT_PROTOCOL: Final = 3
"""The protocol of new claims."""

QUERY_STATE = "look"
"""`look(request_id) -> ClaimState`."""


class Opening(BaseModel):
    """The input of a claim's workflow. `received_at` as in `claims.model.claim.action_bodies.Envelope`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    order: WorkOrder
    actor: Actor
    received_at: datetime | None = None
    policy: Policy = DEFAULT_POLICY
    protocol: int = 1
    """How the claim reaches the engine (`workflows.execution`). 1: as versions 0.1 to 0.3 did, whose histories do not
    name it. 2: version 0.4. 3: since its messages are authentic and its limits share timers."""
    is_on_record: bool = False
    """The records have taken the claim in with this opening (R10), so that its first record need not hold it again."""
    schedules: dict[str, PreparedSchedule] = Field(default_factory=dict)
    """The calendar's answers for the limits that registration starts, as in `claims.model.messages.envelopes.Envelope`."""

    @field_validator("policy")
    @classmethod
    def _as_others_have_it(cls, policy: Policy) -> Policy:
        return shared(policy)

    @field_serializer("order", "actor")
    def _in_short(self, model: WorkOrder | Actor) -> dict[str, JsonValue]:
        return model.model_dump(mode="json", exclude_defaults=True)

    @field_serializer("policy")
    def _only_what_differs(self, policy: Policy) -> dict[str, JsonValue]:
        """The defaults of `Policy` never change, so histories need not repeat them."""
        return policy.model_dump(mode="json", exclude_defaults=True)

    def is_same_as(self, other: "Opening") -> bool:
        """Return whether both open the same claim; the calendar may have changed in between."""
        return self.model_copy(update={"schedules": other.schedules}) == other

    def registered(self, now: datetime) -> Transition:
        """Return the claim's first transition, as its workflow takes it at an instant."""
        step = procedure.register(
            self.number,
            self.order,
            actor=self.actor,
            at=min(self.received_at or now, now),
            recorded_at=now,
            policy=self.policy,
        )
        return procedure.with_prepared_schedules(step, self.schedules, now=now)


class ClaimState(BaseModel):
    """The claim's current state, its own clock, and the outcome of one request (None: not seen yet)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    claim: Claim
    now: datetime
    outcome: Outcome | None = None

    @property
    def is_settled(self) -> bool:
        """Whether every limit has its instants (R6). While they are being fixed, later items wait in the inbox."""
        return not limits_to_schedule(self.claim)
