"""What-if: which limits and lights another calendar or policy would have changed, with the same actions of people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from pydantic import ValidationError

from activities.deadlines import schedule as count
from audit.problems import AuditUsageError
from audit.replay.replayed_run import ReplayedRun, ScheduleRequest
from calendar_rules import CalendarError, WorkingCalendar
from claims.deadlines.scheduling import LimitRequest
from claims.editions.validation import PARAMETERS, EditionRefused, check_parameter
from claims.limits import LIMIT_RULES, limit_name, missed_limit_id
from claims.model.claim import Claim
from claims.model.labels import end_of, label, minute
from claims.model.limit import Limit, LimitSchedule
from claims.model.policy import Policy
from claims.model.terms import Colour, LimitKind, LimitStatus
from claims.model.values import Value


class BadAlternative(AuditUsageError):
    """There is no such policy parameter, or it cannot have this value."""


class LimitDiffers(Value):
    """A limit that would have ended at another time."""

    id: str
    name: str
    unit: str
    was_last_day: date
    was_due_at: datetime
    would_last_day: date
    would_due_at: datetime


class LightDiffers(Value):
    """A light that would not have been given (`would_at` None), would have been added (`was_at` None), or
    would have had another instant.
    """

    id: str
    colour: Colour
    unit: str
    was_at: datetime | None
    would_at: datetime | None


class Difference(Value):
    """All differences; empty if there are none."""

    number: str
    calendar_version: str
    changed: dict[str, str]
    limits: tuple[LimitDiffers, ...]
    lights: tuple[LightDiffers, ...]


def another_policy(policy: Policy, changes: Mapping[str, str]) -> Policy:
    """Return a policy with changed parameters, such as `resolve_days=8` or `cutoff=17:30`. Raises BadAlternative."""
    if unknown := [name for name in changes if name not in PARAMETERS]:
        known = "、".join(sorted(PARAMETERS))
        raise BadAlternative(f"没有政策参数“{unknown[0]}”。可用的参数：{known}")
    try:
        other = Policy.model_validate(policy.model_dump() | dict(changes))
        given = other.model_dump(mode="json")
        for name in changes:
            check_parameter(name, given[name])
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise BadAlternative(f"政策参数 {name} 不能是“{changes.get(name, '')}”") from error
    except EditionRefused as refused:
        raise BadAlternative(str(refused)) from refused
    return other


def difference(
    replayed: ReplayedRun, calendar: WorkingCalendar, changes: Mapping[str, str] | None = None
) -> Difference:
    """Schedule every limit of the claim again, and find the lights that follow. Raises BadAlternative."""
    if replayed.claim is None:
        raise BadAlternative(f"{replayed.run.workflow_id} 的历史中没有诉求工单")
    policy = another_policy(replayed.claim.policy, changes or {})
    try:
        other = _Counted(replayed.claim, calendar, policy).all(replayed.schedule_requests)
    except CalendarError as error:
        raise BadAlternative(f"不能按所给的日历和参数计算：{error}") from error
    return Difference(
        number=replayed.claim.number,
        calendar_version=calendar.version,
        changed=dict(changes or {}),
        limits=tuple(_limits(replayed.claim, other)),
        lights=tuple(_lights(replayed, other)),
    )


@dataclass(slots=True)
class _Counted:
    """The alternative schedules of each limit, in order of scheduling."""

    claim: Claim
    calendar: WorkingCalendar
    policy: Policy
    schedules: dict[str, list[tuple[datetime, LimitSchedule]]] = field(default_factory=dict)

    def all(
        self, schedule_requests: list[ScheduleRequest]
    ) -> dict[str, list[tuple[datetime, LimitSchedule]]]:
        for fixing in schedule_requests:
            found = count(self.calendar, self._asked(fixing.request))
            self.schedules.setdefault(fixing.request.limit_id, []).append((fixing.at, found))
        return self.schedules

    def _asked(self, request: LimitRequest) -> LimitRequest:
        """Return the request with the other policy's working days and the alternative previous end."""
        before = self.schedules.get(request.limit_id)
        last_day = before[-1][1].last_day if before and request.paused_last_day else request.paused_last_day
        return request.model_copy(
            update={
                "policy": self.policy,
                "count_days": self._days(request),
                "paused_last_day": last_day,
            }
        )

    def _days(self, request: LimitRequest) -> int:
        was, rule = request.policy, LIMIT_RULES[request.kind]
        if request.count_days == rule.working_days(was):
            return rule.working_days(self.policy)
        if request.kind is LimitKind.RESOLVE and request.count_days == was.extended_resolve_days:
            return self.policy.extended_resolve_days
        return request.count_days


def _limits(claim: Claim, other: Mapping[str, list[tuple[datetime, LimitSchedule]]]) -> list[LimitDiffers]:
    found = []
    for limit in claim.limits:
        was, would = limit.schedule, _would_end(limit, other)
        if was is None or would is None or (was.last_day, was.due_at) == would:
            continue
        found.append(
            LimitDiffers(
                id=limit.id,
                name=limit_name(limit),
                unit=limit.unit.name if limit.unit else "平台",
                was_last_day=was.last_day,
                was_due_at=was.due_at,
                would_last_day=would[0],
                would_due_at=would[1],
            )
        )
    return found


def _would_end(
    limit: Limit, other: Mapping[str, list[tuple[datetime, LimitSchedule]]]
) -> tuple[date, datetime] | None:
    """Return the alternative end. Supervised feedback is scheduled together with the limit it supervises,
    unless recalculated later.
    """
    if own := other.get(limit.id):
        return own[-1][1].last_day, own[-1][1].due_at
    parent = other.get(missed_limit_id(limit)) if limit.kind is LimitKind.SUPERVISED_FEEDBACK else None
    if not parent:
        return None
    schedule = parent[-1][1]
    if schedule.supervised_last_day is None or schedule.supervised_due_at is None:
        return None
    return schedule.supervised_last_day, schedule.supervised_due_at


_SETTLED: Final = (LimitStatus.MET, LimitStatus.VOID, LimitStatus.DISPROVED)


def _lights(
    replayed: ReplayedRun, other: Mapping[str, list[tuple[datetime, LimitSchedule]]]
) -> list[LightDiffers]:
    claim = replayed.claim
    if claim is None:
        return []
    was = {light.id: light.at for light in claim.lights}
    would: dict[str, datetime] = {}
    units = {light.id: light.unit_name for light in claim.lights}
    for limit in claim.limits:
        if limit.unit is None or not LIMIT_RULES[limit.kind].gives_lights:
            continue
        for colour, at in _lit(replayed, limit, other).items():
            light = f"{claim.number}/{limit.id}/{colour}"
            would[light], units[light] = at, limit.unit.accountable_name
    return [
        LightDiffers(
            id=light,
            colour=Colour(light.rpartition("/")[2]),
            unit=units[light],
            was_at=was.get(light),
            would_at=would.get(light),
        )
        for light in sorted(was.keys() | would.keys())
        if was.get(light) != would.get(light)
    ]


def _lit(
    replayed: ReplayedRun, limit: Limit, other: Mapping[str, list[tuple[datetime, LimitSchedule]]]
) -> dict[Colour, datetime]:
    """R31, R32: yellow if a limit ends before it is met, red if its supervised feedback does."""
    fixed = other.get(limit.id, [])
    supervised = other.get(
        f"{limit.id.rpartition('/')[0]}/{LimitKind.SUPERVISED_FEEDBACK}:{limit.id.rpartition('/')[2]}"
    )
    for n, (at, schedule) in enumerate(fixed):
        until = _waited_until(replayed, limit, at)
        held = min(until, fixed[n + 1][0]) if n + 1 < len(fixed) else until
        if schedule.due_at > held or schedule.due_at == until:
            continue
        lit = {Colour.YELLOW: schedule.due_at}
        red = supervised[-1][1].due_at if supervised else schedule.supervised_due_at
        if red is not None and red < until:
            lit[Colour.RED] = red
        return lit
    return {}


def _waited_until(replayed: ReplayedRun, limit: Limit, since: datetime) -> datetime:
    """Return the end of waiting for a limit: when it was met, paused or ended, or the history's end."""
    for state in replayed.states:
        if state.at < since:
            continue
        now = next((one for one in state.claim.limits if one.id == limit.id), None)
        if now is None:
            continue
        if now.status is LimitStatus.PAUSED and now.paused_at is not None:
            return now.paused_at
        if now.status in _SETTLED and now.ended_at is not None:
            return now.ended_at
        if now.status is LimitStatus.MISSED and (fed_back := _fed_back_at(state.claim, limit)) is not None:
            return fed_back
    return max(replayed.run.last_event_at, replayed.states[-1].at)


def _fed_back_at(claim: Claim, missed: Limit) -> datetime | None:
    return next(
        (
            one.ended_at
            for one in claim.limits
            if one.kind is LimitKind.SUPERVISED_FEEDBACK and missed_limit_id(one) == missed.id
        ),
        None,
    )


def difference_text(found: Difference) -> str:
    """Return the differences as text."""
    told = "、".join(f"{name}={value}" for name, value in found.changed.items())
    head = f"{found.number}　假设日历版本 {found.calendar_version}" + (f"，{told}" if told else "")
    if not found.limits and not found.lights:
        return f"{head}\n与实际无异：时限和亮牌都不变。"
    lines = [head]
    for limit in found.limits:
        was = end_of(limit.was_last_day, limit.was_due_at)
        would = end_of(limit.would_last_day, limit.would_due_at)
        lines.append(f"时限　{limit.name}　{limit.unit}　实际 {was}　假设 {would}　[{limit.id}]")
    for light in found.lights:
        was = minute(light.was_at) if light.was_at else "未亮"
        would = minute(light.would_at) if light.would_at else "不亮"
        lines.append(f"亮牌　{label(light.colour)}　{light.unit}　实际 {was}　假设 {would}　[{light.id}]")
    return "\n".join(lines)
