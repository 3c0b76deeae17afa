"""The parts of a claim: the work order, dispatches, and filed documents. Value objects, nearly all frozen.

All instants are aware UTC datetimes; limits end on a `date`.
"""

from datetime import date, datetime

from claims.model.organisation import UnitRef
from claims.model.terms import (
    Category,
    Channel,
    CloseReason,
    DispatchOrigin,
    Dissatisfaction,
    EnterpriseStatus,
    ExtensionKind,
    FeedbackOutcome,
    Grade,
    PartOutcome,
)
from claims.model.values import FlatModel, Value


class WorkOrder(Value):
    """The work order as registered (R10)."""

    channel: Channel
    external_id: str = ""
    enterprise: str
    contact: str
    phone: str
    enterprise_status: EnterpriseStatus = EnterpriseStatus.OPERATING
    district: str = ""
    district_name: str = ""
    town: str = ""
    category: Category
    subcategory: str = ""
    matter: str
    linked_to: str = ""
    """An earlier claim of the same matter, closed (R48)."""
    split_from: str = ""
    """The claim of the same call that kept the first matter (R49)."""
    credit_code: str = ""
    """The enterprise's 统一社会信用代码; empty where it has none, or nobody said it (§1)."""
    account: str = ""
    """The account that registered the claim for itself: `sub` of its token; the owner where there is no code (§1)."""
    complained_of: UnitRef | None = None
    """R53: the unit that a complaint is about."""


class Signature(Value):
    """A head's signature: the head's own action, or a signed paper filed by a handler."""

    head: str
    paper: str = ""


class ReturnRequest(Value):
    """A complete return 退单 (R15)."""

    at: datetime
    reason: str
    basis: str
    suggested_unit: UnitRef
    signature: Signature


class CoUnit(Value):
    """A co-unit and the day its part is due, 2 WD before the lead's (R14 ◇)."""

    unit: UnitRef
    last_day: date | None = None
    due_at: datetime | None = None
    reports: bool = False
    """R22: the unit signs for its part and reports it. False: parts of policies without `co_units_report`."""
    signed_for_at: datetime | None = None
    reported_at: datetime | None = None
    outcome: PartOutcome | None = None
    text: str = ""
    overdue: bool = False
    """The part's end has passed without a report."""

    @property
    def is_awaited(self) -> bool:
        """R22: its report is still missing, and its end has not passed."""
        return self.reports and self.reported_at is None and not self.overdue


class Dispatch(FlatModel):
    """One delivery of the work order to a lead unit (R14); `n` counts from 1."""

    n: int
    unit: UnitRef
    co_units: tuple[CoUnit, ...] = ()
    basis: str = ""
    origin: DispatchOrigin = DispatchOrigin.OPERATOR
    delivered_at: datetime
    signed_for_at: datetime | None = None
    delegate: UnitRef | None = None
    returned: ReturnRequest | None = None
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None

    def part_below(self, unit: UnitRef) -> CoUnit | None:
        """R22: the part of a unit or of one below it; of several the first that is not reported yet."""
        parts = [part for part in self.co_units if unit.id in part.unit.path]
        return next((part for part in parts if part.reported_at is None), next(iter(parts), None))

    @property
    def acting(self) -> UnitRef:
        """The unit that handles the claim: the delegate, else the lead (R21)."""
        return self.delegate or self.unit


class Extension(Value):
    """An application for 25 working days (R17). `decided_at` is None while it is undecided; `approved` stays
    None where the unit's feedback came first."""

    at: datetime
    kind: ExtensionKind
    reason: str
    work_so_far: str
    plan: str
    signature: Signature
    approved: bool | None = None
    decided_at: datetime | None = None
    decision_reason: str = ""


class ContactRecord(Value):
    """A contact of a dispatch's unit with the enterprise (§二.四.1)."""

    dispatch: int
    at: datetime
    means: str
    person: str
    summary: str = ""


class ReplyRecord(Value):
    """The reply of a dispatch's unit to the enterprise (§二.四.2)."""

    dispatch: int
    at: datetime
    text: str


class FeedbackRecord(Value):
    """The unit's feedback to the platform (R18)."""

    at: datetime
    outcome: FeedbackOutcome
    summary: str
    round: int


class CallBackRecord(Value):
    """One recorded call to the enterprise (R40)."""

    at: datetime
    reached: bool
    grade: Grade | None = None
    resolved: bool | None = None
    contacted: bool | None = None
    reason: Dissatisfaction | None = None
    remark: str = ""
    round: int = 0
    on_working_day: bool = False


class ReviewFormRecord(Value):
    """The 《不满意诉求审核反馈表》, signed and sealed (R44). `seal` is the sealed paper's attachment id."""

    at: datetime
    first_result: str
    second_result: str
    reasons: str
    basis: str
    signature: Signature
    seal: str


class Verification(Value):
    """The platform's opinion on a form or on an ordered completion (R44, R45)."""

    at: datetime
    compliant: bool
    opinion: str
    order_days: int | None = None


class FalseFeedback(Value):
    """A confirmed false report of a contact (R52)."""

    at: datetime
    evidence: str


class Closure(Value):
    """How and when a claim ended."""

    reason: CloseReason
    at: datetime
