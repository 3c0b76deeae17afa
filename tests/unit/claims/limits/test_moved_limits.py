"""A later calendar, and limits that were running, paused or ended before it: dated cases with weekdays."""

from datetime import date, datetime, timedelta

import pytest

from activities.deadlines import schedule
from calendar_rules.loader import load_calendar
from claims import limits, procedure
from claims.deadlines.moments import moments, next_due
from claims.deadlines.recalculation import CalendarAnswer, NewCalendar, affected_days
from claims.deadlines.scheduling import LimitRequest, counted_from, limits_to_schedule
from claims.editions.edition import built_in_policy
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, LimitKind, LimitStatus
from tests.support.claims.calendars import NEW_YEAR, calendar_with, correction
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import HANDLER, SUPERVISOR, WATER
from tests.support.dates import beijing, day


def last_day(paper: Paper, kind: LimitKind) -> date:
    schedule = paper.limit(kind).schedule
    assert schedule is not None
    return schedule.last_day


@pytest.mark.rule("R5", "R6")
def test_a_resumed_limit_is_counted_again_from_its_resumption() -> None:
    paper = Paper("Thu 2026-12-24 09:00").returned()
    paper.until("Mon 2026-12-28 09:00")
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    assert last_day(paper, LimitKind.RESOLVE) == day("Tue 2027-01-12")
    paper.recalculate(calendar_with(NEW_YEAR))
    assert last_day(paper, LimitKind.RESOLVE) == day("Tue 2027-01-12")  # from 24 December: Saturday 9 January


@pytest.mark.rule("R6", "R31")
def test_what_was_due_before_the_calendar_changed_is_applied_first() -> None:
    paper = Paper("Thu 2026-11-26 09:00").dispatched()
    paper.now = beijing("Tue 2026-12-01 08:00")
    paper.recalculate(calendar_with(correction(off="2026-11-30", published="2026-11-27")))
    lights = [f"{light.limit}/{light.colour}" for light in paper.claim.lights]
    assert lights == ["contact/yellow", "reply/yellow", "contact/red"]


@pytest.mark.rule("R6", "R32")
def test_a_limit_depends_on_the_days_until_its_escalation() -> None:
    policy = DEFAULT_POLICY.model_copy(update={"escalate_after_red_days": 5})
    paper = Paper("Tue 2026-11-24 09:00", policy=policy).dispatched()
    days = affected_days(paper.claim, paper.limit(LimitKind.CONTACT))
    assert days == (day("Wed 2026-11-25"), day("Fri 2026-12-04"))


@pytest.mark.rule("R6")
def test_a_limit_that_has_never_paused_is_counted_again_without_a_pause() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    step = procedure.new_calendar(paper.claim, NewCalendar(version="cn-later"), now=paper.now)
    requests = limits_to_schedule(step.claim)
    assert requests
    assert {(one.paused_at, one.paused_last_day, one.most_days) for one in requests} == {(None, None, 0)}


@pytest.mark.rule("R2", "R32")
def test_under_the_plan_alone_the_missed_limits_last_day_is_day_0_of_supervised_feedback() -> None:
    paper = Paper("Tue 2026-11-24 09:00", policy=built_in_policy(1)).dispatched()
    paper.until("Thu 2026-11-26 09:00")
    supervised = next(x for x in paper.claim.limits if x.kind is LimitKind.SUPERVISED_FEEDBACK)
    assert supervised.started_at == beijing("Thu 2026-11-26 00:00")
    assert counted_from(paper.claim, supervised) == beijing("Thu 2026-11-26 00:00") - timedelta(
        microseconds=1
    )
    resolve = paper.limit(LimitKind.RESOLVE)
    assert counted_from(paper.claim, resolve) == resolve.count_from


@pytest.mark.rule("R18", "R37")
def test_supervision_that_a_revocation_ended_does_not_go_on_when_feedback_is_sent_back() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    paper.until("Thu 2026-11-26 09:00")
    (supervised,) = (x for x in paper.claim.limits if x.kind is LimitKind.SUPERVISED_FEEDBACK)
    limits.void(supervised, paper.now)
    before = supervised.model_copy()
    limits.take_back_feedback(paper.claim, LimitKind.CONTACT, beijing("Mon 2026-11-30 09:00"))
    assert supervised == before


@pytest.mark.rule("R18")
def test_a_limit_that_was_met_before_it_had_instants_runs_on_when_feedback_is_sent_back_again() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    limit = paper.limit(LimitKind.RESOLVE)
    limit.status, limit.schedule, limit.sent_back = LimitStatus.MET, None, 1
    limits.take_back_feedback(paper.claim, LimitKind.RESOLVE, paper.now)
    assert (limit.status, limit.schedule, limit.reminders) == (LimitStatus.RUNNING, None, 0)


@pytest.mark.rule("R18")
def test_a_limit_that_waits_for_its_new_end_has_no_moment_at_its_old_one() -> None:
    paper = Paper("Tue 2026-11-24 09:00").fed_back()
    limit = paper.limit(LimitKind.RESOLVE)
    limits.restart(limit, paper.now)
    assert limit.schedule is not None
    assert [one for one in moments(paper.claim) if one.limit_id == limit.id] == []
    assert [one.limit_id for one in limits_to_schedule(paper.claim)] == [limit.id]


@pytest.mark.rule("R30")
def test_what_a_claim_is_listed_by_is_its_next_end_and_no_warning() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    assert next_due(paper.claim) == beijing("Wed 2026-11-25 24:00")
    for action in (Action.CONTACT, Action.REPLY):
        paper.must(action, HANDLER)
    paper.until("Mon 2026-12-07 10:00")
    assert min(one.at for one in moments(paper.claim)) == beijing("Mon 2026-12-07 24:00")
    assert next_due(paper.claim) == beijing("Tue 2026-12-08 24:00")


@pytest.mark.rule("R6", "R32")
def test_a_limit_depends_on_the_days_until_its_last_reminder_where_that_comes_after_the_escalation() -> None:
    policy = DEFAULT_POLICY.model_copy(update={"reminders_after_red": 6})
    paper = Paper("Tue 2026-11-24 09:00", policy=policy).dispatched()
    days = affected_days(paper.claim, paper.limit(LimitKind.CONTACT))
    assert days == (day("Wed 2026-11-25"), day("Mon 2026-12-07"))  # red as Friday the 27th ended


@pytest.mark.rule("R14", "R22")
def test_only_the_leads_resolve_limit_asks_when_the_co_units_parts_are_due() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched(co_units=[WATER])
    step = procedure.new_calendar(paper.claim, NewCalendar(version="cn-later"), now=paper.now)
    asked = {one.kind: one.has_co_units for one in limits_to_schedule(step.claim)}
    assert asked.pop(LimitKind.RESOLVE)
    assert asked
    assert not any(asked.values())


ASKED = LimitRequest(
    limit_id="1/0/reply",
    kind=LimitKind.REPLY,
    count_from=beijing("Tue 2026-11-24 09:00"),
    count_days=2,
    policy=DEFAULT_POLICY,
)
PREPARED_AT, ASKED_AT = beijing("Tue 2026-11-24 10:00"), beijing("Tue 2026-11-24 11:00")


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("prepared", "asked", "now", "matches"),
    [
        (None, None, "Fri 2026-11-27 09:00", True),
        (PREPARED_AT, ASKED_AT, "Tue 2026-11-24 11:00", True),
        (PREPARED_AT, ASKED_AT, "Thu 2026-11-26 23:59", True),
        (PREPARED_AT, ASKED_AT, "Thu 2026-11-26 24:00", False),  # the end by the new calendar has passed
        (None, ASKED_AT, "Tue 2026-11-24 11:00", False),
        (PREPARED_AT, None, "Tue 2026-11-24 11:00", False),  # it was missed meanwhile
    ],
)
def test_an_answer_for_a_running_limit_is_none_for_a_missed_one(
    prepared: datetime | None, asked: datetime | None, now: str, *, matches: bool
) -> None:
    request = ASKED.model_copy(update={"not_before": prepared})
    answer = CalendarAnswer(request=request, schedule=schedule(load_calendar(), request))
    assert answer.matches(ASKED.model_copy(update={"not_before": asked}), beijing(now)) is matches
