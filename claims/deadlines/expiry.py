"""What the passing of time does to a claim: warnings, letters, lights, delays.

Pure: `pass_time` is told what time it is. Every consequence is dated at the instant its limit ended,
whatever the lag of whoever calls (R31), and happens exactly once, because it changes what
`moments` still holds.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from claims.actions.call_back import link_ended
from claims.actions.review import completion_missed
from claims.deadlines.inactivity import report_inactivity, update_inactivity_timer
from claims.limits import LIMIT_RULES, missed_limit_id, start
from claims.model.claim import Claim
from claims.model.labels import end_of, label, minute
from claims.model.limit import Letter, Light, Limit, LimitSchedule
from claims.model.terms import BackgroundTaskKind, Colour, EventKind, LimitKind, LimitStatus
from claims.model.unit_account import reported
from claims.papers.claim_papers import letter_paper
from claims.transition import Transition


class MomentKind(StrEnum):
    """What comes at an instant of a limit."""

    WARNING = "warning"
    END = "end"
    REMINDER = "reminder"
    ESCALATION = "escalation"


class Moment(NamedTuple):
    """The next instant of a limit at which something follows, and its timer's name in the Temporal UI."""

    at: datetime
    limit_id: str
    kind: MomentKind
    summary: str


def moments(claim: Claim) -> list[Moment]:
    """The instants that lie ahead: of each limit its end (or what follows it), and its warning."""
    return [moment for limit in claim.limits for moment in _moments_of(limit)]


def _moments_of(limit: Limit) -> list[Moment]:
    schedule = limit.schedule
    if schedule is None or limit.fix_wanted:
        return []
    name = label(limit.kind) if limit.of is None else f"{label(limit.of)}{label(limit.kind)}"
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
    """When the next running limit ends that anybody has to keep."""
    kept = (limit for limit in claim.limits if limit.kind is not LimitKind.STANDSTILL)
    return min((m.at for limit in kept for m in _moments_of(limit) if m.kind is MomentKind.END), default=None)


_ORDER = tuple(MomentKind)


def pass_time(transition: Transition, now: datetime) -> None:
    """Let all follow that was due up to `now`, in the order of its own instants.

    A limit that ends at an instant is over at that instant (R3: exclusive).
    """
    while due := [moment for moment in moments(transition.claim) if moment.at <= now]:
        moment = min(due, key=lambda m: (m.at, _ORDER.index(m.kind)))
        limit = next(x for x in transition.claim.limits if x.id == moment.limit_id)
        match moment.kind:
            case MomentKind.WARNING:
                _warn(transition, limit, moment.at)
            case MomentKind.END:
                _end(transition, limit, moment.at)
            case MomentKind.REMINDER:
                _remind(transition, limit, moment.at)
            case MomentKind.ESCALATION:
                _escalate(transition, limit, moment.at)
        update_inactivity_timer(transition.claim, moment.at)


def _warn(transition: Transition, limit: Limit, at: datetime) -> None:
    limit.warned = True
    if limit.schedule is None or limit.unit is None:
        return
    end = end_of(limit.schedule.last_day, limit.schedule.due_at)
    entry = transition.write(
        EventKind.EARLY_WARNING,
        "R30",
        at=at,
        text=f"{label(limit.kind)}将于 {end} 到期，请{limit.unit.name}抓紧办理",
    )
    transition.notify(limit.unit, entry)


def _end(transition: Transition, limit: Limit, at: datetime) -> None:
    if limit.kind is LimitKind.STANDSTILL:
        report_inactivity(transition, limit, at)
        return
    limit.status = LimitStatus.MISSED
    rule = LIMIT_RULES[limit.kind]
    if limit.kind is LimitKind.SUPERVISED_FEEDBACK:
        _give_light(transition, limit, Colour.RED, at)
        return
    limit.ended_at = at
    if limit.kind is LimitKind.RETURN_WINDOW:
        text = f"退单时限已过，{limit.unit.name if limit.unit else ''}视为接受本工单"
        transition.write(EventKind.WINDOW_CLOSED, "R15", at=at, text=text)
    elif limit.kind is LimitKind.FOLLOW_UP:
        transition.claim.over = True
        transition.write(EventKind.FOLLOW_UP_ENDED, "R12", "R41", at=at, text="办结后跟踪期满，未有异议")
    elif limit.kind is LimitKind.LINK:
        link_ended(transition, at)
    elif limit.kind is LimitKind.ORDERED_COMPLETION:
        completion_missed(transition, limit, at)
    elif rule.gives_lights:
        _issue_letter(transition, limit, at)
        _give_light(transition, limit, Colour.YELLOW, at)
        _start_supervised(transition, limit, at)
    else:
        _delay_of_platform(transition, limit, at)


def _delay_of_platform(transition: Transition, limit: Limit, at: datetime) -> None:
    escalated = "，报综合协调组" if limit.kind is LimitKind.ARBITRATE else ""
    transition.write(
        EventKind.PLATFORM_DELAYED,
        *LIMIT_RULES[limit.kind].rules,
        at=at,
        text=f"{label(limit.kind)}已过，计为平台延误{escalated}，不计承办单位责任",
    )


def _issue_letter(transition: Transition, limit: Limit, at: datetime) -> None:
    unit, schedule = limit.unit, limit.schedule
    if unit is None or schedule is None:
        return
    letter = Letter(
        id=f"{transition.claim.number}/{limit.id}",
        unit=unit.accountable,
        unit_name=unit.accountable_name,
        limit=limit.kind,
        at=at,
        text=(
            f"督办函：{unit.accountable_name}承办的诉求工单{transition.claim.number}，{label(limit.kind)}为"
            f"{end_of(schedule.last_day, schedule.due_at)}，期满未见反馈。请于收函之日起"
            f"{transition.claim.policy.supervised_feedback_days}个工作日内反馈办理情况，逾期予以红灯亮牌。"
        ),
    )
    transition.claim.letters.append(letter)
    entry = transition.write(
        EventKind.LETTER_ISSUED,
        "R31",
        at=at,
        text=letter.text,
        data={"letter": letter.id, "unit": letter.unit},
    )
    transition.notify(unit, entry)
    transition.file_paper(letter_paper(transition.claim, letter))


def _give_light(transition: Transition, limit: Limit, colour: Colour, at: datetime) -> None:
    unit, kind = limit.unit, limit.of or limit.kind
    if unit is None:
        return
    cause = next((d.acting for d in transition.claim.dispatches if d.n == limit.dispatch), unit)
    light = Light(
        id=f"{transition.claim.number}/{missed_limit_id(limit)}/{colour}",
        unit=unit.accountable,
        unit_name=unit.accountable_name,
        caused_by=cause.id,
        caused_by_name=cause.name,
        colour=colour,
        limit=kind,
        dispatch=limit.dispatch,
        round=limit.round,
        at=at,
    )
    transition.claim.lights.append(light)
    transition.run_in_background(
        BackgroundTaskKind.REPORT_LIGHT, light.id, reported(transition.claim.number, light)
    )
    caused = f"（{cause.name}办理）" if cause.id != unit.accountable else ""
    text = f"{label(colour)}亮牌：{unit.accountable_name}{caused}{label(kind)}超期"
    data = {"light": light.id, "unit": light.unit, "colour": colour.value}
    entry = transition.write(EventKind.LIGHT_GIVEN, colour.rule, "R33", at=at, text=text, data=dict(data))
    transition.notify(unit, entry)


def _start_supervised(transition: Transition, missed: Limit, at: datetime) -> None:
    """R32: the instants of what follows a yellow were fixed together with the limit itself."""
    old = missed.schedule
    if old is None or old.supervised_due_at is None or old.supervised_last_day is None:
        return
    limit = start(transition.claim, LimitKind.SUPERVISED_FEEDBACK, at, missed.unit)
    # Named after the missed limit itself, not its kind: a kind can be missed twice in one round (R18).
    place, _, name = missed.id.rpartition("/")
    limit.id = f"{place}/{LimitKind.SUPERVISED_FEEDBACK}:{name}"
    limit.of, limit.dispatch, limit.round = missed.kind, missed.dispatch, missed.round
    limit.fix_wanted = False
    limit.schedule = LimitSchedule(
        working_days=limit.count_days,
        last_day=old.supervised_last_day,
        due_at=old.supervised_due_at,
        provisional=old.provisional,
        calendar_version=old.calendar_version,
        remind_at=old.remind_at,
        escalate_at=old.escalate_at,
    )


def _remind(transition: Transition, limit: Limit, at: datetime) -> None:
    limit.reminders += 1
    name = limit.unit.name if limit.unit else ""
    entry = transition.write(
        EventKind.UNIT_REMINDED, "R32", at=at, text=f"红灯后第{limit.reminders}次催办：请{name}立即反馈"
    )
    transition.notify(limit.unit, entry)


def _escalate(transition: Transition, limit: Limit, at: datetime) -> None:
    limit.escalated = True
    entry = transition.write(EventKind.ESCALATED, "R32", at=at, text="红灯后仍未反馈，工单转督导问效组")
    transition.notify(limit.unit, entry)
