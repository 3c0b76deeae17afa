"""Envelopes: actions on their way to claims."""

import hashlib
import json
from typing import Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from claims.model.claim_parts import WorkOrder
from claims.model.door import Door
from claims.model.limit import PreparedSchedule
from claims.model.organisation import UnitRef
from claims.model.policy import Policy
from claims.model.values import CONSOLE, Actor


def digest(content: JsonValue) -> str:
    """Return the same for the same content, whatever the order of its fields."""
    return hashlib.sha256(_canonical(content)).hexdigest()[:32]


def _canonical(content: JsonValue) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def address(workflow_id: str, signal: str) -> str:
    """Return where an envelope is to be opened."""
    return f"{workflow_id}/{signal}"


class Envelope(BaseModel):
    """An action on its way to a claim: the body as sent, and what the API adds.

    `received_at`: when the API received it, the instant that counts against limits; None if the claim runs on
    virtual time. `units`: the units that the body names, by id.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    actor: Actor = CONSOLE
    received_at: AwareDatetime | None = None
    units: dict[str, UnitRef] = Field(default_factory=dict)
    door: Door | None = None
    """The channel of the directory that the body names (R13)."""
    body: dict[str, JsonValue] = Field(default_factory=dict)
    content: str = ""
    """Digest of the body as it was sent, before the API added to it; empty for a signal typed in the Temporal UI."""
    schedules: dict[str, PreparedSchedule] = Field(default_factory=dict)
    """The calendar's answers for the limits that the action is expected to start, by limit id (R6)."""
    addressee: str = ""
    """The workflow and the signal that it is for (`address`): anywhere else it is not trusted. Empty in
    histories older than version 0.5.
    """
    beside: tuple[str, ...] = ()
    """Of a signal typed in the Temporal UI: the fields that stand beside these and were not read."""

    @model_serializer(mode="wrap")
    def _without_empty(self, serialize: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        found: dict[str, JsonValue] = serialize(self)
        for name in ("schedules", "addressee", "beside"):
            if not found.get(name):
                found.pop(name, None)
        if self.addressee:  # in transit: histories older than version 0.5 include defaults as well
            found = {name: value for name, value in found.items() if value not in (None, {}, "")}
            found["actor"] = self.actor.model_dump(mode="json", exclude_defaults=True)
            if self.units:
                found["units"] = {
                    id: unit.model_dump(mode="json", exclude_defaults=True) for id, unit in self.units.items()
                }
        return found

    def addressed(self, workflow_id: str, signal: str) -> Self:
        """Return the same, for this workflow and this signal alone."""
        return self.model_copy(update={"addressee": address(workflow_id, signal)})

    def fingerprint(self, action: str) -> str:
        """Return a digest of action, sender and content, which distinguishes requests with the same id."""
        return digest([action, self.actor.sub, self.content or digest(self.body)])

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(_canonical(self.body))


class MattersToRegister(BaseModel):
    """A background task: register the other matters of a call that was split (R49), as of the call."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    request_id: str
    orders: tuple[WorkOrder, ...]
    actor: Actor
    received_at: AwareDatetime
    policy: Policy


class RemindClaim(BaseModel):
    """A background task: remind another claim (R48)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: str
    envelope: Envelope
