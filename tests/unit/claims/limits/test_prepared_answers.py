"""When a limit's prepared schedule is still valid."""

from datetime import datetime, time

import pytest
from pydantic import JsonValue

from activities.deadlines import prepared
from calendar_rules.loader import load_calendar
from claims import procedure
from claims.deadlines.scheduling import LimitRequest, limits_to_schedule, question_of
from claims.model.events import EventKind
from claims.model.messages.envelopes import digest
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Action, BackgroundTaskKind, LimitKind
from claims.transition import Transition
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import OPERATOR, POWER, envelope
from tests.support.dates import beijing, day

CLOSING = DEFAULT_POLICY.model_copy(update={"cutoff": time(17, 30)})


def request(count_from: datetime, **fields: object) -> LimitRequest:
    given = {"limit_id": "1/0/reply", "kind": LimitKind.REPLY, "count_days": 2, "policy": DEFAULT_POLICY}
    return LimitRequest.model_validate({**given, "count_from": count_from, **fields})


MORNING, EVENING = beijing("Tue 2026-11-24 09:00"), beijing("Tue 2026-11-24 18:00")
NEXT_DAY = beijing("Wed 2026-11-25 09:00")


@pytest.mark.rule("R2", "R3")
def test_without_a_close_of_business_the_hour_asks_for_nothing_else() -> None:
    assert question_of(request(MORNING)) == question_of(request(EVENING))
    assert question_of(request(MORNING)) != question_of(request(NEXT_DAY))


@pytest.mark.rule("R2")
def test_with_a_close_of_business_the_hour_counts() -> None:
    assert question_of(request(MORNING, policy=CLOSING)) != question_of(request(EVENING, policy=CLOSING))


@pytest.mark.rule("R2", "R3", "R5", "R17", "R18")
@pytest.mark.parametrize("instant", ["paused_at", "rerun_from", "floor_from"])
def test_of_no_other_instant_does_the_hour_ask_for_anything_else(instant: str) -> None:
    asked = question_of(request(MORNING, **{instant: MORNING}))
    assert asked == question_of(request(MORNING, **{instant: EVENING}))
    assert asked != question_of(request(MORNING, **{instant: NEXT_DAY}))


@pytest.mark.parametrize(
    "changed",
    [
        {"count_days": 3},
        {"limit_id": "2/0/reply"},
        {"paused_at": EVENING},
        {"warns": True},
        {"policy": DEFAULT_POLICY.model_copy(update={"version": "another"})},
        {"policy": DEFAULT_POLICY.model_copy(update={"revision": 1})},
    ],
    ids=str,
)
def test_another_question_is_another_one(changed: dict[str, object]) -> None:
    assert question_of(request(MORNING, **changed)) != question_of(request(MORNING))


@pytest.mark.rule("R6")
def test_a_question_names_only_what_a_limit_asks_for_so_that_later_fields_leave_it_as_it_was() -> None:
    asked: JsonValue = {"limit_id": "1/0/reply", "kind": "reply", "count_from": "2026-11-24", "count_days": 2}
    assert question_of(request(MORNING)) == digest([asked, DEFAULT_POLICY.version, DEFAULT_POLICY.revision])


def test_a_request_asks_for_nothing_that_it_does_not_name() -> None:
    asked = request(MORNING)
    assert (asked.warns, asked.supervised, asked.has_co_units, asked.most_days) == (False, False, False, 0)
    assert (asked.not_before, asked.calendar_version, asked.edition) == (None, "", "")


def test_equal_requests_are_one() -> None:
    assert len({request(MORNING), request(MORNING), request(EVENING)}) == 2


@pytest.mark.rule("R6", "R7")
def test_a_request_tells_of_its_policy_what_differs_from_the_plan_alone() -> None:
    longer = request(MORNING, policy=Policy(reply_days=3))
    assert longer.model_dump(mode="json")["policy"] == {"reply_days": 3}
    assert LimitRequest.model_validate(longer.model_dump(mode="json")) == longer
    assert request(MORNING, policy=Policy()).model_dump(mode="json")["policy"] == {}


def dispatching() -> Transition:
    """Return a dispatch before its limits are scheduled."""
    paper = Paper("Tue 2026-11-24 09:00")
    body: dict[str, object] = {"request_id": "r", "unit": POWER, "basis": "PD-023"}
    step, outcome = procedure.act(
        paper.claim, Action.DISPATCH, envelope(Action.DISPATCH, OPERATOR, body), now=paper.now
    )
    assert outcome.status == "accepted"
    return step


@pytest.mark.rule("R6")
def test_answers_to_all_that_a_step_asks_are_taken_with_it() -> None:
    step = dispatching()
    asked = limits_to_schedule(step.claim)
    given = prepared(load_calendar(), asked)
    assert len(given) == len(asked) == 4
    scheduled = procedure.with_prepared_schedules(step, given, now=MORNING)
    ends = {limit.kind: limit.schedule.last_day for limit in scheduled.claim.limits if limit.schedule}
    assert ends[LimitKind.REPLY] == day("Thu 2026-11-26")
    assert ends[LimitKind.RESOLVE] == day("Tue 2026-12-08")
    assert limits_to_schedule(scheduled.claim) == []
    assert [entry.kind for entry in scheduled.entries] == [EventKind.DISPATCHED, EventKind.LIMITS_FIXED]
    assert {notice.unit for notice in scheduled.notices} == {POWER}
    assert [task.kind for task in scheduled.background_tasks] == [BackgroundTaskKind.FILE_PAPER]


@pytest.mark.rule("R6")
def test_without_an_answer_to_one_of_them_or_with_one_to_another_question_none_is_taken() -> None:
    step = dispatching()
    given = prepared(load_calendar(), limits_to_schedule(step.claim))
    assert procedure.with_prepared_schedules(step, {}, now=MORNING) is step
    for id, answer in given.items():
        lacking = {other: one for other, one in given.items() if other != id}
        assert procedure.with_prepared_schedules(step, lacking, now=MORNING) is step
        wrong = {**given, id: answer.model_copy(update={"question": "another"})}
        assert procedure.with_prepared_schedules(step, wrong, now=MORNING) is step
