"""A claim: the state that its workflow holds and its records show. The one mutable aggregate; what it is made of is in
`claims.model.claim_parts`. All instants are aware UTC datetimes; limits end on a `date`. Nothing here reads a clock.
"""

from datetime import date, datetime

from pydantic import BaseModel, Field

from claims.model.claim_parts import (
    CallBackRecord,
    Closure,
    ContactRecord,
    Dispatch,
    Extension,
    FalseFeedback,
    FeedbackRecord,
    ReplyRecord,
    ReviewFormRecord,
    Verification,
    WorkOrder,
)
from claims.model.limit import Letter, Light, Limit
from claims.model.linked_claims import Merging, Split, TakeOverAnswer
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import (
    CloseReason,
    LimitKind,
    Stage,
)


class Claim(BaseModel):
    """The aggregate root: everything that decides what may happen next."""

    number: str
    order: WorkOrder
    registered_at: datetime
    policy: Policy = DEFAULT_POLICY
    former_policies: dict[str, Policy] = Field(default_factory=dict)
    """R7: earlier policies, by version, under which limits were missed."""
    stage: Stage = Stage.REGISTERED
    round: int = 0
    dispatches: list[Dispatch] = Field(default_factory=list)
    limits: list[Limit] = Field(default_factory=list)
    lights: list[Light] = Field(default_factory=list)
    letters: list[Letter] = Field(default_factory=list)
    contacts: list[ContactRecord] = Field(default_factory=list)
    replies: list[ReplyRecord] = Field(default_factory=list)
    extension: Extension | None = None
    feedbacks: list[FeedbackRecord] = Field(default_factory=list)
    call_backs: list[CallBackRecord] = Field(default_factory=list)
    reviews: list[ReviewFormRecord] = Field(default_factory=list)
    verifications: list[Verification] = Field(default_factory=list)
    explained_at: datetime | None = None
    disputed_at: datetime | None = None
    """The enterprise says that it was never contacted (R52)."""
    false_feedback: FalseFeedback | None = None
    merged_into: str = ""
    merging: Merging | None = None
    """The claim has asked another one to take over its matter (R48); its stage and its limits continue."""
    take_overs: list[TakeOverAnswer] = Field(default_factory=list)
    """The claim's answers to others that asked to be merged into it (R48)."""
    split: Split | None = None
    """The call had several matters, of which the claim keeps one (R49)."""
    called_back_from: datetime | None = None
    """When the claim began to wait for the hotline's call."""
    repeats: dict[str, int] = Field(default_factory=dict)
    """Counts of repeated actions by person, action and round (`claims.repeats`)."""
    accepted_bytes: int = 0
    """Bytes of the accepted actions, under a policy that counts them."""
    refusals: int = 0
    """Refused actions, under a policy that counts them."""
    long_history: bool = False
    """The claim's history nears what Temporal keeps: what moves nothing on stops sooner."""
    reminders: int = 0
    supplements: int = 0
    reminded_on: date | None = None
    """The day of the last reminder after a red light, under a policy that allows one a day (R32)."""
    put_before_inspectors: bool = False
    """R32: the claim has gone to 督导问效组 and nobody has acted since, under such a policy."""
    sent_back_at: datetime | None = None
    """When feedback was last sent back (R18), under a policy that asks."""
    times_reminded: int = 0
    """The number of reminders after a red light, under such a policy."""
    closed: Closure | None = None
    over: bool = False
    """Nothing more can happen: the workflow may end."""
    seq: int = 0

    @property
    def dispatch(self) -> Dispatch | None:
        """The current dispatch."""
        return self.dispatches[-1] if self.dispatches else None

    @property
    def has_pending_extension(self) -> bool:
        """R17: the platform has not decided on the application for an extension."""
        return self.extension is not None and self.extension.decided_at is None

    @property
    def is_reopenable(self) -> bool:
        """R41: closed because nobody could be reached."""
        return self.closed is not None and self.closed.reason is CloseReason.UNREACHABLE

    @property
    def has_disliked_answer(self) -> bool:
        """R12: it was answered on the spot, the enterprise was dissatisfied, and it is not dispatched yet."""
        return self.stage is Stage.REGISTERED and bool(self.call_backs)

    @property
    def awaits_explanation(self) -> bool:
        """R44: closed as verified, and the unit has not explained further yet."""
        verified = self.closed is not None and self.closed.reason is CloseReason.VERIFIED
        return verified and self.explained_at is None

    @property
    def has_disputed_contact(self) -> bool:
        """R52: the enterprise says that it was never contacted, and no false feedback is confirmed."""
        return self.disputed_at is not None and self.false_feedback is None

    @property
    def dispatches_left(self) -> int:
        """R16: how many more times the claim may be dispatched."""
        return max(0, self.policy.max_dispatches - len(self.dispatches))

    @property
    def is_journal_full(self) -> bool:
        """R46: the journal has as many lines as the policy allows; 0 allows any number."""
        return 0 < self.policy.journal_lines <= self.seq

    @property
    def has_many_refusals(self) -> bool:
        """As many as the policy records, or more."""
        return 0 < self.policy.refusals_recorded <= self.refusals or self.long_history

    def awaits_answer_to(self, request_id: str) -> bool:
        """R48: the request to merge is under way, and its outcome is open."""
        return self.merging is not None and self.merging.request_id == request_id

    def limit(self, kind: LimitKind, of: LimitKind | None = None) -> Limit | None:
        """Return the newest limit of a kind (for supervised feedback: of the limit it supervises)."""
        return next((x for x in reversed(self.limits) if x.kind is kind and x.of is of), None)

    def live(self, kind: LimitKind) -> Limit | None:
        """Return the newest limit of a kind if it is running or paused."""
        limit = self.limit(kind)
        return limit if limit is not None and limit.is_live else None
