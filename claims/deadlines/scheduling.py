"""Scheduling limits: requests to the deadlines activity, and its schedules written into the claim (R6)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, JsonValue, field_serializer

from calendar_rules import local_day
from claims.actions.call_back import date_attempt
from claims.limits import LIMIT_RULES, limit_name
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.labels import schedule_end
from claims.model.limit import Limit, LimitSchedule, PreparedSchedule
from claims.model.messages.envelopes import digest
from claims.model.policy import Policy
from claims.model.terms import LimitKind, LimitStatus
from claims.transition import Transition


class LimitRequest(BaseModel):
    """A request to compute one limit's schedule."""

    model_config = ConfigDict(frozen=True)

    limit_id: str
    kind: LimitKind
    count_from: datetime
    count_days: int
    paused_at: datetime | None = None
    paused_last_day: date | None = None
    rerun_from: datetime | None = None
    floor_from: datetime | None = None
    most_days: int = 0
    not_before: datetime | None = None
    """Of a recalculation: the limit does not end before the end of this instant's working day (R6)."""
    calendar_version: str = ""
    """The calendar to recalculate on; empty: the one in force."""
    edition: str = ""
    """For a recalculation: the edition that causes it (R7)."""
    warns: bool = False
    supervised: bool = False
    has_co_units: bool = False
    policy: Policy

    @field_serializer("policy")
    def _only_what_differs(self, policy: Policy) -> dict[str, JsonValue]:
        """A policy's defaults never change, so histories need not repeat them."""
        return policy.model_dump(mode="json", exclude_defaults=True)


def limits_to_schedule(claim: Claim) -> list[LimitRequest]:
    """Requests for the running limits without a valid schedule, then for those to recalculate."""
    wanted = [_request(claim, limit) for limit in claim.limits if _needs_schedule(limit)]
    return wanted + [
        _recalculation_request(claim, limit) for limit in claim.limits if limit.recount is not None
    ]


def question_of(request: LimitRequest) -> str:
    """Return a digest of a scheduling request. Without a close of business only the Beijing dates of its
    instants matter (R2, R3), so the answer stands whenever on that day the limit starts.
    """
    asked = request.model_dump(mode="json", exclude_defaults=True, exclude={"policy"})
    if request.policy.cutoff is None:
        starts = {
            name: getattr(request, name) for name in ("count_from", "paused_at", "rerun_from", "floor_from")
        }
        asked |= {name: local_day(at).isoformat() for name, at in starts.items() if at is not None}
    return digest([asked, request.policy.version, request.policy.revision])


def prepared_schedules(claim: Claim, prepared: Mapping[str, PreparedSchedule]) -> dict[str, LimitSchedule]:
    """Return the schedules that came with an action, if they answer all requests of the claim; else an empty dict."""

    def schedule_for(asked: LimitRequest) -> LimitSchedule | None:
        answer = prepared.get(asked.limit_id)
        return answer.schedule if answer is not None and answer.question == question_of(asked) else None

    return all_schedules(claim, schedule_for) if prepared else {}


def all_schedules(
    claim: Claim, schedule_for: Callable[[LimitRequest], LimitSchedule | None]
) -> dict[str, LimitSchedule]:
    """Return the schedules for all requests of a claim, by limit id; an empty dict where one of them has none."""
    found: dict[str, LimitSchedule] = {}
    for asked in limits_to_schedule(claim):
        schedule = schedule_for(asked)
        if schedule is None:
            return {}
        found[asked.limit_id] = schedule
    return found


def _needs_schedule(limit: Limit) -> bool:
    return limit.fix_wanted and limit.status is LimitStatus.RUNNING


def _request(claim: Claim, limit: Limit) -> LimitRequest:
    rule = LIMIT_RULES[limit.kind]
    dispatch = claim.dispatch
    return LimitRequest(
        limit_id=limit.id,
        kind=limit.kind,
        count_from=limit.count_from,
        count_days=limit.count_days,
        paused_at=limit.paused_at,
        paused_last_day=limit.schedule.last_day if limit.schedule and limit.rerun_from else None,
        rerun_from=limit.rerun_from,
        floor_from=limit.floor_from,
        most_days=limit.most_days if limit.rerun_from else 0,
        warns=rule.warns,
        supervised=rule.gives_lights,
        has_co_units=bool(limit.kind is LimitKind.RESOLVE and dispatch and dispatch.co_units),
        policy=_policy_of(claim, limit),
    )


def _policy_of(claim: Claim, limit: Limit) -> Policy:
    """Return the claim's policy, or the one under which the limit was missed (R7)."""
    return claim.former_policies.get(limit.policy_version, claim.policy)


def _recalculation_request(claim: Claim, limit: Limit) -> LimitRequest:
    """Return the same count from the same day 0, on the later calendar."""
    wanted: dict[str, object] = {"count_from": counted_from(claim, limit)}
    if limit.recount is not None:
        wanted |= {"calendar_version": limit.recount.version, "edition": limit.recount.edition}
        if limit.status is LimitStatus.RUNNING:
            wanted["not_before"] = limit.recount.at
    return _request(claim, limit).model_copy(update=wanted)


def counted_from(claim: Claim, limit: Limit) -> datetime:
    """Return an instant of the limit's day 0. Supervised feedback starts at the midnight that ends the missed
    limit's last day; under the first edition that day is its day 0 (R2, R32).
    """
    is_supervised = limit.kind is LimitKind.SUPERVISED_FEEDBACK and limit.count_from == limit.started_at
    if is_supervised and not _policy_of(claim, limit).light_starts_own_day:
        return limit.count_from - timedelta(microseconds=1)
    return limit.count_from


def schedule_limits(transition: Transition, schedules: Mapping[str, LimitSchedule]) -> None:
    """Write the schedules that the activity computed into the claim and its journal (R6)."""
    fixed = [limit for limit in transition.claim.limits if limit.id in schedules and _needs_schedule(limit)]
    for limit in fixed:
        schedule = schedules[limit.id]
        limit.schedule = schedule
        limit.fix_wanted, limit.examined_with = False, ""
        if limit.rerun_from is not None:
            limit.count_from, limit.count_days = limit.rerun_from, schedule.working_days
            limit.paused_at = limit.rerun_from = limit.floor_from = None
            limit.most_days = 0
        set_co_units_due(transition.claim, limit, schedule)
        if limit.kind is LimitKind.LINK:
            date_attempt(transition, limit, schedule)
    if running := [limit for limit in fixed if limit.is_live]:
        _write_schedules(transition, running)


def set_co_units_due(claim: Claim, limit: Limit, schedule: LimitSchedule) -> None:
    """R14 ◇: set when the co-units' parts are due, before the lead's. A part that was reported or is overdue keeps its
    end (R6)."""
    dispatch = claim.dispatch
    if limit.kind is LimitKind.RESOLVE and dispatch is not None and schedule.co_units_due_at:
        due = {"last_day": schedule.co_units_last_day, "due_at": schedule.co_units_due_at}
        dispatch.co_units = tuple(
            co_unit.model_copy(update=due) if co_unit.is_awaited or not co_unit.reports else co_unit
            for co_unit in dispatch.co_units
        )


def _write_schedules(transition: Transition, fixed: list[Limit]) -> None:
    words = [f"{limit_name(limit)} {schedule_end(limit.schedule)}" for limit in fixed if limit.schedule]
    transition.write(
        EventKind.LIMITS_FIXED,
        "R2",
        "R3",
        "R6",
        text="；".join(words),
        data={limit.id: _as_data(limit.schedule) for limit in fixed if limit.schedule},
    )


def _as_data(schedule: LimitSchedule) -> dict[str, JsonValue]:
    return {
        "due_at": schedule.due_at.isoformat(),
        "last_day": schedule.last_day.isoformat(),
        "working_days": schedule.working_days,
        "provisional": schedule.provisional,
        "calendar_version": schedule.calendar_version,
    }
