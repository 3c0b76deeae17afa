"""Closing a claim, and what a closed claim still waits for."""

from datetime import datetime

from claims import limits
from claims.actions.pending_merge import end_with_claim
from claims.model.claim import Claim, Closure
from claims.model.labels import label
from claims.model.terms import CloseReason, EventKind, LimitKind, Stage
from claims.transition import Transition


def close(transition: Transition, reason: CloseReason, rule: str, *, at: datetime | None = None) -> None:
    """Close the claim: live limits are void, lights stay. A claim that may still be reopened, explained or
    checked stays open to that for the policy's number of working days."""
    claim, at = transition.claim, at or transition.at
    if claim.stage is Stage.REGISTERED:
        limits.meet(claim, LimitKind.DISPATCH, at)
    limits.void_all(claim, at)
    claim.stage = Stage.CLOSED
    claim.closed = claim.closed or Closure(reason=reason, at=at)
    if claim.dispatch is not None:
        claim.dispatch.ended_at = transition.at
    end_with_claim(transition, at)
    transition.write(EventKind.CLOSED, rule, at=at, text=f"办结：{label(reason)}", data={"reason": reason})
    days = _days_still_open(claim)
    claim.over = not days
    if days:
        limits.start(claim, LimitKind.FOLLOW_UP, at, days=days)


def _days_still_open(claim: Claim) -> int:
    policy = claim.policy
    return max(
        policy.reopening_days if claim.is_reopenable else 0,
        policy.explanation_days if claim.awaits_explanation else 0,
        policy.dispute_days if claim.has_disputed_contact else 0,
    )


def end_if_nothing_is_awaited(transition: Transition) -> None:
    """End a closed claim that waits for nothing more."""
    claim = transition.claim
    if claim.stage is Stage.CLOSED and not _days_still_open(claim):
        limits.void_all(claim, transition.at)
        claim.over = True
