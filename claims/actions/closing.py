"""How a claim ends, and what it still waits for when it has."""

from datetime import datetime

from claims import limits
from claims.model.claim import Claim, Closure
from claims.model.labels import label
from claims.model.terms import CloseReason, EventKind, LimitKind, Stage
from claims.transition import Transition


def close(transition: Transition, reason: CloseReason, rule: str, *, at: datetime | None = None) -> None:
    """Every live limit falls away, lights stay. What may still come has some working days to come."""
    claim, at = transition.claim, at or transition.at
    if claim.stage is Stage.REGISTERED:
        limits.meet(claim, LimitKind.DISPATCH, at)
    limits.void_all(claim, at)
    claim.stage = Stage.CLOSED
    claim.closed = claim.closed or Closure(reason=reason, at=at)
    if claim.dispatch is not None:
        claim.dispatch.ended_at = transition.at
    transition.write(EventKind.CLOSED, rule, at=at, text=f"办结：{label(reason)}", data={"reason": reason})
    days = _days_to_come(claim)
    claim.over = not days
    if days:
        limits.start(claim, LimitKind.FOLLOW_UP, at, days=days)


def _days_to_come(claim: Claim) -> int:
    policy = claim.policy
    return max(
        policy.reopening_days if may_reopen(claim) else 0,
        policy.explanation_days if awaits_explanation(claim) else 0,
        policy.dispute_days if awaits_check(claim) else 0,
    )


def may_reopen(claim: Claim) -> bool:
    """R41: closed because nobody could be reached."""
    return claim.closed is not None and claim.closed.reason is CloseReason.UNREACHABLE


def awaits_explanation(claim: Claim) -> bool:
    """R44: closed as verified, and the unit has not yet explained further."""
    verified = claim.closed is not None and claim.closed.reason is CloseReason.VERIFIED
    return verified and claim.explained_at is None


def awaits_check(claim: Claim) -> bool:
    """R52: the enterprise says that it was never contacted, and nobody has confirmed it."""
    return claim.disputed_at is not None and claim.false_feedback is None


def settle(transition: Transition) -> None:
    """A closed claim that waits for nothing more is over."""
    claim = transition.claim
    if claim.stage is Stage.CLOSED and not _days_to_come(claim):
        limits.void_all(claim, transition.at)
        claim.over = True
