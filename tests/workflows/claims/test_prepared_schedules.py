"""Schedules that come with an action: used if they fit, otherwise computed by an activity (R6)."""

from collections import Counter
from datetime import datetime

import pytest
from temporalio.client import WorkflowHandle

from activities.deadlines import prepared
from activities.workflow_ids import signal_name
from calendar_rules import WorkingCalendar
from calendar_rules.loader import load_calendar
from claims import procedure
from claims.deadlines.scheduling import limits_to_schedule, question_of
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.limit import PreparedSchedule
from claims.model.messages.envelopes import Envelope
from claims.model.terms import Action, LimitKind
from claims.model.values import CONSOLE, Actor
from tests.support.claims.people import OPERATOR, ref, usual
from tests.support.workflows.claim_play import Play, Stage

UNIT = "ZZ-FGW"
REQUEST = "dispatch-1"


def dispatch(claim: Claim, actor: Actor, calendar: WorkingCalendar, at: datetime) -> Envelope:
    """Return a dispatch with schedules for the limits that it starts."""
    body = {"request_id": REQUEST, **usual(Action.DISPATCH, claim.registered_at), "unit": UNIT}
    envelope = Envelope.model_validate({"actor": actor, "units": {UNIT: ref(UNIT)}, "body": body})
    step, outcome = procedure.act(claim, Action.DISPATCH, envelope, now=at)
    assert outcome.status == "accepted"
    return envelope.model_copy(update={"schedules": prepared(calendar, limits_to_schedule(step.claim))})


async def activities_of(handle: WorkflowHandle[object, object]) -> Counter[str]:
    """Return how often each activity was scheduled."""
    found: Counter[str] = Counter()
    async for event in handle.fetch_history_events():
        if event.HasField("activity_task_scheduled_event_attributes"):
            found[event.activity_task_scheduled_event_attributes.activity_type.name] += 1
    return found


async def send(play: Play, envelope: Envelope) -> Claim:
    """Return the claim once the dispatch is done and its limits are scheduled."""
    await play.send_sealed(signal_name(Action.DISPATCH), envelope)
    return (await play.look(REQUEST)).claim


@pytest.mark.rule("R6")
async def test_answers_that_fit_are_taken_and_no_calendar_is_asked(stage: Stage) -> None:
    play, calendar = await stage.register(), load_calendar()
    look = await play.look()
    before = (await activities_of(play.handle))["fix_deadlines"]
    claim = await send(play, dispatch(look.claim, OPERATOR, calendar, look.now))
    assert (await activities_of(play.handle))["fix_deadlines"] == before
    resolve = claim.limit(LimitKind.RESOLVE)
    assert resolve is not None
    assert resolve.schedule is not None
    assert resolve.schedule.last_day == calendar.deadline(look.now, 10).last_day
    assert resolve.schedule.explanation == calendar.deadline(look.now, 10).days
    dispatched, fixed = (await play.entries(EventKind.DISPATCHED, EventKind.LIMITS_FIXED))[-2:]
    assert (dispatched.kind, fixed.kind) == (EventKind.DISPATCHED, EventKind.LIMITS_FIXED)


def another_question(given: PreparedSchedule) -> PreparedSchedule:
    return given.model_copy(update={"question": "another"})


@pytest.mark.rule("R6")
@pytest.mark.parametrize("wrong", ["question", "missing"])
async def test_answers_to_another_question_are_not_taken(stage: Stage, wrong: str) -> None:
    play, calendar = await stage.register(), load_calendar()
    look = await play.look()
    before = (await activities_of(play.handle))["fix_deadlines"]
    envelope = dispatch(look.claim, OPERATOR, calendar, look.now)
    schedules = {**envelope.schedules}
    [first, *_] = schedules
    if wrong == "question":
        schedules[first] = another_question(schedules[first])
    else:
        del schedules[first]
    claim = await send(play, envelope.model_copy(update={"schedules": schedules}))
    assert (await activities_of(play.handle))["fix_deadlines"] == before + 1
    assert all(limit.schedule is not None for limit in claim.limits)


@pytest.mark.rule("R6")
async def test_what_is_typed_in_the_temporal_ui_brings_no_answers(stage: Stage) -> None:
    play = await (await (await stage.register()).dispatched()).handled()
    look = await play.look()
    before = (await activities_of(play.handle))["fix_deadlines"]
    body = {
        "request_id": REQUEST,
        "reached": True,
        "grade": "dissatisfied",
        "resolved": False,
        "contacted": True,
    }
    typed = Envelope.model_validate({"actor": CONSOLE, "body": body})
    step, _ = procedure.act(look.claim, Action.CALL_BACK, typed, now=look.now)
    a_year_long = prepared(
        load_calendar(),
        [request.model_copy(update={"count_days": 250}) for request in limits_to_schedule(step.claim)],
    )
    forged = {
        request.limit_id: a_year_long[request.limit_id].model_copy(update={"question": question_of(request)})
        for request in limits_to_schedule(step.claim)
    }
    await play.send_sealed(signal_name(Action.CALL_BACK), typed.model_copy(update={"schedules": forged}))
    after = await play.look(REQUEST)
    assert after.outcome is not None
    assert after.outcome.status == "accepted"
    assert (await activities_of(play.handle))["fix_deadlines"] == before + 1
    redo = after.claim.limit(LimitKind.REDO)
    assert redo is not None
    assert redo.schedule is not None
    assert redo.schedule.last_day == load_calendar().deadline(look.now, 5).last_day
