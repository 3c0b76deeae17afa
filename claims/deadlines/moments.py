"""The instants that a claim waits for: ends and early warnings of limits, what follows a red light, co-units' parts, merges.

Timers wait for them (`workflows.outgoing.timers`); `claims.deadlines.expiry` makes them happen.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from claims.limits import limit_name
from claims.model.claim import Claim
from claims.model.labels import end_of, minute
from claims.model.limit import Limit, LimitSchedule
from claims.model.terms import LimitKind, LimitStatus


class MomentKind(StrEnum):
    """What a limit has at an instant; the order is the one in which events of the same instant follow."""

    WARNING = "warning"
    END = "end"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    PART_END = "part-end"
    """A co-unit's part is due (R22); it belongs to no limit."""
    MERGE_UNANSWERED = "merge-unanswered"
    """Not of a limit: the claim stops waiting for the one that it is to be merged into (R48)."""


class Moment(NamedTuple):
    """An instant, mostly of a limit, that has not come yet; `summary` is its timer's name in the Temporal UI."""

    at: datetime
    limit_id: str
    kind: MomentKind
    summary: str


def moments(claim: Claim) -> list[Moment]:
    """Return the instants still to come of all limits: warnings, ends, and what follows a red light; of
    co-units' parts; and of a merge.
    """
    of_limits = (moment for limit in claim.limits for moment in _moments_of(limit))
    return [*of_limits, *_moments_of_parts(claim), *_moments_of_merge(claim)]


def _moments_of_parts(claim: Claim) -> list[Moment]:
    """R22: while the dispatch is the claim's and its clocks run; a return and an undecided extension stop them (R5, R17)."""
    dispatch, resolve = claim.dispatch, claim.limit(LimitKind.RESOLVE)
    is_stopped = resolve is None or resolve.fix_wanted or resolve.status is LimitStatus.PAUSED
    if dispatch is None or claim.closed is not None or is_stopped:
        return []
    return [
        Moment(
            part.due_at,
            f"part/{dispatch.n}/{part.unit.id}",
            MomentKind.PART_END,
            f"协办时限（{part.unit.name}） {end_of(part.last_day, part.due_at)}",
        )
        for part in dispatch.co_units
        if part.is_awaited and part.due_at is not None and part.last_day is not None
    ]


def _moments_of_merge(claim: Claim) -> list[Moment]:
    if (merging := claim.merging) is None:
        return []
    summary = f"并案：等待工单{merging.into}答复"
    return [Moment(merging.until, f"merge/{merging.request_id}", MomentKind.MERGE_UNANSWERED, summary)]


def _moments_of(limit: Limit) -> list[Moment]:
    schedule = limit.schedule
    if schedule is None or limit.fix_wanted:
        return []
    name = limit_name(limit)
    if limit.status is LimitStatus.RUNNING:
        end = end_of(schedule.last_day, schedule.due_at)
        found = [Moment(schedule.due_at, limit.id, MomentKind.END, f"{name} {end}")]
        if schedule.warn_at is not None and not limit.warned:
            found.append(Moment(schedule.warn_at, limit.id, MomentKind.WARNING, f"{name}预警（{end} 到期）"))
        return found
    return _after_red(limit, schedule, name) if limit.is_followed_up else []


def _after_red(limit: Limit, schedule: LimitSchedule, name: str) -> list[Moment]:
    found = []
    if limit.reminders < len(schedule.remind_at):
        at = schedule.remind_at[limit.reminders]
        found.append(Moment(at, limit.id, MomentKind.REMINDER, f"{name}：红灯后催办 {minute(at)}"))
    if schedule.escalate_at is not None:
        at = schedule.escalate_at
        found.append(Moment(at, limit.id, MomentKind.ESCALATION, f"{name}：转督导问效组 {minute(at)}"))
    return found


def next_due(claim: Claim) -> datetime | None:
    """Return the earliest end of the running limits, the inactivity timer left out."""
    kept = (limit for limit in claim.limits if limit.kind is not LimitKind.STANDSTILL)
    return min((m.at for limit in kept for m in _moments_of(limit) if m.kind is MomentKind.END), default=None)
