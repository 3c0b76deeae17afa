"""Envelopes: actions on their way to claims."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from claims.model.organisation import UnitRef
from claims.model.values import CONSOLE, Actor


class Envelope(BaseModel):
    """An action on its way to a claim: the body as sent, and what the API adds.

    `received_at`: when the API received it, the instant that counts against limits; None if the claim runs on
    virtual time. `units`: the units that the body names, by id.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    actor: Actor = CONSOLE
    received_at: AwareDatetime | None = None
    units: dict[str, UnitRef] = Field(default_factory=dict)
    body: dict[str, JsonValue] = Field(default_factory=dict)


class RemindClaim(BaseModel):
    """A background task: remind another claim (R48)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    envelope: Envelope
