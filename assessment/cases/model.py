"""A case: its state, the acts on their way to it, and its journal."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from claims.model.journal import Notice, Outcome
from claims.model.messages.envelopes import address, digest
from claims.model.messages.field_types import RequestId
from claims.model.values import CONSOLE, Actor, Value

MOST_OUTCOMES = 500
"""Maximum outcomes that a run passes to the next; the newest are kept."""

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
PaperId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
Papers = Annotated[tuple[PaperId, ...], Field(max_length=10)]


class CaseKind(StrEnum):
    """What a case is about; a workflow's id is `<kind>-<id>`."""

    ASSESSMENT = "assessment"
    EXCLUSION = "exclusion"
    CLUE = "clue"
    MEETING = "meeting"


class CaseEntry(Value):
    """One line of a case's journal."""

    seq: int
    at: datetime
    kind: str
    rules: tuple[str, ...]
    text: str
    actor: Actor | None = None
    request_id: str = ""
    data: dict[str, JsonValue] = Field(default_factory=dict)


class CaseState(BaseModel):
    """The base of every case's state; a step works on a copy."""

    model_config = ConfigDict(extra="ignore")

    seq: int = 0
    """The last line of the journal."""


class CaseBody(BaseModel):
    """The base of the bodies of acts."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: RequestId = Field(description="请求编号；同一编号重复提交只办一次")


class CaseEnvelope(BaseModel):
    """An act on its way to a case. `context`: what the API knows besides the body, such as the calendar's answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    actor: Actor = CONSOLE
    received_at: AwareDatetime | None = None
    body: dict[str, JsonValue] = Field(default_factory=dict)
    context: dict[str, JsonValue] = Field(default_factory=dict)
    addressee: str = ""
    """The workflow and signal that the API sealed it for (ADR 14)."""
    beside: tuple[str, ...] | None = Field(default=None, exclude_if=lambda names: names is None)
    """Of a signal typed in the Temporal UI: the fields that stand beside these and were not read. None: the signal's fields
    are not looked at."""

    def addressed(self, workflow_id: str, signal: str) -> Self:
        """Return the same, for this workflow and this signal alone."""
        return self.model_copy(update={"addressee": address(workflow_id, signal)})

    def fingerprint(self, action: str) -> str:
        """Return a digest of action, sender and content, which distinguishes requests with the same id."""
        return digest([action, self.actor.sub, self.body])


class CaseRecord(BaseModel):
    """A case's records; idempotent by kind, id and `seq`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: CaseKind
    id: str
    seq: int
    at: AwareDatetime
    state: dict[str, JsonValue]
    entries: tuple[CaseEntry, ...] = ()
    notices: tuple[Notice, ...] = ()


class CaseSnapshot(BaseModel):
    """The current state of the case, its clock, and the outcome of one request."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: dict[str, JsonValue]
    now: datetime
    outcome: Outcome | None = None
