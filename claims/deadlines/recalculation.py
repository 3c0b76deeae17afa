"""Recalculation of limits on a later calendar or by a later edition, the only way in which either moves a limit (R1,
R6, R7).

Every limit with instants still to come is counted again from its own day 0. A limit that was missed stays
missed; if it would have ended later on the new calendar, the platform decides about its lights.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, JsonValue

from calendar_rules import local_day
from claims.deadlines.scheduling import (
    LimitRequest,
    all_schedules,
    counted_from,
    limits_to_schedule,
    set_co_units_due,
)
from claims.limits import WAITING_PERIODS, limit_name, missed_limit_id
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import TransitionRecord
from claims.model.labels import end_of, label, schedule_end
from claims.model.limit import Limit, LimitSchedule, RecalculationRequest
from claims.model.organisation import PLATFORM, UnitRef
from claims.model.policy import Policy
from claims.model.terms import LimitStatus
from claims.model.values import Value
from claims.transition import Transition

_SAME: Final = ("calendar_version", "explanation", "starts_on_working_day")
"""Fields that may differ between two schedules with the same instants."""


class CalendarAnswer(Value):
    """A schedule computed in advance, with the request that the claim was expected to make (R6)."""

    request: LimitRequest
    schedule: LimitSchedule

    def matches(self, asked: LimitRequest, now: datetime) -> bool:
        """Does the schedule answer the request that the claim makes now?

        `not_before` may be a little earlier in the prepared request: it only keeps a running limit from ending
        before the end of that working day, so an end still to come is the same by either instant.
        """
        same = asked.model_copy(update={"not_before": self.request.not_before})
        if same != self.request or (asked.not_before is None) != (self.request.not_before is None):
            return False
        return asked.not_before is None or self.schedule.due_at > now


class NewCalendar(Value):
    """A message to a claim that the calendar has changed. An empty version is the calendar now in force.

    `answers`: schedules computed in advance from the claim's record. `not_before`: when the claim looks at the
    calendar if nothing else happens to it (in histories of 0.2.0).
    """

    version: str = ""
    reason: str = "工作日历更新"
    sent_at: AwareDatetime | None = None
    not_before: AwareDatetime | None = None
    answers: tuple[CalendarAnswer, ...] = ()


class NewEdition(Value):
    """A message to a claim, or to a unit's account, that its policy has changed (R7). `policy` is its policy from now
    on; `answers` as in `NewCalendar`; `reaches_open`: do running limits take their new numbers?"""

    edition: str
    source: str
    policy: Policy
    reaches_open: bool = True
    sent_at: AwareDatetime | None = None
    answers: tuple[CalendarAnswer, ...] = ()

    @property
    def reason(self) -> str:
        """Why limits move, as the journal says it."""
        return f"执行规定版本 {self.edition}"


News = NewCalendar | NewEdition


class RecalculationResult(Value):
    """The records of a recalculation; None if there are none."""

    record: TransitionRecord | None = None


def calendar_version_of(limit: Limit) -> str:
    """Return the calendar on which the limit was last calculated or checked."""
    return limit.examined_with or (limit.schedule.calendar_version if limit.schedule else "")


def affected_days(claim: Claim, limit: Limit) -> tuple[date, date] | None:
    """Return the first and last day on which the limit's open instants depend; None if it has none."""
    schedule = limit.schedule
    if claim.over or schedule is None or not _has_open_instants(limit):
        return None
    instants = [schedule.due_at]
    if limit.status is LimitStatus.RUNNING or limit.is_followed_up:
        later = (schedule.supervised_due_at, schedule.escalate_at, *schedule.remind_at[-1:])
        instants += [at for at in later if at is not None]
    last = local_day(max(instants) - timedelta(microseconds=1))
    return local_day(counted_from(claim, limit)) + timedelta(days=1), last


def _has_open_instants(limit: Limit) -> bool:
    if limit.status is LimitStatus.MISSED:
        return limit.kind not in WAITING_PERIODS
    return limit.is_live and not limit.fix_wanted


def mark_for_recalculation(transition: Transition, news: NewCalendar, now: datetime) -> None:
    """Mark the limits that were not calculated on this calendar yet. Idempotent."""
    for limit in transition.claim.limits:
        if affected_days(transition.claim, limit) is not None and calendar_version_of(limit) != news.version:
            limit.recount = RecalculationRequest(version=news.version, reason=news.reason, at=now)


def preview_requests(claim: Claim, news: NewCalendar, at: datetime) -> list[LimitRequest]:
    """Return the requests that the claim will make for the calendar."""
    transition = Transition(claim, at=at, recorded_at=at)
    mark_for_recalculation(transition, news, at)
    return [request for request in limits_to_schedule(transition.claim) if request.calendar_version]


def prepared_schedules(claim: Claim, news: News, now: datetime) -> dict[str, LimitSchedule]:
    """Return the schedules that came with the message if they answer all requests of the claim; else an empty
    dict.
    """
    given = {answer.request.limit_id: answer for answer in news.answers}

    def schedule_for(asked: LimitRequest) -> LimitSchedule | None:
        answer = given.get(asked.limit_id)
        return answer.schedule if answer is not None and answer.matches(asked, now) else None

    return all_schedules(claim, schedule_for)


def recalculate(transition: Transition, schedules: Mapping[str, LimitSchedule]) -> None:
    """Give the marked limits their schedules on the later calendar, and write the change into the journal."""
    changes: list[tuple[Limit, LimitSchedule, LimitSchedule]] = []
    asked: RecalculationRequest | None = None
    for limit in transition.claim.limits:
        new, old, recount = schedules.get(limit.id), limit.schedule, limit.recount
        if new is None or old is None or recount is None:
            continue
        limit.recount = None
        if recount.edition or new.calendar_version != calendar_version_of(limit):
            asked = recount
            limit.examined_with = new.calendar_version
            changes.append((limit, old, _after_missed_limit(transition.claim, limit, new, schedules)))
    if asked is not None:
        _apply(transition, changes, asked)


def _after_missed_limit(
    claim: Claim, limit: Limit, new: LimitSchedule, schedules: Mapping[str, LimitSchedule]
) -> LimitSchedule:
    """R32: if the missed limit would have ended later, so does the limit for supervised feedback."""
    for parent in claim.limits:
        is_parent = limit.of is not None and parent.id == missed_limit_id(limit)
        own = schedules.get(parent.id) if is_parent and parent.status is LimitStatus.MISSED else None
        due, day = (own.supervised_due_at, own.supervised_last_day) if own else (None, None)
        if own is not None and due is not None and day is not None and due > new.due_at:
            later = {
                "due_at": due,
                "last_day": day,
                "explanation": own.supervised_explanation,
                "remind_at": own.remind_at,
                "escalate_at": own.escalate_at,
            }
            new = new.model_copy(update=later)
    return new


def _apply(
    transition: Transition,
    changes: list[tuple[Limit, LimitSchedule, LimitSchedule]],
    asked: RecalculationRequest,
) -> None:
    texts: list[str] = []
    reason = asked.reason
    data: dict[str, JsonValue] = {"reason": reason, "calendar_version": changes[0][2].calendar_version}
    units: dict[str, UnitRef] = {}
    questioned: list[tuple[Limit, LimitSchedule]] = []
    for limit, old, new in changes:
        if limit.status is LimitStatus.MISSED and new.due_at > old.due_at:
            questioned.append((limit, new))
        if not _move(transition, limit, new):
            continue
        texts.append(_change_text(limit, old, limit.schedule or new))
        data[limit.id] = _as_data(old, limit.schedule or new)
        if limit.unit is not None and old.due_at != new.due_at:
            units[limit.unit.id] = limit.unit
    text = recalculated_by(asked) + ("；".join(texts) or "各时限经核对不变")
    entry = transition.write(EventKind.LIMITS_RECOMPUTED, *rules_of(asked), text=text, data=data)
    for unit in units.values():
        transition.notify(unit, entry)
    for limit, new in questioned:
        _refer_to_platform(transition, limit, new, reason)


def recalculated_by(asked: RecalculationRequest) -> str:
    """Return the start of the journal line."""
    return f"{asked.reason}，{'' if asked.edition else '按新的工作日历'}重新计算："


def rules_of(asked: RecalculationRequest) -> tuple[str, str]:
    """Return the rules that the journal's line cites."""
    return ("R6", "R7") if asked.edition else ("R1", "R6")


def _move(transition: Transition, limit: Limit, new: LimitSchedule) -> bool:
    """Set a limit's new schedule; of a missed limit only the instants still to come. False if nothing changed."""
    old, now = limit.schedule, transition.recorded_at
    if old is None or old == new.model_copy(update={name: getattr(old, name) for name in _SAME}):
        return False
    if limit.status is LimitStatus.MISSED:
        return limit.is_followed_up and _move_reminders(limit, old, new, now)
    if new.warn_at is not None and new.warn_at > now:
        limit.warned = False
    elif new.warn_at is not None and not limit.warned:
        new = new.model_copy(update={"warn_at": now})
    limit.schedule = new
    set_co_units_due(transition.claim, limit, new)
    return True


def _move_reminders(limit: Limit, old: LimitSchedule, new: LimitSchedule, now: datetime) -> bool:
    """R32: reminders and escalation after a red light move, but never into the past."""
    remind_at = tuple(
        later if later > now else earlier
        for earlier, later in zip(old.remind_at, new.remind_at, strict=False)
    )
    escalate_at = (
        new.escalate_at if new.escalate_at is not None and new.escalate_at > now else old.escalate_at
    )
    moved = old.model_copy(update={"remind_at": remind_at, "escalate_at": escalate_at})
    limit.schedule = moved
    return moved != old


def _change_text(limit: Limit, old: LimitSchedule, new: LimitSchedule) -> str:
    before, after = schedule_end(old), schedule_end(new)
    if before == after:
        return f"{limit_name(limit)}仍为 {after}，预警和督办时点随之调整"
    return f"{limit_name(limit)} {before} → {after}"


def _as_data(old: LimitSchedule, new: LimitSchedule) -> dict[str, JsonValue]:
    return {
        "old_due_at": old.due_at.isoformat(),
        "new_due_at": new.due_at.isoformat(),
        "old_last_day": old.last_day.isoformat(),
        "new_last_day": new.last_day.isoformat(),
        "old_calendar_version": old.calendar_version,
        "new_calendar_version": new.calendar_version,
        "provisional": new.provisional,
    }


def _refer_to_platform(transition: Transition, limit: Limit, new: LimitSchedule, reason: str) -> None:
    """R37: ask the platform whether to revoke the lights of a missed limit; they stay until it does."""
    old = limit.schedule
    if old is None:
        return
    kind = limit.of or limit.kind
    same = (kind, limit.dispatch, limit.round)
    lights = [
        light
        for light in transition.claim.lights
        if (light.limit, light.dispatch, light.round) == same and light.at == old.due_at and not light.revoked
    ]
    colours = "、".join(f"{label(light.colour)}" for light in lights)
    stays = f"{colours}亮牌保持不变，是否撤销由平台依R37决定" if colours else "原记录保持不变，请平台核定"
    text = (
        f"待平台审核：{reason}，{limit_name(limit)}按新的工作日历应至 {schedule_end(new)}，"
        f"原于 {end_of(old.last_day, old.due_at)} 计为超期；{stays}"
    )
    data: dict[str, JsonValue] = {
        "limit": limit.id,
        "lights": [light.id for light in lights],
        **_as_data(old, new),
    }
    entry = transition.write(EventKind.MISSED_LIMIT_QUESTIONED, "R6", "R31", "R37", text=text, data=data)
    transition.notify(PLATFORM, entry)
