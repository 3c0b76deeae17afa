"""The limits of the rulebook's table: how long, whose, and what starts, stops and ends them.

Durations are working days of the claim's policy. No instant is computed here: a limit that starts or resumes
is marked (`fix_wanted`), and the deadlines activity computes its schedule (R6).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from claims.model.claim import Claim
from claims.model.labels import label
from claims.model.limit import Limit
from claims.model.organisation import UnitRef
from claims.model.policy import Policy
from claims.model.terms import LimitKind, LimitStatus


class OnExpiry(StrEnum):
    """What follows when a limit ends and the act it waits for has not come (`claims.deadlines.expiry`)."""

    YELLOW_LIGHT = "yellow-light"
    """A supervision letter, a yellow light, and the limit for supervised feedback (R31)."""
    RED_LIGHT = "red-light"
    """A red light, reminders and an escalation (R32)."""
    CRITICISM = "criticism"
    """A notice of criticism and an accountability file, no light (R45)."""
    PLATFORM_DELAY = "platform-delay"
    """A delay of the platform's own in the journal."""
    DEEMED_ACCEPTANCE = "deemed-acceptance"
    """The unit is deemed to have accepted the dispatch (R15)."""
    UNREACHABLE_CLOSING = "unreachable-closing"
    """The claim is closed as unreachable (R41)."""
    END_OF_CLAIM = "end-of-claim"
    """A closed claim ends for good (R12, R41)."""
    INACTIVITY_REPORT = "inactivity-report"
    """The next person to act is reminded, and the timer restarts (R32)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRule:
    """One row of the rulebook's table. `days` names the policy's parameter; `warns`: an early warning comes
    before its end (R30)."""

    days: str
    rules: tuple[str, ...]
    on_expiry: OnExpiry
    warns: bool = False

    @property
    def gives_lights(self) -> bool:
        """Does a missed limit bring a yellow light, and a red one if feedback fails to come?"""
        return self.on_expiry is OnExpiry.YELLOW_LIGHT

    def working_days(self, policy: Policy) -> int:
        """Return the number of working days under a policy."""
        return int(getattr(policy, self.days))


LIMIT_RULES: Final = MappingProxyType(
    {
        LimitKind.DISPATCH: LimitRule(
            days="dispatch_days", rules=("§二.三.2",), on_expiry=OnExpiry.PLATFORM_DELAY
        ),
        LimitKind.RETURN_WINDOW: LimitRule(
            days="return_window_days", rules=("R15",), on_expiry=OnExpiry.DEEMED_ACCEPTANCE
        ),
        LimitKind.REDETERMINE: LimitRule(
            days="redetermine_days", rules=("R15",), on_expiry=OnExpiry.PLATFORM_DELAY
        ),
        LimitKind.ARBITRATE: LimitRule(
            days="arbitrate_days", rules=("R16",), on_expiry=OnExpiry.PLATFORM_DELAY
        ),
        LimitKind.CONTACT: LimitRule(
            days="contact_days", rules=("R31", "§二.四.1"), on_expiry=OnExpiry.YELLOW_LIGHT, warns=True
        ),
        LimitKind.REPLY: LimitRule(
            days="reply_days", rules=("R31", "§二.四.2"), on_expiry=OnExpiry.YELLOW_LIGHT, warns=True
        ),
        LimitKind.RESOLVE: LimitRule(
            days="resolve_days", rules=("R31", "§二.四.2"), on_expiry=OnExpiry.YELLOW_LIGHT, warns=True
        ),
        LimitKind.EXTENSION_DECISION: LimitRule(
            days="extension_decision_days", rules=("R17",), on_expiry=OnExpiry.PLATFORM_DELAY
        ),
        LimitKind.SUPERVISED_FEEDBACK: LimitRule(
            days="supervised_feedback_days", rules=("R32", "§二.五.2"), on_expiry=OnExpiry.RED_LIGHT
        ),
        LimitKind.CALL_BACK: LimitRule(
            days="call_back_days", rules=("R40",), on_expiry=OnExpiry.PLATFORM_DELAY
        ),
        LimitKind.REDO: LimitRule(
            days="redo_days", rules=("R31", "R43", "§二.五.3"), on_expiry=OnExpiry.YELLOW_LIGHT, warns=True
        ),
        LimitKind.REVIEW_FORM: LimitRule(
            days="review_form_days",
            rules=("R31", "R44", "§二.六.2"),
            on_expiry=OnExpiry.YELLOW_LIGHT,
            warns=True,
        ),
        LimitKind.VERIFICATION: LimitRule(
            days="verification_days", rules=("R44",), on_expiry=OnExpiry.PLATFORM_DELAY
        ),
        LimitKind.ORDERED_COMPLETION: LimitRule(
            days="ordered_completion_days", rules=("R45",), on_expiry=OnExpiry.CRITICISM, warns=True
        ),
        LimitKind.LINK: LimitRule(days="link_days", rules=("R41",), on_expiry=OnExpiry.UNREACHABLE_CLOSING),
        LimitKind.FOLLOW_UP: LimitRule(
            days="answered_follow_up_days", rules=("R12",), on_expiry=OnExpiry.END_OF_CLAIM
        ),
        LimitKind.STANDSTILL: LimitRule(
            days="standstill_days", rules=("R32",), on_expiry=OnExpiry.INACTIVITY_REPORT
        ),
    }
)

WAITING_PERIODS: Final = frozenset({LimitKind.FOLLOW_UP, LimitKind.LINK, LimitKind.STANDSTILL})
"""Periods that run although nobody has to do anything before their end."""
NEVER_OVERDUE: Final = WAITING_PERIODS | {LimitKind.RETURN_WINDOW}
"""Periods at whose end nobody is late."""
DELIVERY_LIMITS: Final = (LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE)
"""The limits that start at every delivery (R4)."""


def limit_name(limit: Limit, separator: str = "") -> str:
    """Return a limit as people call it; for supervised feedback after the limit that was missed."""
    return limit_kind_name(limit.kind, limit.of, separator)


def limit_kind_name(kind: LimitKind, of: LimitKind | None, separator: str = "") -> str:
    """Return the same by its kind, and by that of the limit whose feedback it waits for."""
    return f"{label(of)}{separator}{label(kind)}" if of else label(kind)


def start(
    claim: Claim, kind: LimitKind, at: datetime, unit: UnitRef | None = None, *, days: int = 0
) -> Limit:
    """Start a limit at an instant (R2: that day is day 0; R4: delivery, not signing). `days`: working days
    other than the policy's."""
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
    """Return the id of the missed limit that a limit for supervised feedback follows (R32); of any other, its
    own id.
    """
    return supervised.id.replace(f"{LimitKind.SUPERVISED_FEEDBACK}:", "")


def _free_id(claim: Claim, wanted: str) -> str:
    """Return the wanted id, with a number where a limit of this kind has run in this round before."""
    taken = sum(1 for limit in claim.limits if limit.id == wanted or limit.id.startswith(f"{wanted}-"))
    return wanted if taken == 0 else f"{wanted}-{taken + 1}"


def meet(claim: Claim, kind: LimitKind, at: datetime) -> Limit | None:
    """End a limit because the act it waits for has come; ends the supervision of a missed one too (R32)."""
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
    """R5, R17: pause a running limit; the working days left are counted from this instant's day."""
    if limit.status is LimitStatus.RUNNING:
        limit.status = LimitStatus.PAUSED
        limit.paused_at = at


def resume(limit: Limit, at: datetime) -> None:
    """R5, R17: resume a paused limit with the working days that were left, at least one."""
    if limit.status is LimitStatus.PAUSED:
        limit.status = LimitStatus.RUNNING
        limit.rerun_from = at
        limit.fix_wanted = True


def extend(limit: Limit, policy: Policy, at: datetime) -> None:
    """R17: extend a limit to 25 working days in total; it ends at least 1 WD from now."""
    limit.status = LimitStatus.RUNNING
    limit.count_days = extended_days(limit, policy)
    limit.paused_at = None
    limit.floor_from = at
    limit.warned = False
    limit.fix_wanted = True


def extended_days(limit: Limit, policy: Policy) -> int:
    """R17: the working days from the limit's day 0 that an approval gives."""
    return limit.count_days + policy.extended_resolve_days - policy.resolve_days


def restart(limit: Limit, at: datetime) -> None:
    """R18: reopen a limit that incomplete feedback had met; it ends at its old end, or 1 WD from now if later."""
    limit.status = LimitStatus.RUNNING
    limit.ended_at = None
    limit.floor_from = at
    limit.warned = False
    limit.fix_wanted = True


def take_back_feedback(claim: Claim, kind: LimitKind, at: datetime) -> None:
    """R18: feedback that is sent back counts as not given. The first time in a round, a limit that it met
    ends 1 WD from now if that is later; a second time moves nothing. After a yellow light its supervision
    continues with its old instants.
    """
    limit = claim.limit(kind)
    if limit is not None and limit.status is LimitStatus.MET:
        limit.sent_back += 1
        if limit.sent_back == 1:
            restart(limit, at)
        else:
            _go_on(limit, at)
    elif (supervised := claim.limit(LimitKind.SUPERVISED_FEEDBACK, of=kind)) is not None:
        _go_on(supervised, at)


def _go_on(limit: Limit, at: datetime) -> None:
    """A limit that was met, or a red light whose reminders had ended; warnings and reminders of meanwhile fall away."""
    if limit.status is LimitStatus.MET:
        limit.status = LimitStatus.RUNNING
    if limit.status is LimitStatus.VOID or limit.schedule is None:
        return
    limit.ended_at = None
    limit.warned = limit.warned or (limit.schedule.warn_at is not None and limit.schedule.warn_at <= at)
    limit.reminders = max(limit.reminders, sum(1 for due in limit.schedule.remind_at if due <= at))


def void(limit: Limit, at: datetime) -> None:
    """Void a live limit: it counts for nobody. Ends what followed a missed one."""
    if limit.is_live:
        limit.status = LimitStatus.VOID
        limit.fix_wanted = False
    if limit.ended_at is None:
        limit.ended_at = at


def void_all(claim: Claim, at: datetime, *, dispatch: int | None = None) -> None:
    """Void all live limits (of one dispatch); missed ones stay missed."""
    for limit in claim.limits:
        if dispatch in (None, limit.dispatch):
            void(limit, at)


def status_name(limit: Limit) -> str:
    """Return the status in Chinese; only a limit that somebody had to keep is 超期."""
    if limit.status is LimitStatus.MISSED and limit.kind in NEVER_OVERDUE:
        return "期满"
    return label(limit.status)
