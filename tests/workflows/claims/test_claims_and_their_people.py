"""Delegation, vain calls, merges, reminders, withdrawal: on the real server in virtual time."""

import asyncio
from datetime import timedelta

import pytest

from claims.model.events import EventKind
from claims.model.limit import LimitSchedule
from claims.model.terms import Action, CloseReason, LimitKind, LimitStatus, Role
from claims.model.terms import Stage as S
from claims.model.values import Actor
from records.outbox import deliveries
from records.queries.claims import snapshot
from tests.support.claims.people import CALLER, ENTERPRISE, HANDLER, OPERATOR, POWER, person
from tests.support.polling import until
from tests.support.workflows.claim_play import Play, Stage, end_of_working_day
from tests.support.workflows.unit_play import Account

DISTRICT, TOWN, BUREAU = "QX-370404", "ZJ-370404101", "QX-370404-ZJJ"
OTHER_TOWN = "ZJ-370405100"
WITHDRAWN_FROM = "ZZ-NYJ"
HOURS = timedelta(hours=3)


def handler(unit: str) -> Actor:
    return person(Role.HANDLER, unit)


def notified(stage: Stage, play: Play, kind: EventKind) -> set[str]:
    """Return the addressees of a kind of notice in the ledger."""
    return {one.addressee for one in deliveries(stage.records, number=play.number) if one.kind is kind}


async def schedules(play: Play) -> dict[str, LimitSchedule | None]:
    return {limit.id: limit.schedule for limit in (await play.claim()).limits}


@pytest.mark.rule("R21", "R33", "R38")
async def test_a_district_answers_for_the_town_that_it_delegated_to(stage: Stage) -> None:
    play = await (await stage.register()).dispatched(unit=DISTRICT)
    for unit, by in ((OTHER_TOWN, DISTRICT), (DISTRICT, DISTRICT), (POWER, DISTRICT)):
        refused = await play.do(Action.DELEGATE, handler(by), unit=unit)
        assert (refused.status, refused.rule) == ("refused", "R21")
    assert (await play.do(Action.SIGN_FOR, handler(TOWN))).kind == "not-yours"
    await play.must(Action.DELEGATE, handler(DISTRICT), unit=TOWN)
    before = await schedules(play)
    sideways = await play.do(Action.DELEGATE, handler(TOWN), unit=BUREAU)
    assert (sideways.status, sideways.rule) == ("refused", "R21")
    assert (await play.do(Action.CONTACT, handler(BUREAU))).kind == "not-yours"
    await play.must(Action.SIGN_FOR, handler(TOWN))
    await play.must(Action.CONTACT, handler(TOWN))
    assert await schedules(play) == before  # R4, R21: delegation starts no clock
    due = await play.due(LimitKind.REPLY)
    await play.wait_out(LimitKind.REPLY)
    await play.must(Action.REPLY, handler(DISTRICT))  # the district may act as well
    await play.must(Action.FEEDBACK, handler(TOWN))
    await play.must(Action.CALL_BACK, CALLER)
    (light,) = (await play.claim()).lights
    assert (light.unit, light.caused_by, light.at) == (DISTRICT, TOWN, due)
    assert due == end_of_working_day(2, (await play.claim()).dispatches[0].delivered_at)
    assert (await play.handle.result()).reason is CloseReason.SATISFIED
    (letter,) = (await play.claim()).letters
    assert letter.unit == DISTRICT
    district, town = Account(stage, DISTRICT), Account(stage, TOWN)
    assert [one.id for one in (await district.recorded()).lights.values()] == [light.id]
    assert not await town.exists()
    assert notified(stage, play, EventKind.DELEGATED) == {TOWN}
    assert notified(stage, play, EventKind.LETTER_ISSUED) == {DISTRICT, "LG-ZH", "LG-DD"}


async def called_in_vain(stage: Stage) -> Play:
    """Three calls on one working day fail; one on the next sends the link."""
    play = await (await (await stage.register()).dispatched()).handled()
    now = (await play.look()).now
    await play.until(end_of_working_day(1, now) - timedelta(hours=9))  # 15:00 on a working day
    for _ in range(3):
        await play.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    assert await play.entries(EventKind.LINK_SENT) == []
    await play.until(end_of_working_day(1, (await play.look()).now) - timedelta(hours=9))
    await play.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    link = await play.limit(LimitKind.LINK)
    assert await play.due(LimitKind.LINK) == end_of_working_day(3, link.started_at)
    assert len(await play.entries(EventKind.LINK_SENT)) == 1
    assert notified(stage, play, EventKind.LINK_SENT) == {"enterprise"}
    await play.wait_out(LimitKind.LINK)
    closed = (await play.claim()).closed
    assert closed is not None
    assert (closed.reason, closed.at) == (CloseReason.UNREACHABLE, end_of_working_day(3, link.started_at))
    assert await play.due(LimitKind.FOLLOW_UP) == end_of_working_day(10, closed.at)
    return play


@pytest.mark.rule("R41")
async def test_nobody_reached_is_closed_as_unreachable_and_may_come_back_for_ten_working_days(
    stage: Stage,
) -> None:
    forgotten, remembered = await asyncio.gather(called_in_vain(stage), called_in_vain(stage))

    async def comes_back_on_the_last_day() -> None:
        await remembered.until(await remembered.due(LimitKind.FOLLOW_UP) - HOURS)
        await remembered.must(Action.REOPEN, ENTERPRISE, reason="出差方归，问题仍在")
        reopened = await remembered.limit(LimitKind.CALL_BACK)
        assert await remembered.due(LimitKind.CALL_BACK) == end_of_working_day(1, reopened.started_at)
        await remembered.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
        assert (await remembered.claim()).stage is S.REDO
        await remembered.must(Action.FEEDBACK, HANDLER)
        await remembered.must(Action.CALL_BACK, CALLER, grade="satisfied")
        assert (await remembered.handle.result()).reason is CloseReason.SATISFIED

    async def stays_away() -> None:
        await forgotten.wait_out(LimitKind.FOLLOW_UP)
        assert (await forgotten.handle.result()).reason is CloseReason.UNREACHABLE

    await asyncio.gather(comes_back_on_the_last_day(), stays_away())
    assert all(await asyncio.gather(*(has_no_light(play) for play in (forgotten, remembered))))


async def has_no_light(play: Play) -> bool:
    return not (await play.claim()).lights


@pytest.mark.rule("R46", "R48", "R4")
async def test_reminders_supplements_and_a_merged_duplicate_are_told_and_start_no_clock(stage: Stage) -> None:
    play, twin = await asyncio.gather(stage.register(), stage.register())
    await asyncio.gather(play.dispatched(), twin.dispatched())
    await play.wait(HOURS)
    before = await schedules(play)
    await play.must(Action.REMIND, ENTERPRISE)
    await play.must(Action.SUPPLEMENT, CALLER)
    await twin.must(Action.MERGE, OPERATOR, into=play.number)
    assert (await twin.handle.result()).reason is CloseReason.MERGED
    claim = await play.claim()
    assert (claim.reminders, claim.supplements) == (2, 1)
    assert await schedules(play) == before
    assert notified(stage, play, EventKind.SUPPLEMENTED) == {POWER}
    reminders = await play.entries(EventKind.REMINDED)
    assert twin.number in reminders[1].text
    merged = snapshot(stage.records, twin.number)
    assert merged is not None
    assert (merged.merged_into, merged.lights) == (play.number, [])
    assert {limit.status for limit in merged.limits} == {LimitStatus.MET, LimitStatus.VOID}
    contact = await play.due(LimitKind.CONTACT)
    await play.wait_out(LimitKind.CONTACT)
    assert await play.lights() == [("contact/yellow", contact)]


@pytest.mark.rule("R47", "R31", "R32")
async def test_a_withdrawal_counts_once_a_call_confirms_it_and_its_lights_stay(stage: Stage) -> None:
    play = await (await stage.register()).dispatched(unit=WITHDRAWN_FROM)
    due = await play.due(LimitKind.CONTACT)
    await play.wait_out(LimitKind.CONTACT)
    await play.must(Action.WITHDRAW, ENTERPRISE)
    assert (await play.claim()).stage is S.HANDLING
    refused = await play.do(Action.WITHDRAW, CALLER, confirmed_by_call=False)
    assert (refused.status, refused.rule) == ("refused", "R47")
    await play.must(Action.WITHDRAW, CALLER, confirmed_by_call=True)
    assert (await play.handle.result()).reason is CloseReason.WITHDRAWN
    assert await play.lights() == [("contact/yellow", due)]
    assert not [limit for limit in (await play.claim()).limits if limit.is_live]
    account = Account(stage, WITHDRAWN_FROM)

    async def has_the_light() -> bool:
        return await account.exists() and bool((await account.look()).account.lights)

    await until(has_the_light)
    assert [light.at for light in (await account.recorded()).lights.values()] == [due]
    story = (EventKind.WITHDRAWAL_REQUESTED, EventKind.REFUSED, EventKind.WITHDRAWN, EventKind.CLOSED)
    assert tuple(entry.kind for entry in await play.entries(*story)) == story
