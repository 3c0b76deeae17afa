"""The results of a transition: journal entries, outcomes, notices, background tasks, and their record."""

from datetime import datetime
from typing import Literal

from pydantic import (
    Field,
    JsonValue,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.terms import BackgroundTaskKind
from claims.model.values import Actor, Value


class Entry(Value):
    """One line of the journal. `at` is the instant of the act or of the limit, `recorded_at` when the
    claim recorded it; they differ when no worker was running."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: EventKind
    rules: tuple[str, ...]
    text: str
    actor: Actor | None = None
    request_id: str = ""
    data: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _recorded_at_once(cls, given: object) -> object:
        """Fill in fields that the short form leaves out."""
        if isinstance(given, dict) and "recorded_at" not in given and "at" in given:
            return {**given, "recorded_at": given["at"]}
        return given

    @model_serializer(mode="wrap")
    def _in_short(
        self, serialize: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, object]:
        """An entry that was recorded at its instant need not say so."""
        found: dict[str, object] = serialize(self)
        if info.exclude_defaults and self.recorded_at == self.at:
            del found["recorded_at"]
        return found


class Outcome(Value):
    """The outcome of one request."""

    request_id: str
    action: str
    status: Literal["accepted", "refused"] = "accepted"
    seq: int = 0
    """The sequence number of its journal entry."""
    at: datetime
    kind: str = ""
    """For a refusal: `not-now`, `wrong-role`, `not-yours`, `incomplete` (`claims.model.refusals`)."""
    rule: str = ""
    reason: str = ""
    instead: str = ""
    fingerprint: str = ""
    """The digest of the request's action, sender and content (`claims.model.messages.envelopes`). Empty: unknown."""


class Notice(Value):
    """A notice to a unit's recipients (R20, R30, R38), sent once per `id`."""

    id: str
    at: datetime
    kind: EventKind
    unit: str
    text: str


class BackgroundTask(Value):
    """An activity that a transition starts, such as filing a paper or reporting a light; it runs once per `id`.
    `body` is the activity's argument."""

    id: str
    kind: BackgroundTaskKind
    body: dict[str, JsonValue]


class TransitionRecord(Value):
    """The records of one transition, written in one database transaction: the claim, its new journal entries,
    outcomes and notices. Idempotent by number and `seq`.
    """

    claim: Claim
    entries: tuple[Entry, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    notices: tuple[Notice, ...] = ()
