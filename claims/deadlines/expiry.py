"""Expiry of a claim's limits: early warnings, supervision letters, lights, reminders, delays.

Pure: the time is an argument. Every consequence is dated at the instant its limit ended, however late the
worker is (R31), and happens exactly once, because applying it removes its moment from `moments`.
"""

from datetime import datetime
from typing import assert_never

from calendar_rules import local_day
from claims.actions.closing import close
from claims.actions.co_units import note_overdue_part
from claims.actions.pending_merge import end_unanswered
from claims.actions.review import completion_missed
from claims.deadlines.inactivity import report_inactivity, update_inactivity_timer
from claims.deadlines.moments import Moment, MomentKind, moments
from claims.limits import LIMIT_RULES, OnExpiry, missed_limit_id, start
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.labels import end_of, label
from claims.model.limit import Letter, Light, Limit, LimitSchedule
from claims.model.organisation import COORDINATION
from claims.model.terms import BackgroundTaskKind, CloseReason, Colour, LimitKind, LimitStatus
from claims.model.unit_account import reported
from claims.papers.claim_papers import letter_paper
from claims.transition import Transition

_ORDER = tuple(MomentKind)


def pass_time(transition: Transition, now: datetime) -> None:
    """Apply everything due up to and including `now`, in the order of the instants.

    A limit that ends at an instant is over at that instant (R3: exclusive).
    """
    while due := [moment for moment in moments(transition.claim) if moment.at <= now]:
        moment = min(due, key=lambda m: (m.at, _ORDER.index(m.kind)))
        match moment.kind:
            case MomentKind.MERGE_UNANSWERED:
                end_unanswered(transition, moment.at)
            case MomentKind.PART_END:
                note_overdue_part(transition, moment.limit_id.rpartition("/")[2], moment.at)
            case _:
                _apply(transition, moment)
        update_inactivity_timer(transition.claim, moment.at)


def _apply(transition: Transition, moment: Moment) -> None:
    limit = next(x for x in transition.claim.limits if x.id == moment.limit_id)
    match moment.kind:
        case MomentKind.WARNING:
            _warn(transition, limit, moment.at)
        case MomentKind.END:
            _expire(transition, limit, moment.at)
        case MomentKind.REMINDER:
            _remind(transition, limit, moment.at)
        case MomentKind.ESCALATION:
            _escalate(transition, limit, moment.at)


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


def _expire(transition: Transition, limit: Limit, at: datetime) -> None:
    on_expiry = LIMIT_RULES[limit.kind].on_expiry
    _mark_missed(limit, on_expiry, at)
    match on_expiry:
        case OnExpiry.YELLOW_LIGHT:
            _issue_letter(transition, limit, at)
            _give_light(transition, limit, Colour.YELLOW, at)
            _start_supervision(transition, limit, at)
        case OnExpiry.RED_LIGHT:
            _give_light(transition, limit, Colour.RED, at)
        case OnExpiry.CRITICISM:
            completion_missed(transition, limit, at)
        case OnExpiry.PLATFORM_DELAY:
            _record_platform_delay(transition, limit, at)
        case OnExpiry.DEEMED_ACCEPTANCE:
            _record_acceptance(transition, limit, at)
        case OnExpiry.UNREACHABLE_CLOSING:
            close(transition, CloseReason.UNREACHABLE, "R41", at=at)
        case OnExpiry.END_OF_CLAIM:
            _end_claim(transition, at)
        case OnExpiry.INACTIVITY_REPORT:
            report_inactivity(transition, limit, at)
        case _:
            assert_never(on_expiry)


def _mark_missed(limit: Limit, on_expiry: OnExpiry, at: datetime) -> None:
    """After a red light the limit has not ended: reminders and the escalation still follow (R32)."""
    if on_expiry is not OnExpiry.INACTIVITY_REPORT:
        limit.status = LimitStatus.MISSED
    if on_expiry not in (OnExpiry.INACTIVITY_REPORT, OnExpiry.RED_LIGHT):
        limit.ended_at = at


def _record_acceptance(transition: Transition, limit: Limit, at: datetime) -> None:
    text = f"退单时限已过，{limit.unit.name if limit.unit else ''}视为接受本工单"
    transition.write(EventKind.WINDOW_CLOSED, "R15", at=at, text=text)


def _end_claim(transition: Transition, at: datetime) -> None:
    transition.claim.over = True
    transition.write(EventKind.FOLLOW_UP_ENDED, "R12", "R41", at=at, text="办结后跟踪期满，未有异议")


def _record_platform_delay(transition: Transition, limit: Limit, at: datetime) -> None:
    escalated = "，报综合协调组" if limit.kind is LimitKind.ARBITRATE else ""
    entry = transition.write(
        EventKind.PLATFORM_DELAYED,
        *LIMIT_RULES[limit.kind].rules,
        at=at,
        text=f"{label(limit.kind)}已过，计为平台延误{escalated}，不计承办单位责任",
    )
    if limit.kind is LimitKind.ARBITRATE and transition.claim.policy.tells_of_overdue_arbitration:
        transition.notify(COORDINATION, entry)


def _issue_letter(transition: Transition, limit: Limit, at: datetime) -> None:
    unit, schedule = limit.unit, limit.schedule
    if unit is None or schedule is None:
        return
    until = f"收函之日起{transition.claim.policy.supervised_feedback_days}个工作日内"
    last_day, due_at = schedule.supervised_last_day, schedule.supervised_due_at
    if transition.claim.policy.letters_name_last_day and last_day is not None and due_at is not None:
        until = f"{end_of(last_day, due_at)}前"
    letter = Letter(
        id=f"{transition.claim.number}/{limit.id}",
        unit=unit.accountable,
        unit_name=unit.accountable_name,
        limit=limit.kind,
        at=at,
        text=(
            f"督办函：{unit.accountable_name}承办的诉求工单{transition.claim.number}，{label(limit.kind)}为"
            f"{end_of(schedule.last_day, schedule.due_at)}，期满未见反馈。"
            f"请于{until}反馈办理情况，逾期予以红灯亮牌。"
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


def _start_supervision(transition: Transition, missed: Limit, at: datetime) -> None:
    """R32: start the limit for supervised feedback; its instants were scheduled with the missed limit."""
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
        explanation=old.supervised_explanation,
        remind_at=old.remind_at,
        escalate_at=old.escalate_at,
    )


def _remind(transition: Transition, limit: Limit, at: datetime) -> None:
    claim = transition.claim
    limit.reminders += 1
    n = limit.reminders
    if claim.policy.one_reminder_a_day:
        if claim.reminded_on == local_day(at):
            return
        claim.reminded_on = local_day(at)
        n = claim.times_reminded = claim.times_reminded + 1
    name = limit.unit.name if limit.unit else ""
    entry = transition.write(
        EventKind.UNIT_REMINDED, "R32", at=at, text=f"红灯后第{n}次催办：请{name}立即反馈"
    )
    transition.notify(limit.unit, entry)


def _escalate(transition: Transition, limit: Limit, at: datetime) -> None:
    claim = transition.claim
    limit.escalated = True
    if claim.policy.one_reminder_a_day and _was_escalated(claim, limit):
        return
    claim.put_before_inspectors = claim.policy.one_reminder_a_day
    entry = transition.write(EventKind.ESCALATED, "R32", at=at, text="红灯后仍未反馈，工单转督导问效组")
    transition.notify(limit.unit, entry)


def _was_escalated(claim: Claim, limit: Limit) -> bool:
    """R32: has another limit of the same round brought the claim to 督导问效组?"""
    of_round = (
        other for other in claim.limits if (other.dispatch, other.round) == (limit.dispatch, limit.round)
    )
    return any(other.escalated for other in of_round if other is not limit)
