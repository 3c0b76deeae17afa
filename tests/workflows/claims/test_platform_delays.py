"""The platform's own delays, and that they do not affect units: on the real server in virtual time."""

import asyncio
from datetime import datetime, timedelta

import pytest

from audit.replay.replayer import replay_run
from claims.model.events import EventKind
from claims.model.terms import Action, CloseReason, LimitKind, LimitStatus, Role
from claims.model.values import Actor
from tests.support.claims.people import ARBITER, CALLER, OPERATOR, SUPERVISOR, person
from tests.support.payload_keys import converter
from tests.support.workflows.claim_play import Play, Stage, end_of_working_day
from tests.support.workflows.unit_play import Account

WAITING, DELAYED = "ZZ-STJ", "ZZ-CGJ"
OTHER = "ZZ-JTJ"
HOURS = timedelta(hours=3)


def handler(unit: str) -> Actor:
    return person(Role.HANDLER, unit)


async def answered_for(stage: Stage, unit: str) -> Play:
    """Contact and reply are done, the resolve limit is running."""
    play = await (await stage.register()).dispatched(unit=unit)
    await play.must(Action.CONTACT, handler(unit))
    await play.must(Action.REPLY, handler(unit))
    return play


async def delay_of(play: Play, kind: LimitKind, days: int = 1) -> str:
    """Let one of the platform's own limits end; return its journal line, dated at the limit's end."""
    limit = await play.limit(kind)
    assert limit.unit is None
    assert await play.due(kind) == end_of_working_day(days, limit.started_at)
    await play.wait_out(kind)
    (entry,) = await play.entries(EventKind.PLATFORM_DELAYED)
    assert entry.at == end_of_working_day(days, limit.started_at)
    assert (await play.limit(kind)).status is LimitStatus.MISSED
    return entry.text


async def not_dispatched(stage: Stage) -> Play:
    play = await stage.register()
    await delay_of(play, LimitKind.DISPATCH)
    await play.must(Action.DISPATCH, OPERATOR, unit=DELAYED)
    return play


async def not_redetermined(stage: Stage) -> Play:
    play = await (await stage.register()).dispatched(unit=DELAYED)
    await play.must(Action.REJECT, handler(DELAYED))
    await delay_of(play, LimitKind.REDETERMINE)
    await play.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    return play


async def not_arbitrated(stage: Stage) -> Play:
    play = await (await stage.register()).dispatched(unit=DELAYED)
    await play.must(Action.REJECT, handler(DELAYED))
    await play.must(Action.REFER, SUPERVISOR)
    assert "综合协调组" in await delay_of(play, LimitKind.ARBITRATE)
    await play.must(Action.ARBITRATE, ARBITER, unit=OTHER)
    return play


async def extension_not_decided(stage: Stage) -> Play:
    play = await answered_for(stage, DELAYED)
    await play.must(Action.REQUEST_EXTENSION, handler(DELAYED))
    await delay_of(play, LimitKind.EXTENSION_DECISION)
    await play.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=True)
    return play


async def not_called_back(stage: Stage) -> Play:
    play = await answered_for(stage, DELAYED)
    await play.must(Action.FEEDBACK, handler(DELAYED))
    await delay_of(play, LimitKind.CALL_BACK)
    await play.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    return play


async def not_verified(stage: Stage) -> Play:
    play = await answered_for(stage, DELAYED)
    await play.must(Action.FEEDBACK, handler(DELAYED))
    await play.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    await play.must(Action.FEEDBACK, handler(DELAYED))
    await play.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    await play.must(Action.REVIEW_FORM, handler(DELAYED))
    await delay_of(play, LimitKind.VERIFICATION, days=3)
    await play.must(Action.VERIFY, SUPERVISOR, compliant=False)
    return play


@pytest.mark.rule("R14", "R15", "R16", "R17", "R40", "R44")
async def test_the_platforms_own_delays_are_journalled_and_cost_no_unit_a_light(stage: Stage) -> None:
    late = (not_dispatched, not_redetermined, not_arbitrated, extension_not_decided)
    plays = await asyncio.gather(*(tell(stage) for tell in (*late, not_called_back, not_verified)))
    for play in plays:
        assert await play.lights() == []
        assert len(await play.entries(EventKind.PLATFORM_DELAYED)) == 1
        assert await play.entries(EventKind.LETTER_ISSUED, EventKind.CRITICISED) == []
        await play.must(Action.WITHDRAW, CALLER)
        await play.handle.result()  # it has no more notices to send
    for unit in (DELAYED, OTHER):
        assert not await Account(stage, unit).exists()


@pytest.mark.rule("R17")
async def test_an_extension_undecided_past_the_tenth_day_lights_nothing_and_refused_leaves_a_working_day(
    stage: Stage,
) -> None:
    play = await answered_for(stage, WAITING)
    delivered = (await play.limit(LimitKind.RESOLVE)).started_at
    tenth = end_of_working_day(10, delivered)
    assert await play.due(LimitKind.RESOLVE) == tenth
    await play.until(tenth - HOURS)
    await play.must(Action.REQUEST_EXTENSION, handler(WAITING))
    await play.until(end_of_working_day(3, tenth) + HOURS)
    assert await play.lights() == []
    await play.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=False)
    refused = (await play.entries(EventKind.EXTENSION_REFUSED))[0].at
    assert await play.due(LimitKind.RESOLVE) == end_of_working_day(1, refused)
    again = await play.do(Action.REQUEST_EXTENSION, handler(WAITING))
    assert (again.status, again.rule) == ("refused", "R17")
    await play.wait_out(LimitKind.RESOLVE)
    assert await play.lights() == [("resolve/yellow", end_of_working_day(1, refused))]


async def resolved_at(stage: Stage, moment: timedelta) -> tuple[Play, datetime]:
    """Feed back some time before (or after) the end of the tenth day; it is sent back as incomplete."""
    play = await answered_for(stage, WAITING)
    due = await play.due(LimitKind.RESOLVE)
    await play.until(due - moment)
    await play.must(Action.FEEDBACK, handler(WAITING))
    await play.must(Action.VERIFY, SUPERVISOR, compliant=False, opinion="未附验收材料")
    return play, (await play.entries(EventKind.SENT_BACK))[0].at


@pytest.mark.rule("R18", "R31", "R32")
async def test_incomplete_feedback_is_due_at_the_old_limit_or_a_working_day_later(stage: Stage) -> None:
    early, on_the_last_day, late = await asyncio.gather(
        resolved_at(stage, timedelta(days=9)), resolved_at(stage, HOURS), resolved_at(stage, -HOURS)
    )

    async def completed_in_time() -> None:
        play, _ = early
        limit = await play.limit(LimitKind.RESOLVE)
        assert await play.due(LimitKind.RESOLVE) == end_of_working_day(10, limit.started_at)
        await play.until(await play.due(LimitKind.RESOLVE) - HOURS)
        await play.must(Action.FEEDBACK, handler(WAITING))
        await play.must(Action.CALL_BACK, CALLER)
        assert (await play.handle.result()).reason is CloseReason.SATISFIED
        assert await play.lights() == []

    async def missed_a_working_day_later() -> None:
        play, sent_back = on_the_last_day
        assert await play.due(LimitKind.RESOLVE) == end_of_working_day(1, sent_back)
        await play.wait_out(LimitKind.RESOLVE)
        assert await play.lights() == [("resolve/yellow", end_of_working_day(1, sent_back))]

    async def counts_as_not_given_once_the_limit_is_missed() -> None:
        play, _ = late
        missed = end_of_working_day(10, (await play.claim()).dispatches[0].delivered_at)
        red = end_of_working_day(1, missed)
        await play.until(red + HOURS)
        assert await play.lights() == [("resolve/yellow", missed), ("resolve/red", red)]
        assert len(await play.entries(EventKind.LETTER_ISSUED)) == 1
        await play.must(Action.FEEDBACK, handler(WAITING))

    await asyncio.gather(
        completed_in_time(), missed_a_working_day_later(), counts_as_not_given_once_the_limit_is_missed()
    )


@pytest.mark.rule("R32")
async def test_a_claim_that_nobody_ever_touches_is_put_before_the_platform_again_and_again(
    stage: Stage,
) -> None:
    play = await stage.register()
    await play.wait_out(LimitKind.DISPATCH)
    await play.asleep()
    first = await play.wait_out(LimitKind.STANDSTILL)
    await play.asleep()
    second = await play.wait_out(LimitKind.STANDSTILL)
    ends = [limit.schedule.due_at for limit in (first, second) if limit.schedule is not None]
    delayed = (await play.entries(EventKind.PLATFORM_DELAYED))[0].at
    assert ends == [end_of_working_day(5, delayed), end_of_working_day(5, ends[0])]
    assert [entry.at for entry in await play.entries(EventKind.STOOD_STILL)] == ends
    await play.must(Action.DISPATCH, OPERATOR, unit=DELAYED)
    assert (await play.limit(LimitKind.STANDSTILL)).status is LimitStatus.VOID
    life = await replay_run(await play.handle.fetch_history(), converter())
    assert life.claim == await play.claim()
