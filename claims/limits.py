"""The limits of the rulebook's table: how long, whose, and what starts, stops and ends them.

Durations are working days of the claim's policy. No instant is computed here: a limit that starts or
runs on asks for its instants (`fix_wanted`), and the deadlines activity fixes them (R6).
"""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from claims.model.claim import Claim
from claims.model.labels import label
from claims.model.limit import Limit
from claims.model.organisation import UnitRef
from claims.model.policy import Policy
from claims.model.terms import LimitKind, LimitStatus


@dataclass(frozen=True, slots=True)
class LimitRule:
    """One row of the rulebook's table. `days` names the policy's parameter."""

    days: str
    rules: tuple[str, ...]
    gives_lights: bool = False
    starts_with_warning: bool = False

    def working_days(self, policy: Policy) -> int:
        """The number of working days under a policy."""
        return int(getattr(policy, self.days))


LIMIT_RULES: Final = MappingProxyType(
    {
        LimitKind.DISPATCH: LimitRule("dispatch_days", ("§二.三.2",)),
        LimitKind.RETURN_WINDOW: LimitRule("return_window_days", ("R15",)),
        LimitKind.REDETERMINE: LimitRule("redetermine_days", ("R15",)),
        LimitKind.ARBITRATE: LimitRule("arbitrate_days", ("R16",)),
        LimitKind.CONTACT: LimitRule("contact_days", ("R31", "§二.四.1"), True, True),
        LimitKind.REPLY: LimitRule("reply_days", ("R31", "§二.四.2"), True, True),
        LimitKind.RESOLVE: LimitRule("resolve_days", ("R31", "§二.四.2"), True, True),
        LimitKind.EXTENSION_DECISION: LimitRule("extension_decision_days", ("R17",)),
        LimitKind.SUPERVISED_FEEDBACK: LimitRule("supervised_feedback_days", ("R32", "§二.五.2")),
        LimitKind.CALL_BACK: LimitRule("call_back_days", ("R40",)),
        LimitKind.REDO: LimitRule("redo_days", ("R31", "R43", "§二.五.3"), True, True),
        LimitKind.REVIEW_FORM: LimitRule("review_form_days", ("R31", "R44", "§二.六.2"), True, True),
        LimitKind.VERIFICATION: LimitRule("verification_days", ("R44",)),
        LimitKind.ORDERED_COMPLETION: LimitRule("ordered_completion_days", ("R45",), False, True),
        LimitKind.LINK: LimitRule("link_days", ("R41",)),
        LimitKind.FOLLOW_UP: LimitRule("answered_follow_up_days", ("R12",)),
        LimitKind.STANDSTILL: LimitRule("standstill_days", ("R32",)),
    }
)

WAITING_PERIODS: Final = frozenset({LimitKind.FOLLOW_UP, LimitKind.LINK, LimitKind.STANDSTILL})
"""Times that run, and that nobody has to keep."""
DELIVERY_LIMITS: Final = (LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE)
"""What starts at every delivery (R4)."""


def start(
    claim: Claim, kind: LimitKind, at: datetime, unit: UnitRef | None = None, *, days: int = 0
) -> Limit:
    """Start a limit at an instant (R2: that day is day 0; R4: delivery, not signing), over the policy's
    working days or so many."""
    dispatch = claim.dispatch.n if claim.dispatch else 0
    limit = Limit(
        id=_free_id(claim, f"{dispatch}/{claim.round}/{kind}"),
        kind=kind,
        dispatch=dispatch,
        round=claim.round,
        unit=unit,
        started_at=at,
        count_from=at,
        count_days=days or LIMIT_RULES[kind].working_days(claim.policy),
    )
    claim.limits.append(limit)
    return limit


def missed_limit_id(supervised: Limit) -> str:
    """The id of the limit whose missing feedback is supervised (R32); any other limit's is its own."""
    return supervised.id.replace(f"{LimitKind.SUPERVISED_FEEDBACK}:", "")


def _free_id(claim: Claim, wanted: str) -> str:
    """Limits that can run twice in one round (a second dispatch limit) are numbered on."""
    taken = sum(1 for limit in claim.limits if limit.id == wanted or limit.id.startswith(f"{wanted}-"))
    return wanted if taken == 0 else f"{wanted}-{taken + 1}"


def meet(claim: Claim, kind: LimitKind, at: datetime) -> Limit | None:
    """The act that a limit waits for has come. Also ends the supervision of a missed one (R32)."""
    supervised = claim.limit(LimitKind.SUPERVISED_FEEDBACK, of=kind)
    for limit in (claim.limit(kind), supervised):
        if limit is not None and limit.is_live:
            limit.status = LimitStatus.MET
            limit.ended_at = at
            limit.fix_wanted = False
    if supervised is not None and supervised.ended_at is None:
        supervised.ended_at = at
    return claim.limit(kind)


def pause(limit: Limit, at: datetime) -> None:
    """R5, R17: stop a running limit; what is left is counted from this instant's day."""
    if limit.status is LimitStatus.RUNNING:
        limit.status = LimitStatus.PAUSED
        limit.paused_at = at


def resume(limit: Limit, at: datetime) -> None:
    """R5, R17: what was left when the limit was stopped runs on from this instant, at least 1 WD."""
    if limit.status is LimitStatus.PAUSED:
        limit.status = LimitStatus.RUNNING
        limit.rerun_from = at
        limit.fix_wanted = True


def extend(limit: Limit, policy: Policy, at: datetime) -> None:
    """R17: 25 working days in total from where the limit's count began, not ending before 1 WD from now."""
    limit.status = LimitStatus.RUNNING
    limit.count_days += policy.extended_resolve_days - policy.resolve_days
    limit.paused_at = None
    limit.floor_from = at
    limit.warned = False
    limit.fix_wanted = True


def restart(limit: Limit, at: datetime) -> None:
    """R18: a limit that was met by too little runs again, to its old end or 1 WD from now if that is later."""
    limit.status = LimitStatus.RUNNING
    limit.ended_at = None
    limit.floor_from = at
    limit.warned = False
    limit.fix_wanted = True


def void(limit: Limit, at: datetime) -> None:
    """A live limit falls away and counts for nobody; what followed a missed one ends."""
    if limit.is_live:
        limit.status = LimitStatus.VOID
        limit.fix_wanted = False
    if limit.ended_at is None:
        limit.ended_at = at


def void_all(claim: Claim, at: datetime, *, dispatch: int | None = None) -> None:
    """All limits (of one dispatch) fall away; missed ones stay missed."""
    for limit in claim.limits:
        if dispatch in (None, limit.dispatch):
            void(limit, at)


_MERELY_OVER: Final = WAITING_PERIODS | {LimitKind.RETURN_WINDOW}
"""Times that are given; nobody is late when they end."""


def status_of(limit: Limit) -> str:
    """The status as people read it: 超期 is only what somebody has missed."""
    if limit.status is LimitStatus.MISSED and limit.kind in _MERELY_OVER:
        return "期满"
    return label(limit.status)
