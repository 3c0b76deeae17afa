"""The enumerations of the plan: roles, actions, stages, limits, events.

Values are the wire names fixed by the API; Chinese labels live in `claims.model.labels`.
"""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """Who acts (rulebook §1). `CONSOLE` is in no token: it sends signals from the Temporal UI."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    CALLER = "caller"
    HANDLER = "handler"
    HEAD = "head"
    ARBITER = "arbiter"
    COORDINATOR = "coordinator"
    INSPECTOR = "inspector"
    ENTERPRISE = "enterprise"
    CHANNEL = "channel"
    AUDITOR = "auditor"
    ADMIN = "admin"
    CONSOLE = "console"


class Channel(StrEnum):
    """Where a claim comes from (R10, §二.一)."""

    HOTLINE = "12345"
    APP = "app"
    STATE_COUNCIL = "state-council"
    LEADERS_BOARD = "leaders-board"
    PROVINCE_HOTLINE = "province-hotline"
    PROVINCE_CLAIMS = "province-claims"
    LIGHTNING_NEWS = "lightning-news"
    MAYOR = "mayor"
    DESK = "desk"


class Category(StrEnum):
    """Kinds of claims (R11, §二.二)."""

    CONSULTATION = "consultation"
    HELP = "help"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"


class EnterpriseStatus(StrEnum):
    """Enterprises whose claims are accepted: also those that have signed a contract but not settled yet (R10)."""

    OPERATING = "operating"
    CONTRACTED = "contracted"


class Stage(StrEnum):
    """The stages of the 办理流程."""

    REGISTERED = "registered"
    ANSWERED = "answered"
    HANDLING = "handling"
    REDETERMINATION = "redetermination"
    ARBITRATION = "arbitration"
    CALL_BACK = "call-back"
    REDO = "redo"
    REVIEW = "review"
    VERIFICATION = "verification"
    COMPLETION = "completion"
    LEADERSHIP = "leadership"
    CLOSED = "closed"


UNIT_STAGES: Final = frozenset({Stage.HANDLING, Stage.REDO, Stage.REVIEW, Stage.COMPLETION})
"""The stages in which the handling unit is to act next."""


class Action(StrEnum):
    """Actions on a claim. The workflow has a signal of the same name with underscores."""

    ANSWER = "answer"
    DECLINE = "decline"
    DISPATCH = "dispatch"
    SIGN_FOR = "sign-for"
    REJECT = "reject"
    REDETERMINE = "redetermine"
    REFER = "refer"
    ARBITRATE = "arbitrate"
    CONTACT = "contact"
    REPLY = "reply"
    FEEDBACK = "feedback"
    PROGRESS = "progress"
    DELEGATE = "delegate"
    REQUEST_EXTENSION = "request-extension"
    DECIDE_EXTENSION = "decide-extension"
    CALL_BACK = "call-back"
    REVIEW_FORM = "review-form"
    VERIFY = "verify"
    CONFIRM_FALSE_FEEDBACK = "confirm-false-feedback"
    REMIND = "remind"
    SUPPLEMENT = "supplement"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    REOPEN = "reopen"
    REPORT_PART = "report-part"
    SPLIT = "split"


class LimitKind(StrEnum):
    """The limits of the rulebook's table (§2)."""

    DISPATCH = "dispatch"
    RETURN_WINDOW = "return-window"
    REDETERMINE = "redetermine"
    ARBITRATE = "arbitrate"
    CONTACT = "contact"
    REPLY = "reply"
    RESOLVE = "resolve"
    EXTENSION_DECISION = "extension-decision"
    SUPERVISED_FEEDBACK = "supervised-feedback"
    CALL_BACK = "call-back"
    REDO = "redo"
    REVIEW_FORM = "review-form"
    VERIFICATION = "verification"
    ORDERED_COMPLETION = "ordered-completion"
    INTERVIEW = "interview"
    """On a unit's account, not on a claim (R35)."""
    FOLLOW_UP = "follow-up"
    """A waiting period: how long a closed claim stays open to reopening and the like (R12, R41, R44, R52)."""
    LINK = "link"
    """A waiting period: how long an enterprise that was not reached may answer the message (R41)."""
    STANDSTILL = "standstill"
    """The inactivity timer: how long an open claim has no running limit until somebody is reminded (R32)."""


class LimitStatus(StrEnum):
    """`void`: cancelled by a new dispatch, a withdrawal or the closing; it counts for nobody. `disproved`: met by a
    contact that never was (R52)."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    VOID = "void"
    DISPROVED = "disproved"


class Colour(StrEnum):
    """Lights (R31, R32), the worst last."""

    YELLOW = "yellow"
    RED = "red"

    @property
    def rank(self) -> int:
        """The higher, the worse."""
        return tuple(Colour).index(self)

    @property
    def rule(self) -> str:
        """The rule that gives the light."""
        return {Colour.YELLOW: "R31", Colour.RED: "R32"}[self]

    @property
    def emoji(self) -> str:
        """The light as the Temporal UI and the console show it."""
        return {Colour.YELLOW: "🟡", Colour.RED: "🔴"}[self]


class CloseReason(StrEnum):
    """How a claim ends."""

    ANSWERED = "answered"
    DECLINED = "declined"
    SATISFIED = "satisfied"
    VERIFIED = "verified"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    DECIDED = "decided"
    FALSE_FEEDBACK = "false-feedback"


class Dissatisfaction(StrEnum):
    """Why an enterprise is not satisfied (R40)."""

    ATTITUDE = "attitude"
    RESULT = "result"
    TIMELINESS = "timeliness"
    NOT_CONTACTED = "not-contacted"
    UNTRUE = "untrue"
    POLICY = "policy"
    OTHER = "other"


class Grade(StrEnum):
    """Five grades of satisfaction (R40)."""

    VERY_SATISFIED = "very-satisfied"
    SATISFIED = "satisfied"
    FAIRLY_SATISFIED = "fairly-satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very-dissatisfied"

    @property
    def satisfied(self) -> bool:
        """R40 ◇: the first three are satisfied."""
        return self not in (Grade.DISSATISFIED, Grade.VERY_DISSATISFIED)


class DeclineReason(StrEnum):
    """What the platform does not accept (R13)."""

    LITIGATION = "litigation"
    ARBITRATION = "arbitration"
    DISCIPLINE = "discipline"
    RECONSIDERATION = "reconsideration"
    PETITION = "petition"
    STATE_SECRETS = "state-secrets"
    EMERGENCY = "emergency"


class FeedbackOutcome(StrEnum):
    """What ends the resolve limit (§二.四.2): resolved, or service confirmed by the enterprise."""

    RESOLVED = "resolved"
    SERVICE_CONFIRMED = "service-confirmed"


class PartOutcome(StrEnum):
    """What a co-unit says of its part (R22)."""

    DONE = "done"
    NONE = "none"


class ExtensionKind(StrEnum):
    """The two grounds for an extension (R17)."""

    DIFFICULT = "difficult"
    SEVERAL_UNITS = "several-units"


class RedetermineDecision(StrEnum):
    """The platform's decisions on a return (R15)."""

    CONFIRM = "confirm"
    REDISPATCH = "redispatch"


class DispatchOrigin(StrEnum):
    """Who decided on the dispatch; one by arbitration is final (R16)."""

    OPERATOR = "operator"
    REDETERMINATION = "redetermination"
    ARBITRATION = "arbitration"


class BackgroundTaskKind(StrEnum):
    """Background tasks of a transition; each value is the name of an activity."""

    REPORT_LIGHT = "report_light"
    REPORT_CAUSE = "report_cause"
    FILE_PAPER = "file_paper"
    REMIND_CLAIM = "remind_claim"
    ASK_TO_TAKE_OVER = "ask_to_take_over"
    ANSWER_TAKE_OVER = "answer_take_over"
    REGISTER_MATTERS = "register_matters"
