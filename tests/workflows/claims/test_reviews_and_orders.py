"""Dissatisfied twice, ordered, criticised; and false feedback: on the real server in virtual time."""

import asyncio
from datetime import timedelta

import pytest

from claims.model.events import EventKind
from claims.model.terms import Action, CloseReason, LimitKind, LimitStatus, Role
from claims.model.terms import Stage as S
from claims.model.unit_account import MeasureKind
from claims.model.values import Actor
from claims.papers.requests import PaperKind
from records.attachments import attachments_of
from records.queries.claims import snapshot
from tests.support.claims.people import CALLER, COORDINATOR, SUPERVISOR, person
from tests.support.polling import until
from tests.support.workflows.claim_play import Play, Stage, end_of_working_day
from tests.support.workflows.unit_play import Account

PATIENT, DEFIANT, UNTRUE, KIND = "ZZ-FGW", "ZZ-GAJ", "ZZ-GXJ", "ZZ-RSJ"
"""Units with their own accounts on this server."""
HOURS = timedelta(hours=3)


def handler(unit: str) -> Actor:
    return person(Role.HANDLER, unit)


async def fed_back(stage: Stage, unit: str) -> Play:
    play = await (await stage.register()).dispatched(unit=unit)
    return await play.handled([handler(unit)] * 3)


async def verifying(stage: Stage, unit: str) -> Play:
    """Dissatisfied twice, and the form is filed on the third working day."""
    play = await fed_back(stage, unit)
    await play.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    redo = await play.limit(LimitKind.REDO)
    assert await play.due(LimitKind.REDO) == end_of_working_day(5, redo.started_at)
    await play.wait(HOURS)
    await play.must(Action.FEEDBACK, handler(unit))
    await play.must(Action.CALL_BACK, CALLER, grade="very-dissatisfied")
    form = await play.limit(LimitKind.REVIEW_FORM)
    due = await play.due(LimitKind.REVIEW_FORM)
    assert due == end_of_working_day(3, form.started_at)
    await play.until(due - HOURS)
    await play.must(Action.REVIEW_FORM, handler(unit))
    assert (await play.limit(LimitKind.REVIEW_FORM)).status is LimitStatus.MET
    return play


async def ordered(play: Play, days: int) -> None:
    """Not compliant: to be completed within a number of working days."""
    verification = await play.limit(LimitKind.VERIFICATION)
    assert await play.due(LimitKind.VERIFICATION) == end_of_working_day(3, verification.started_at)
    await play.must(Action.VERIFY, SUPERVISOR, compliant=False, order_days=days)
    order = await play.limit(LimitKind.ORDERED_COMPLETION)
    assert await play.due(LimitKind.ORDERED_COMPLETION) == end_of_working_day(days, order.started_at)


async def of_kind(stage: Stage, play: Play, kind: PaperKind) -> int:
    """Return the claim's number of papers of a kind."""
    found = await asyncio.to_thread(attachments_of, stage.records, play.number)
    return sum(1 for one in found if one.kind is kind)


@pytest.mark.rule("R44", "R45")
async def test_an_order_kept_on_its_last_day_is_verified_and_closes_without_any_light(stage: Stage) -> None:
    play = await verifying(stage, PATIENT)
    await ordered(play, 2)
    await play.until(await play.due(LimitKind.ORDERED_COMPLETION) - HOURS)
    await play.must(Action.FEEDBACK, handler(PATIENT))
    assert (await play.limit(LimitKind.ORDERED_COMPLETION)).status is LimitStatus.MET
    await play.must(Action.VERIFY, SUPERVISOR, compliant=True)
    claim = await play.claim()
    assert claim.closed is not None
    assert (claim.stage, claim.closed.reason) == (S.CLOSED, CloseReason.VERIFIED)
    assert (claim.lights, await play.entries(EventKind.CRITICISED, EventKind.PLATFORM_DELAYED)) == ([], [])
    await play.must(Action.REPLY, handler(PATIENT), text="已上门解释")
    assert (await play.handle.result()).reason is CloseReason.VERIFIED
    story = (
        *(EventKind.REDO_ORDERED, EventKind.REVIEW_OPENED, EventKind.FORM_FILED),
        *(EventKind.COMPLETION_ORDERED, EventKind.VERIFIED, EventKind.CLOSED),
        *(EventKind.EXPLANATION_AWAITED, EventKind.EXPLAINED),
    )
    assert tuple(entry.kind for entry in await play.entries(*story)) == story
    assert snapshot(stage.records, play.number) == await play.claim()


@pytest.mark.rule("R45", "R36")
async def test_a_missed_order_is_criticised_and_filed_on_the_units_account_without_a_light(
    stage: Stage,
) -> None:
    play = await verifying(stage, DEFIANT)
    await ordered(play, 1)
    due = await play.due(LimitKind.ORDERED_COMPLETION)
    await play.wait_out(LimitKind.ORDERED_COMPLETION)
    consequences = await play.entries(EventKind.CRITICISED, EventKind.ACCOUNTABILITY_OPENED)
    assert [entry.kind for entry in consequences] == [EventKind.CRITICISED, EventKind.ACCOUNTABILITY_OPENED]
    assert {entry.at for entry in consequences} == {due}
    assert await play.lights() == []
    account = Account(stage, DEFIANT)

    async def is_on_file() -> bool:
        return await of_kind(stage, play, PaperKind.CRITICISM) == 1 and len(await account.measures()) == 1

    await until(is_on_file)
    (measure,) = (await account.recorded()).measures
    assert (measure.kind, measure.rule, measure.opened_at) == (MeasureKind.ACCOUNTABILITY, "R45", due)
    assert play.number in measure.reason
    await play.must(Action.FEEDBACK, handler(DEFIANT))
    await play.must(Action.VERIFY, SUPERVISOR, compliant=True)
    assert (await play.claim()).stage is S.CLOSED
    assert len((await account.recorded()).measures) == 1


@pytest.mark.rule("R45")
async def test_after_two_orders_the_leadership_group_decides_and_nobody_else(stage: Stage) -> None:
    play = await verifying(stage, KIND)
    for days in (3, 15):
        await ordered(play, days)
        await play.must(Action.FEEDBACK, handler(KIND))
    await play.must(Action.VERIFY, SUPERVISOR, compliant=False)
    assert (await play.claim()).stage is S.LEADERSHIP
    refused = await play.do(Action.VERIFY, SUPERVISOR, compliant=True)
    assert (refused.status, refused.kind, refused.rule) == ("refused", "wrong-role", "R45")
    await play.must(Action.VERIFY, COORDINATOR, compliant=True, opinion="领导小组研究同意办结")
    claim = await play.claim()
    assert claim.closed is not None
    assert claim.closed.reason is CloseReason.VERIFIED
    assert len(await play.entries(EventKind.COMPLETION_ORDERED)) == 2
    assert len(await play.entries(EventKind.REFERRED_TO_LEADERSHIP)) == 1
    assert claim.lights == []


@pytest.mark.rule("R52", "R36")
async def test_false_feedback_is_checked_confirmed_and_on_the_units_account(stage: Stage) -> None:
    play, content = await asyncio.gather(fed_back(stage, UNTRUE), fed_back(stage, UNTRUE))
    await asyncio.gather(
        play.must(Action.CALL_BACK, CALLER, grade="dissatisfied", contacted=False),
        content.must(Action.CALL_BACK, CALLER, grade="satisfied", contacted=False),
    )
    assert ((await play.claim()).stage, (await content.claim()).stage) == (S.REDO, S.CLOSED)
    for who in (handler(UNTRUE), CALLER, COORDINATOR):
        refused = await play.do(Action.CONFIRM_FALSE_FEEDBACK, who)
        assert (refused.status, refused.kind) == ("refused", "wrong-role")
    for one in (play, content):
        await one.wait(HOURS)
        await one.must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR, evidence="登记时段内无通话")
        claim = await one.claim()
        assert claim.false_feedback is not None
        assert (claim.false_feedback.evidence, claim.lights) == ("登记时段内无通话", [])
    again = await play.do(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    assert (again.status, again.rule) == ("refused", "R52")
    await content.handle.result()  # it was waiting only for the check
    story = (EventKind.CONTACT_DISPUTED, EventKind.FALSE_FEEDBACK_CONFIRMED)
    for one in (play, content):
        told = (*story, EventKind.CRITICISED, EventKind.ACCOUNTABILITY_OPENED)
        assert tuple(entry.kind for entry in await one.entries(*told)) == told
    account = Account(stage, UNTRUE)

    async def are_on_file() -> bool:
        papers = [await of_kind(stage, one, PaperKind.CRITICISM) for one in (play, content)]
        return papers == [1, 1] and len(await account.measures()) == 2

    await until(are_on_file)
    held = await account.recorded()
    assert {(measure.kind, measure.rule) for measure in held.measures} == {
        (MeasureKind.ACCOUNTABILITY, "R52")
    }
    assert held.lights == {}
    await play.must(Action.FEEDBACK, handler(UNTRUE))
    await play.must(Action.CALL_BACK, CALLER, contacted=True)
    assert (await play.handle.result()).reason is CloseReason.FALSE_FEEDBACK
