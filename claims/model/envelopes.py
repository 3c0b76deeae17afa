"""How actions travel to claims."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from claims.model.organisation import UnitRef
from claims.model.values import CONSOLE, Actor


class Envelope(BaseModel):
    """How an action travels to its claim: the body as sent, and what the API vouches for.

    `received_at` is when the API took it, the instant that counts against limits; None where the claim
    has a clock of its own (virtual time). `units` resolves the unit ids that the body names.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    actor: Actor = CONSOLE
    received_at: AwareDatetime | None = None
    units: dict[str, UnitRef] = Field(default_factory=dict)
    body: dict[str, JsonValue] = Field(default_factory=dict)


class RemindClaim(BaseModel):
    """An errand: remind another claim (R48)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    envelope: Envelope
