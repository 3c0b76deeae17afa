"""Messages of a unit's workflow."""

from pydantic import BaseModel, ConfigDict, Field

from claims.model.journal import Entry, Outcome
from claims.model.messages.unit_action_bodies import LightRevoked, UnitEnvelope
from claims.model.unit_account import AccountLight, Cause, UnitAccount

QUERY_STATE = "look"
"""`look(request_id) -> UnitSnapshot`."""


class UnitState(BaseModel):
    """The state that one run passes to the next."""

    model_config = ConfigDict(extra="ignore")

    account: UnitAccount
    outcomes: dict[str, Outcome] = Field(default_factory=dict)
    unrecorded: list[Entry] = Field(default_factory=list)
    to_revoke: list[LightRevoked] = Field(default_factory=list)
    waiting: list[AccountLight | Cause | UnitEnvelope] = Field(default_factory=list)
    is_strict: bool = False
    """Whether it believes our own programs alone (`workflows.incoming.authenticity`)."""


class UnitSnapshot(BaseModel):
    """The account now, and the outcome of one request."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account: UnitAccount
    outcome: Outcome | None = None
