"""The activity that computes the schedules of limits, the only use of the calendar by claims (R6).

The result stays in the claim's history, so neither a later calendar nor later code can change it.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta

from temporalio import activity

from calendar_rules import DayExplanation, Deadline, WorkingCalendar, due_at, local_day
from claims.deadlines.scheduling import LimitRequest, question_of
from claims.model.limit import LimitSchedule, PreparedSchedule
from claims.model.policy import Policy
from claims.model.terms import LimitKind

FIX_DEADLINES = "fix_deadlines"


class DeadlineActivities:
    """Counts working days on the calendar in force. `calendar` loads a calendar by its version; empty: the one in force."""

    def __init__(self, calendar: Callable[[str], Awaitable[WorkingCalendar]]) -> None:
        self._calendar = calendar

    @activity.defn(name=FIX_DEADLINES)
    async def fix_deadlines(self, requests: list[LimitRequest]) -> dict[str, LimitSchedule]:
        """Return the schedules of the requested limits, by limit id, on one calendar. Has no side effects."""
        wanted = {request.calendar_version for request in requests}
        calendar = await self._calendar(wanted.pop() if len(wanted) == 1 else "")
        return {request.limit_id: schedule(calendar, request) for request in requests}


def schedule(calendar: WorkingCalendar, request: LimitRequest) -> LimitSchedule:
    """Return the schedule of one limit: its end, its warning, and what follows if it is missed (R2-R5, R30-R32)."""
    policy = request.policy
    deadline = _deadline(calendar, request)
    scheduled = LimitSchedule(
        working_days=deadline.working_days,
        last_day=deadline.last_day,
        due_at=deadline.due_at,
        provisional=deadline.provisional,
        calendar_version=deadline.calendar_version,
        explanation=deadline.days,
        starts_on_working_day=calendar.is_working_day(local_day(request.rerun_from or request.count_from)),
    )
    extra: dict[str, object] = {}
    if request.warns:
        extra["warn_at"] = _warn_at(calendar, request, deadline)
    if request.supervised:
        extra |= _supervision(calendar, deadline.last_day, policy)
    if request.kind is LimitKind.SUPERVISED_FEEDBACK:
        extra |= _red_light_follow_up(calendar, deadline.last_day, policy)
    if request.has_co_units:
        extra |= _co_units(calendar, request, deadline)
    return scheduled.model_copy(update=extra)


def prepared(calendar: WorkingCalendar, requests: Sequence[LimitRequest]) -> dict[str, PreparedSchedule]:
    """Return the same for requests that a claim is expected to make, to travel with what makes it do so (R6)."""
    return {
        request.limit_id: PreparedSchedule(
            question=question_of(request), schedule=schedule(calendar, request)
        )
        for request in requests
    }


def _deadline(calendar: WorkingCalendar, request: LimitRequest) -> Deadline:
    policy = request.policy
    if request.rerun_from and request.paused_at and request.paused_last_day:
        left = max(policy.at_least_days, calendar.remaining(request.paused_at, request.paused_last_day))
        deadline = calendar.resume(request.rerun_from, _capped(calendar, request, left), policy.cutoff)
    else:
        deadline = calendar.deadline(request.count_from, request.count_days, policy.cutoff)
    if request.floor_from is not None:
        floor = calendar.deadline(request.floor_from, policy.at_least_days, policy.cutoff)
        deadline = max(deadline, floor, key=lambda found: found.due_at)
    if request.not_before is not None:
        deadline = _not_before(calendar, deadline, request, request.not_before)
    return deadline


def _capped(calendar: WorkingCalendar, request: LimitRequest, left: int) -> int:
    """R17: the working days left, but none after the day that the most days from its own day 0 give."""
    if not request.most_days or request.rerun_from is None:
        return left
    last_day = calendar.deadline(request.count_from, request.most_days, request.policy.cutoff).last_day
    most = calendar.remaining(request.rerun_from, last_day)
    return min(left, max(request.policy.at_least_days, most))


def _not_before(
    calendar: WorkingCalendar, deadline: Deadline, request: LimitRequest, at: datetime
) -> Deadline:
    """R6: a recalculated limit does not end before the working day of its recalculation does."""
    cutoff = request.policy.cutoff
    today = calendar.deadline(at - timedelta(days=1), 1, cutoff)
    floor = today if today.due_at > at else calendar.deadline(at, 1, cutoff)
    reason = "新规定施行时顺延" if request.edition else "新日历公布时顺延"
    if floor.due_at <= deadline.due_at:
        return deadline
    days = (
        deadline.last_day + timedelta(days=n) for n in range(1, (floor.last_day - deadline.last_day).days + 1)
    )
    more = tuple(
        DayExplanation(date=day, counted=False, n=None, why=f"{calendar.status(day).why}；{reason}")
        for day in days
    )
    end = {"last_day": floor.last_day, "due_at": floor.due_at, "days": deadline.days + more}
    return deadline.model_copy(update=end)


def _warn_at(calendar: WorkingCalendar, request: LimitRequest, deadline: Deadline) -> datetime | None:
    """R30: some WD before the end; None if the limit starts after that."""
    day = calendar.working_days_before(deadline.last_day, request.policy.warning_days)
    at = due_at(day, request.policy.cutoff)
    starts = (request.count_from, request.rerun_from, request.floor_from)
    return at if at > max(start for start in starts if start is not None) else None


def _supervision(calendar: WorkingCalendar, last_day: date, policy: Policy) -> dict[str, object]:
    """R32: the limit for supervised feedback, with its day-by-day explanation (R6)."""
    days = policy.supervised_feedback_days
    deadline = calendar.deadline(_day_zero_after(last_day, policy), days, policy.cutoff)
    red_day = deadline.last_day
    return {
        "supervised_last_day": red_day,
        "supervised_due_at": deadline.due_at,
        "supervised_explanation": deadline.days,
        **_red_light_follow_up(calendar, red_day, policy),
    }


def _day_zero_after(last_day: date, policy: Policy) -> datetime:
    """Return an instant of the day 0 of what a light starts: of the day that the light is given on, or of the
    last day of its limit (R2).
    """
    at = due_at(last_day, policy.cutoff)
    return at if policy.light_starts_own_day else at - timedelta(microseconds=1)


def _red_light_follow_up(calendar: WorkingCalendar, last_day: date, policy: Policy) -> dict[str, object]:
    day_zero = local_day(_day_zero_after(last_day, policy))
    reminders = [
        calendar.nth_working_day_after(day_zero, n) for n in range(1, policy.reminders_after_red + 1)
    ]
    escalation = calendar.nth_working_day_after(day_zero, policy.escalate_after_red_days)
    return {
        "remind_at": tuple(due_at(day, policy.reminder_time) for day in reminders),
        "escalate_at": due_at(escalation, policy.cutoff),
    }


def _co_units(calendar: WorkingCalendar, request: LimitRequest, deadline: Deadline) -> dict[str, object]:
    """R14 ◇: some WD before the lead's end, but after the day of delivery, and of the decision that let it run on."""
    day = calendar.working_days_before(deadline.last_day, request.policy.co_unit_lead_days)
    since = request.count_from
    if request.policy.co_units_report:
        since = max(since, request.rerun_from or since, request.floor_from or since)
    first = calendar.nth_working_day_after(local_day(since), 1)
    day = max(day, first)
    return {"co_units_last_day": day, "co_units_due_at": due_at(day, request.policy.cutoff)}
