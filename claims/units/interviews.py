"""The limit for interviews on a unit's account (R35): scheduled, missed, and recalculated on a later calendar (R6).
It brings no light."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue

from claims.deadlines.adoption import adoption_data, differences_in_words
from claims.deadlines.recalculation import NewCalendar, NewEdition, recalculated_by, rules_of
from claims.deadlines.scheduling import LimitRequest
from claims.model.events import EventKind
from claims.model.labels import end_of, schedule_end
from claims.model.limit import LimitSchedule, RecalculationRequest
from claims.model.organisation import PLATFORM
from claims.model.terms import LimitKind
from claims.model.unit_account import Measure, MeasureKind, MeasureStatus, UnitAccount
from claims.units.transition import UnitTransition


def interviews_to_schedule(account: UnitAccount) -> list[LimitRequest]:
    """Requests for the open interviews to schedule or recalculate: 5 WD from the second yellow light (R35)."""
    return [
        _request(account, measure)
        for measure in open_interviews(account)
        if measure.schedule is None or measure.recount is not None
    ]


def _request(account: UnitAccount, measure: Measure) -> LimitRequest:
    recount = measure.recount
    return LimitRequest(
        limit_id=measure.id,
        kind=LimitKind.INTERVIEW,
        count_from=measure.opened_at,
        count_days=_days(account, measure),
        not_before=recount.at if recount else None,
        calendar_version=recount.version if recount else "",
        edition=recount.edition if recount else "",
        policy=account.policy,
    )


def _days(account: UnitAccount, measure: Measure) -> int:
    """A later calendar counts the days that the interview was given; an edition that reaches it gives it others."""
    if measure.schedule is None or (measure.recount is not None and measure.recount.edition):
        return account.policy.interview_days
    return measure.schedule.working_days


def open_interviews(account: UnitAccount) -> list[Measure]:
    """Interviews that are not recorded yet."""
    return [
        measure
        for measure in account.measures
        if measure.kind is MeasureKind.INTERVIEW and measure.status is MeasureStatus.OPEN
    ]


def interviews_on_another_calendar(account: UnitAccount, version: str) -> list[Measure]:
    """Open interviews scheduled on another calendar; missed ones are left out, because they stay missed."""
    return [
        measure
        for measure in open_interviews(account)
        if not measure.missed
        and measure.schedule is not None
        and measure.schedule.calendar_version != version
    ]


def mark_for_recalculation(transition: UnitTransition, news: NewCalendar) -> None:
    """R6: mark the interviews that a later calendar may move. Idempotent."""
    for measure in interviews_on_another_calendar(transition.account, news.version):
        edition = measure.recount.edition if measure.recount else ""
        measure.recount = RecalculationRequest(
            version=news.version, reason=news.reason, at=transition.at, edition=edition
        )


def adopt_edition(transition: UnitTransition, news: NewEdition) -> None:
    """R7: take the policy that an edition brings; open interviews are recalculated where it reaches them. Idempotent."""
    account, old, new = transition.account, transition.account.policy, news.policy
    if not new.is_later_than(old):
        return
    account.policy = new
    text = f"{news.reason}（{news.source}）：{differences_in_words(old, new)}"
    transition.write(EventKind.EDITION_ADOPTED, "R7", text=text, data=adoption_data(news, old))
    if not news.reaches_open or (old.interview_days, old.cutoff) == (new.interview_days, new.cutoff):
        return
    for measure in open_interviews(account):
        if measure.schedule is not None and not measure.missed:
            measure.recount = RecalculationRequest(
                version="", reason=news.reason, at=transition.at, edition=news.edition
            )


def schedule_interviews(transition: UnitTransition, schedules: Mapping[str, LimitSchedule]) -> None:
    """R6: give the interviews the schedules that the calendar computed."""
    for measure in open_interviews(transition.account):
        new, old, recount = schedules.get(measure.id), measure.schedule, measure.recount
        if new is None or (old is not None and recount is None):
            continue
        measure.schedule, measure.recount = new, None
        if old is None:
            transition.write(
                EventKind.LIMITS_FIXED,
                "R6",
                "R35",
                text=f"约谈时限 {end_of(new.last_day, new.due_at)}",
                data=_data(measure, new),
            )
        elif recount is not None and (old.due_at, old.provisional) != (new.due_at, new.provisional):
            text = f"{recalculated_by(recount)}约谈时限 {schedule_end(old)} → {schedule_end(new)}"
            data = {**_data(measure, new), "old_due_at": old.due_at.isoformat()}
            rules = (*rules_of(recount), "R35")
            entry = transition.write(EventKind.LIMITS_RECOMPUTED, *rules, text=text, data=data)
            transition.notify(entry, PLATFORM.id)


def _data(measure: Measure, schedule: LimitSchedule) -> dict[str, JsonValue]:
    return {
        "measure": measure.id,
        "due_at": schedule.due_at.isoformat(),
        "calendar_version": schedule.calendar_version,
    }


def next_interview(account: UnitAccount) -> Measure | None:
    """Return the open interview that ends first and has not been missed."""
    waiting = [m for m in open_interviews(account) if m.schedule is not None and not m.missed]
    return min(waiting, key=lambda m: m.schedule.due_at if m.schedule else m.opened_at, default=None)


def pass_time(transition: UnitTransition, now: datetime) -> None:
    """R35: mark interviews that were not held in time, and notify the platform."""
    while (measure := next_interview(transition.account)) is not None:
        if measure.schedule is None or measure.schedule.due_at > now:
            return
        measure.missed = True
        text = "约谈时限已过，尚无约谈记录，提请督导问效组关注"
        at = measure.schedule.due_at
        data = {"measure": measure.id}
        entry = transition.write(EventKind.INTERVIEW_MISSED, "R35", at=at, text=text, data=data)
        transition.notify(entry, PLATFORM.id)
