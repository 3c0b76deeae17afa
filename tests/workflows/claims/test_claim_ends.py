"""Every way to close a claim, on the real server in virtual time."""

import pytest

from claims.model.events import EventKind
from claims.model.terms import Action, CloseReason, LimitKind
from claims.model.terms import Stage as S
from tests.support.claims.people import CALLER, ENTERPRISE, HANDLER, HEAD, SUPERVISOR
from tests.support.workflows.claim_play import Play, Stage


async def in_review(stage: Stage) -> Play:
    """Dissatisfied twice."""
    play = await (await (await stage.register()).dispatched()).handled()
    await play.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    await play.must(Action.FEEDBACK, HANDLER)
    await play.must(Action.CALL_BACK, CALLER, grade="very-dissatisfied")
    return play


@pytest.mark.rule("R44", "R45")
async def test_a_review_goes_through_an_order_to_closing_as_verified_and_explained(stage: Stage) -> None:
    play = await in_review(stage)
    await play.must(Action.REVIEW_FORM, HEAD, signature=None)
    await play.must(Action.VERIFY, SUPERVISOR, compliant=False, order_days=3)
    await play.must(Action.FEEDBACK, HANDLER)
    await play.must(Action.VERIFY, SUPERVISOR, compliant=True)
    claim = await play.claim()
    assert claim.closed is not None
    assert (claim.stage, claim.closed.reason) == (S.CLOSED, CloseReason.VERIFIED)
    await play.must(Action.REPLY, HANDLER, text="已上门说明")
    closure = await play.handle.result()
    assert closure is not None
    kinds = [entry.kind for entry in await play.entries()]
    assert kinds[-1] is EventKind.EXPLAINED
    assert kinds.index(EventKind.COMPLETION_ORDERED) > kinds.index(EventKind.FORM_FILED)


@pytest.mark.rule("R44", "R31", "R32")
async def test_a_form_that_nobody_files_lights_up_by_itself(stage: Stage) -> None:
    play = await in_review(stage)
    form = await play.wait_out(LimitKind.REVIEW_FORM)
    await play.wait_out(LimitKind.SUPERVISED_FEEDBACK, of=LimitKind.REVIEW_FORM)
    lights = (await play.claim()).lights
    assert form.schedule is not None
    assert [(light.limit, light.colour) for light in lights] == [
        (LimitKind.REVIEW_FORM, "yellow"),
        (LimitKind.REVIEW_FORM, "red"),
    ]
    assert lights[0].at == form.schedule.due_at


@pytest.mark.rule("R45")
async def test_a_missed_order_is_criticised_at_its_own_instant(stage: Stage) -> None:
    play = await in_review(stage)
    await play.must(Action.REVIEW_FORM, HANDLER)
    await play.must(Action.VERIFY, SUPERVISOR, compliant=False, order_days=1)
    order = await play.wait_out(LimitKind.ORDERED_COMPLETION)
    assert order.schedule is not None
    (criticised,) = await play.entries(EventKind.CRITICISED)
    assert criticised.at == order.schedule.due_at
    assert (await play.claim()).lights == []


@pytest.mark.rule("R41")
async def test_an_enterprise_that_nobody_reaches_is_closed_reopened_and_called(stage: Stage) -> None:
    play = await (await (await stage.register()).dispatched()).handled()
    for _ in range(2):
        await play.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    while not await play.entries(EventKind.LINK_SENT):
        await play.wait_a_day()
        await play.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    await play.wait_out(LimitKind.LINK)
    claim = await play.claim()
    assert claim.closed is not None
    assert claim.closed.reason is CloseReason.UNREACHABLE
    await play.must(Action.REOPEN, ENTERPRISE)
    await play.must(Action.CALL_BACK, CALLER)
    closure = await play.handle.result()
    assert closure is not None
    assert closure.reason is CloseReason.SATISFIED
