"""The input of facts: a claim's run up to an instant, and the construction of rows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from assessment.facts.model import Fact
from assessment.terms import COUNTS, Measure
from calendar_rules import local_day
from claims.model.claim import Claim
from claims.model.claim_parts import Dispatch
from claims.model.journal import Entry
from claims.model.labels import end_of, label, minute
from claims.model.limit import Limit
from claims.model.organisation import UnitRef
from claims.model.terms import CloseReason, DispatchOrigin, LimitKind, LimitStatus
from claims.model.values import Value

DECIDED: Final = (LimitStatus.MET, LimitStatus.MISSED, LimitStatus.DISPROVED)


class CoUnitPart(Value):
    """A co-unit has done its part, or has said with reason that it has none (R22)."""

    dispatch: int
    unit: str
    reported_at: datetime


def parts_of(claim: Claim) -> tuple[CoUnitPart, ...] | None:
    """Return co-units' reports, or None if none was required."""
    asked = [(d.n, part) for d in claim.dispatches for part in d.co_units if part.reports]
    if not asked:
        return None
    return tuple(
        CoUnitPart(dispatch=n, unit=part.unit.id, reported_at=part.reported_at)
        for n, part in asked
        if part.reported_at is not None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRun:
    """A claim and its journal (at least the lines of `events.JOURNAL_KINDS`), complete up to `until`.

    `revoked`: lights that the unit's account has revoked after the claim had closed (R37). `parts`: what
    co-units have reported; None where that is not recorded, and then no row says anything about it.
    """

    claim: Claim
    entries: tuple[Entry, ...]
    until: datetime
    revoked: frozenset[str] = frozenset()
    parts: tuple[CoUnitPart, ...] | None = None

    @property
    def ended(self) -> CloseReason | None:
        """How the claim has ended, if it has."""
        return self.claim.closed.reason if self.claim.closed else None

    def first_limit(self, kind: LimitKind, dispatch: Dispatch) -> Limit | None:
        """Return the limit that started with a dispatch. A second one of its kind only follows a missed one (R18)."""
        limits = (x for x in self.claim.limits if x.kind is kind and x.of is None)
        return next((x for x in limits if x.dispatch == dispatch.n), None)

    def is_wrong(self, dispatch: Dispatch) -> bool:
        """Return whether another unit was found to be the right one (R15, R16)."""
        return dispatch.n < len(self.claim.dispatches)


class Reason(NamedTuple):
    """Why a row counts, or does not."""

    rule: str
    text: str
    counts: bool = True


class When(NamedTuple):
    """The day that decides the period, and the instant."""

    day: date
    at: datetime

    @classmethod
    def happened(cls, at: datetime) -> "When":
        """On the Beijing day on which an instant falls (R2)."""
        return cls(local_day(at), at)

    @classmethod
    def due(cls, limit: Limit) -> "When":
        """On a limit's last day, or on the day it ended if it had no schedule by then."""
        if limit.schedule is None:
            return cls.happened(limit.ended_at or limit.started_at)
        return cls(limit.schedule.last_day, limit.schedule.due_at)


def leaves(run: ClaimRun, dispatch: Dispatch) -> Reason | None:
    """Return why nothing of a dispatch counts for its unit's limits and results; None if it counts."""
    if run.is_wrong(dispatch):
        after = run.claim.dispatches[dispatch.n]
        rule = "R16" if after.origin is DispatchOrigin.ARBITRATION else "R15"
        return Reason(rule, f"退单成立，改派{after.unit.name}，不计入原单位", counts=False)
    if run.ended is CloseReason.MERGED:
        return Reason("R48", f"与工单{run.claim.merged_into}并案，由该工单计入", counts=False)
    return None


def fell_away(run: ClaimRun) -> Reason:
    """Return why a limit that nobody had to keep to its end does not count."""
    if run.ended is CloseReason.WITHDRAWN:
        return Reason("R47", "企业撤回时尚未到期，时限不再计", counts=False)
    return Reason("R5", "时限中止，不再计", counts=False)


def limit_text(limit: Limit) -> str:
    """`核实时限2026-11-25 24:00，2026-11-25 10:00完成`."""
    end = end_of(limit.schedule.last_day, limit.schedule.due_at) if limit.schedule else ""
    if limit.status is LimitStatus.MET and limit.ended_at is not None:
        return f"{label(limit.kind)}{end}，{minute(limit.ended_at)}完成"
    return f"{label(limit.kind)}{end}，{label(limit.status)}"


@dataclass(frozen=True, slots=True)
class Rows:
    """Writes the rows of one unit's part in a claim."""

    run: ClaimRun
    unit: UnitRef
    dispatch: Dispatch | None = None

    def write(
        self,
        measure: Measure,
        when: When,
        reason: Reason,
        *,
        n: bool,
        about: str = "",
        round: int = 0,
    ) -> Fact:
        """Return one row. What does not count keeps its denominator, so that people see what was left out."""
        claim = self.run.claim
        return Fact(
            claim=claim.number,
            dispatch=self.dispatch.n if self.dispatch else 0,
            round=round,
            unit=self.unit.accountable,
            unit_name=self.unit.accountable_name,
            district=claim.order.district,
            measure=measure,
            about=about,
            n=1 if n else 0,
            of=0 if measure in COUNTS else 1,
            day=when.day,
            at=when.at,
            counted=reason.counts,
            rule=reason.rule,
            why=reason.text,
        )
