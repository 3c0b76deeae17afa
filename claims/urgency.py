"""The most urgent limit of a claim: missed limits that are still unmet come before running ones."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from claims.deadlines.moments import next_due
from claims.limits import LIMIT_RULES
from claims.model.claim import Claim
from claims.model.limit import Limit
from claims.model.terms import LimitKind, LimitStatus, Stage

_WAITS_IN: Final[Mapping[LimitKind, Stage]] = MappingProxyType(
    {
        LimitKind.DISPATCH: Stage.REGISTERED,
        LimitKind.REDETERMINE: Stage.REDETERMINATION,
        LimitKind.ARBITRATE: Stage.ARBITRATION,
        LimitKind.CALL_BACK: Stage.CALL_BACK,
        LimitKind.VERIFICATION: Stage.VERIFICATION,
        LimitKind.ORDERED_COMPLETION: Stage.COMPLETION,
    }
)
"""The stage in which the act that a limit without lights waits for has not come."""


def is_unmet(claim: Claim, limit: Limit) -> bool:
    """Return whether a limit was missed and what it waits for has still not come."""
    if limit.status is not LimitStatus.MISSED or claim.stage is Stage.CLOSED:
        return False
    if limit.kind is LimitKind.SUPERVISED_FEEDBACK:
        return limit.ended_at is None
    if LIMIT_RULES[limit.kind].gives_lights:
        supervised = _supervision(claim, limit)
        return supervised is None or (
            supervised.ended_at is None and supervised.status is not LimitStatus.MET
        )
    if claim.limit(limit.kind) is not limit:
        return False
    if limit.kind is LimitKind.EXTENSION_DECISION:
        return claim.has_pending_extension
    return _WAITS_IN.get(limit.kind) is claim.stage


def _supervision(claim: Claim, missed: Limit) -> Limit | None:
    same = (x for x in reversed(claim.limits) if (x.dispatch, x.round) == (missed.dispatch, missed.round))
    return next((x for x in same if x.of is missed.kind), None)


def most_urgent_end(claim: Claim) -> datetime | None:
    """Return the earliest end of all limits that are unmet or run; None for a closed claim."""
    if claim.stage is Stage.CLOSED:
        return None
    unmet = (x.schedule.due_at for x in claim.limits if x.schedule is not None and is_unmet(claim, x))
    return min((at for at in (*unmet, next_due(claim)) if at is not None), default=None)


def by_urgency(claim: Claim) -> list[Limit]:
    """Return all limits: unmet ones first, then running, then paused ones, each by its end; then the others,
    newest first.
    """
    return sorted(claim.limits, key=lambda limit: _rank(claim, limit))


def _rank(claim: Claim, limit: Limit) -> tuple[int, float]:
    end = limit.schedule.due_at.timestamp() if limit.schedule else limit.started_at.timestamp()
    if is_unmet(claim, limit):
        return 0, end
    match limit.status:
        case LimitStatus.RUNNING:
            return 1, end
        case LimitStatus.PAUSED:
            return 2, end
        case _:
            return 3, -end
