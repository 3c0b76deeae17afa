"""Stories on the real server in virtual time: journal, limits, lights to the minute, outcome."""

from datetime import timedelta

import pytest

from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.terms import Action, Category, CloseReason, LimitKind, LimitStatus, Role
from claims.model.terms import Stage as S
from records.queries.claims import snapshot
from tests.support.claims.people import (
    ARBITER,
    CALLER,
    HANDLER,
    HEAD,
    HOUSING,
    OPERATOR,
    SUPERVISOR,
    WATER,
    person,
)
from tests.support.workflows.claim_play import Stage

HOURS = timedelta(hours=3)


def lights(claim: Claim) -> list[str]:
    """Return `limit/colour` in order of issue."""
    return [f"{light.limit}/{light.colour}" for light in claim.lights]


@pytest.mark.rule("R10", "R14", "R40", "R42")
async def test_a_claim_is_dispatched_handled_in_time_and_closed_as_satisfied(stage: Stage) -> None:
    play = await stage.register()
    await play.dispatched(co_units=[WATER])
    await play.must(Action.SIGN_FOR, HANDLER)
    await play.wait(HOURS)
    await play.handled()
    await play.must(Action.CALL_BACK, CALLER)
    closure = await play.handle.result()
    assert closure.reason is CloseReason.SATISFIED
    kinds = [entry.kind for entry in await play.entries()]
    # Late in the evening the day may end meanwhile, and the unit is warned (R30).
    assert [kind for kind in kinds if kind is not EventKind.EARLY_WARNING] == [
        EventKind.REGISTERED,
        EventKind.LIMITS_FIXED,
        EventKind.DISPATCHED,
        EventKind.LIMITS_FIXED,
        EventKind.SIGNED_FOR,
        EventKind.CONTACTED,
        EventKind.REPLIED,
        EventKind.FED_BACK,
        EventKind.LIMITS_FIXED,
        EventKind.CALLED_BACK,
        EventKind.CLOSED,
    ]
    claim = await play.claim()
    assert {limit.status for limit in claim.limits} == {LimitStatus.MET, LimitStatus.VOID}
    assert snapshot(stage.records, play.number) == claim


@pytest.mark.rule("R12")
async def test_an_answered_consultation_ends_when_its_follow_up_does(stage: Stage) -> None:
    play = await stage.register(Category.CONSULTATION)
    await play.must(Action.ANSWER, OPERATOR)
    closed = (await play.claim()).closed
    assert closed is not None
    assert closed.reason is CloseReason.ANSWERED
    await play.wait(timedelta(days=40))
    await play.handle.result()


@pytest.mark.rule("R31", "R32")
async def test_missed_limits_light_up_at_their_own_instants_each_once(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    contact = await play.wait_out(LimitKind.CONTACT)
    assert contact.schedule is not None
    claim = await play.claim()
    assert [(light.at, light.colour) for light in claim.lights] == [(contact.schedule.due_at, "yellow")]
    await play.wait_out(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT)
    claim = await play.claim()
    with_reply = ["contact/yellow", "reply/yellow", "contact/red"]
    assert lights(claim)[:3] == with_reply  # over a weekend, the reply's red has the same instant
    supervised = claim.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT)
    assert supervised is not None
    assert supervised.schedule is not None
    assert claim.lights[2].at == supervised.schedule.due_at
    await play.handled()
    await play.wait(timedelta(days=30))
    assert lights(await play.claim()) == lights(claim)
    letters = await play.entries(EventKind.LETTER_ISSUED)
    assert len(letters) == len({entry.data["letter"] for entry in letters}) == 2


@pytest.mark.rule("R32")
async def test_a_red_light_is_followed_by_daily_reminders_and_the_inspectors(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.must(Action.CONTACT, HANDLER)
    await play.must(Action.REPLY, HANDLER)
    await play.wait_out(LimitKind.RESOLVE)
    await play.wait_out(LimitKind.SUPERVISED_FEEDBACK, LimitKind.RESOLVE)
    await play.wait(timedelta(days=20))
    assert lights(await play.claim()) == ["resolve/yellow", "resolve/red"]
    assert len(await play.entries(EventKind.UNIT_REMINDED)) == 3
    assert len(await play.entries(EventKind.ESCALATED)) == 1


@pytest.mark.rule("R15", "R5")
async def test_a_return_stops_the_clocks_and_another_unit_starts_anew(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.wait(HOURS)
    await play.must(Action.REJECT, HEAD, signature=None)
    await play.wait(timedelta(days=9))
    assert lights(await play.claim()) == []
    await play.must(Action.REDETERMINE, SUPERVISOR, decision="redispatch", unit=WATER)
    claim = await play.claim()
    contact = claim.limit(LimitKind.CONTACT)
    assert contact is not None
    assert contact.unit is not None
    assert (contact.dispatch, contact.unit.id, contact.status) == (2, WATER, LimitStatus.RUNNING)
    await play.wait_out(LimitKind.CONTACT)
    assert {light.unit for light in (await play.claim()).lights} == {WATER}


@pytest.mark.rule("R5")
async def test_a_confirmed_unit_goes_on_where_it_stopped(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.must(Action.REJECT, HANDLER)
    await play.wait(timedelta(days=7))
    await play.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    look = await play.look()
    resolve = look.claim.limit(LimitKind.RESOLVE)
    assert resolve is not None
    assert resolve.schedule is not None
    assert resolve.schedule.working_days == 10
    assert resolve.schedule.due_at > look.now + timedelta(days=9)
    assert lights(look.claim) == []


@pytest.mark.rule("R16")
async def test_the_arbiter_rules_and_the_ruling_is_final(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.must(Action.REJECT, HANDLER)
    await play.must(Action.REFER, SUPERVISOR)
    await play.must(Action.ARBITRATE, ARBITER, unit=HOUSING)
    outcome = await play.do(Action.REJECT, person(Role.HEAD, HOUSING))
    assert (outcome.status, outcome.rule) == ("refused", "R16")
    housing = person(Role.HANDLER, HOUSING)
    await play.handled((housing, housing, housing))


@pytest.mark.rule("R17")
async def test_an_extension_makes_it_25_days_and_the_old_timer_never_rings(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.must(Action.CONTACT, HANDLER)
    await play.must(Action.REPLY, HANDLER)
    await play.must(Action.REQUEST_EXTENSION, HANDLER)
    await play.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=True)
    await play.wait(timedelta(days=20))
    assert lights(await play.claim()) == []
    await play.wait_out(LimitKind.RESOLVE)
    claim = await play.claim()
    assert lights(claim) == ["resolve/yellow"]
    resolve = claim.limit(LimitKind.RESOLVE)
    assert resolve is not None
    assert resolve.schedule is not None
    assert resolve.schedule.working_days == 25


@pytest.mark.rule("R43", "R44")
async def test_dissatisfied_twice_waits_for_review(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.handled()
    await play.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    assert (await play.claim()).stage is S.REDO
    await play.must(Action.FEEDBACK, HANDLER)
    await play.must(Action.CALL_BACK, CALLER, grade="very-dissatisfied")
    assert (await play.claim()).stage is S.REVIEW
    await play.wait(timedelta(days=30))
    assert (await play.claim()).stage is S.REVIEW


@pytest.mark.rule("R47")
async def test_a_withdrawn_claim_ends_its_workflow_and_all_its_timers(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.must(Action.WITHDRAW, CALLER)
    closure = await play.handle.result()
    assert closure.reason is CloseReason.WITHDRAWN
    assert (await play.handle.describe()).status is not None


@pytest.mark.rule("R13")
async def test_a_declined_claim_ends_at_once(stage: Stage) -> None:
    play = await stage.register()
    await play.must(Action.DECLINE, OPERATOR)
    closure = await play.handle.result()
    assert closure.reason is CloseReason.DECLINED
