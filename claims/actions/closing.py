"""Closing a claim, and what a closed claim still waits for."""

from datetime import datetime

from claims import limits
from claims.actions.pending_merge import end_with_claim
from claims.model.claim import Claim
from claims.model.claim_parts import Closure
from claims.model.events import EventKind
from claims.model.labels import label
from claims.model.terms import CloseReason, LimitKind, LimitStatus, Stage
from claims.transition import Transition


def close(transition: Transition, reason: CloseReason, rule: str, *, at: datetime | None = None) -> None:
    """Close the claim: live limits are void, lights stay. A claim that may still be reopened, explained or
    checked stays open to that for the policy's number of working days."""
    claim, at = transition.claim, at or transition.at
    if claim.stage is Stage.REGISTERED:
        limits.meet(claim, LimitKind.DISPATCH, at)
    limits.void_all(claim, at)
    claim.stage = Stage.CLOSED
    claim.closed = claim.closed or Closure(reason=_reason_now(claim, reason), at=at)
    reason = claim.closed.reason
    if claim.dispatch is not None:
        claim.dispatch.ended_at = transition.at
    end_with_claim(transition, at)
    transition.write(EventKind.CLOSED, rule, at=at, text=f"办结：{label(reason)}", data={"reason": reason})
    days = _days_still_open(claim)
    claim.over = not days
    if days:
        limits.start(claim, LimitKind.FOLLOW_UP, at, days=days)


def _reason_now(claim: Claim, reason: CloseReason) -> CloseReason:
    """R52: a claim of confirmed false feedback never counts as satisfied."""
    is_false = claim.false_feedback is not None and claim.policy.disproves_contacts
    return CloseReason.FALSE_FEEDBACK if is_false and reason is CloseReason.SATISFIED else reason


def disprove_contact(claim: Claim) -> None:
    """R52: the claim counts as neither contacted nor satisfied."""
    if not claim.policy.disproves_contacts:
        return
    contact = claim.limit(LimitKind.CONTACT)
    if contact is not None and contact.status is LimitStatus.MET:
        contact.status = LimitStatus.DISPROVED
    if claim.closed is not None:
        reason = _reason_now(claim, claim.closed.reason)
        claim.closed = claim.closed.model_copy(update={"reason": reason})


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
