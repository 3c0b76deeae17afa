"""Applications for exclusion of one claim, and their decisions. The claim itself never changes (R65)."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from assessment.cases.model import CaseState
from assessment.facts.exclusions import Exclusion
from assessment.terms import ExclusionReason, Measure
from calendar_rules import local_day
from claims.model.values import Value


class ApplicationStatus(StrEnum):
    """The status of an application."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"
    APPEALED = "appealed"
    APPEAL_APPROVED = "appeal-approved"
    APPEAL_REFUSED = "appeal-refused"


STATUS_NAMES = {
    ApplicationStatus.APPLIED: "待核定",
    ApplicationStatus.APPROVED: "同意剔除",
    ApplicationStatus.REFUSED: "不予剔除",
    ApplicationStatus.APPEALED: "已申诉",
    ApplicationStatus.APPEAL_APPROVED: "申诉成立，剔除",
    ApplicationStatus.APPEAL_REFUSED: "申诉不成立",
}
WAITING = (ApplicationStatus.APPLIED, ApplicationStatus.APPEALED)
EXCLUDED = (ApplicationStatus.APPROVED, ApplicationStatus.APPEAL_APPROVED)


class Decision(Value):
    """A decision on an application or on its appeal."""

    approved: bool
    text: str
    by: str
    sub: str
    at: datetime


class Appeal(Value):
    """The unit's appeal to the leadership group; there is only one."""

    text: str
    evidence: tuple[str, ...] = ()
    by: str
    at: datetime


class Application(Value):
    """One application. `measure` is None for the whole claim."""

    id: str
    unit: str
    measure: Measure | None = None
    reason: ExclusionReason
    text: str
    evidence: tuple[str, ...]
    by: str
    at: datetime
    decision: Decision | None = None
    appeal_until: date | None = None
    """The last day on which a refusal may be appealed."""
    appeal_due_at: datetime | None = None
    appeal: Appeal | None = None
    appeal_decision: Decision | None = None

    @property
    def status(self) -> ApplicationStatus:
        """The present status."""
        if self.appeal_decision is not None:
            approved = self.appeal_decision.approved
            return ApplicationStatus.APPEAL_APPROVED if approved else ApplicationStatus.APPEAL_REFUSED
        if self.appeal is not None:
            return ApplicationStatus.APPEALED
        if self.decision is None:
            return ApplicationStatus.APPLIED
        return ApplicationStatus.APPROVED if self.decision.approved else ApplicationStatus.REFUSED


class ExclusionState(CaseState):
    """All applications on one claim."""

    number: str
    applications: list[Application] = Field(default_factory=list)

    def find(self, id: str) -> Application | None:
        """Return an application by its id."""
        return next((one for one in self.applications if one.id == id), None)

    def exclusions(self) -> tuple[Exclusion, ...]:
        """Return the exclusions that were granted."""
        return tuple(
            Exclusion(
                claim=self.number,
                unit=one.unit,
                measure=one.measure,
                reason=one.reason,
                decided_on=local_day(decided.at),
                decision=decided.text,
            )
            for one in self.applications
            if one.status in EXCLUDED and (decided := one.appeal_decision or one.decision)
        )

    def open_until(self, now: datetime) -> datetime | None:
        """Return the end of the time to appeal; None if no refusal can be appealed."""
        ends = [
            one.appeal_due_at
            for one in self.applications
            if one.status is ApplicationStatus.REFUSED and one.appeal_due_at and one.appeal_due_at > now
        ]
        return max(ends, default=None)

    @property
    def waits(self) -> bool:
        """Whether anything is undecided."""
        return any(one.status in WAITING for one in self.applications)
