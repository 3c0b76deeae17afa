"""What a claim leaves behind: journal entries, outcomes, notices, errands, and the record of a transition."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from claims.model.claim import Claim
from claims.model.terms import BackgroundTaskKind, EventKind
from claims.model.values import Actor, Value


class Entry(Value):
    """One line of the journal. `at` is the instant of the act or of the limit, `recorded_at` when the
    claim wrote it down; they differ when a worker was away."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: EventKind
    rules: tuple[str, ...]
    text: str
    actor: Actor | None = None
    request_id: str = ""
    data: dict[str, JsonValue] = Field(default_factory=dict)


class Outcome(Value):
    """What became of one request."""

    request_id: str
    action: str
    status: Literal["accepted", "refused"]
    seq: int = 0
    """The journal entry that tells of it."""
    at: datetime
    kind: str = ""
    """For a refusal: `not-now`, `wrong-role`, `not-yours`, `incomplete` (`claims.model.refusals`)."""
    rule: str = ""
    reason: str = ""
    instead: str = ""


class Notice(Value):
    """Word to a unit's named recipients (R20, R30, R38); `id` makes it come once."""

    id: str
    at: datetime
    kind: EventKind
    unit: str
    text: str


class BackgroundTask(Value):
    """Something that the outside world is to do because of a transition, once: a paper to file, a light to report.
    `id` makes it happen once; `body` is what the activity of that kind takes."""

    id: str
    kind: BackgroundTaskKind
    body: dict[str, JsonValue]


class TransitionRecord(Value):
    """What one transition leaves for the records, written in one transaction: the claim as it now stands, the
    new journal entries, outcomes of requests, and word to the units. Idempotent by number and `seq`."""

    claim: Claim
    entries: tuple[Entry, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    notices: tuple[Notice, ...] = ()
