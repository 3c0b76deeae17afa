"""How a claim processes a new calendar: schedules in the message, and outdated records (ADR 7)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from temporalio.client import WorkflowHandle

from activities import records
from activities.deadlines import schedule as count
from activities.updates import claim_news
from activities.updates.calendar_updates import RECOMPUTE, RETIME
from activities.workflow_ids import unit_workflow_id, workflow_id
from audit.replay.replayer import replay_run
from calendar_rules import SHANGHAI
from calendar_rules.loader import load_calendar
from claims.deadlines.recalculation import CalendarAnswer, NewCalendar, RecalculationResult, preview_requests
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import TransitionRecord
from claims.model.terms import Action, LimitKind
from records.accounts import unit_journal
from records.arrangements import all_published, calendar_of
from records.claim_writer import write_step
from records.database.engine import Records
from records.queries.claims import journal
from records.tables import CLAIM
from service_layer.clock import now
from tests.support.claims.offline_unit_account import light
from tests.support.claims.people import HANDLER, OPERATOR, order
from tests.support.payload_keys import converter
from tests.support.polling import eventually, until
from tests.support.workflows.calendar_play import (
    begin,
    next_working_day,
    on_record,
    put_in_force,
    retime,
    schedule_of,
    take_back,
    times_notified,
)
from tests.support.workflows.claim_play import Play, Stage
from tests.support.workflows.unit_play import Account
from workflows.messages import CURRENT_PROTOCOL, Opening


async def activities_of(play: Play) -> list[str]:
    """Return the claim's scheduled activities in order."""
    events = (await play.handle.fetch_history()).events
    asked = [event.activity_task_scheduled_event_attributes.activity_type.name for event in events]
    return [name for name in asked if name]


@pytest.mark.rule("R6")
async def test_the_answers_come_with_the_word_and_the_record_goes_back_with_the_reply(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    await no_errand_under_way(play)
    before = await activities_of(play)
    published = put_in_force(stage.records, (await schedule_of(play, LimitKind.RESOLVE)).last_day)
    await retime(stage, published.version)
    assert await activities_of(play) == before
    assert await play.entries(EventKind.LIMITS_RECOMPUTED)
    assert await times_notified(play) == 1
    await play.must(Action.CONTACT, HANDLER)
    await on_record(play, EventKind.CONTACTED)
    claim = await play.claim()
    assert [entry.seq for entry in await play.entries()] == list(range(1, claim.seq + 1))
    life = await replay_run(await play.handle.fetch_history(), converter())
    assert life.claim == claim
    assert life.journal == await play.entries()


async def no_errand_under_way(play: Play) -> None:
    await eventually(play.handle.describe, lambda found: not found.raw_description.pending_activities)


@pytest.mark.rule("R6")
async def test_a_record_that_nobody_took_is_handed_over_again_and_goes_with_the_next_step(
    stage: Stage,
) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    told = await word_for(play, stage.records)
    first: RecalculationResult = await play.handle.execute_update(
        RETIME, told, result_type=RecalculationResult
    )
    again: RecalculationResult = await play.handle.execute_update(
        RETIME, told, result_type=RecalculationResult
    )
    assert first.record is not None
    assert first.record == again.record
    assert [entry.kind for entry in first.record.entries] == [EventKind.LIMITS_RECOMPUTED]
    kinds = [entry.kind for entry in journal(stage.records, play.number)]
    assert EventKind.LIMITS_RECOMPUTED not in kinds
    await play.must(Action.CONTACT, HANDLER)
    await on_record(play, EventKind.CONTACTED)
    assert await play.entries(EventKind.LIMITS_RECOMPUTED) == list(first.record.entries)
    last: RecalculationResult = await play.handle.execute_update(
        RETIME, told, result_type=RecalculationResult
    )
    assert last.record is None


async def word_for(play: Play, records: Records) -> NewCalendar:
    """Return the message of a calendar that moves the claim, with the schedules."""
    published = put_in_force(records, (await schedule_of(play, LimitKind.RESOLVE)).last_day)
    calendar = calendar_of(all_published(records))
    at = (await play.look()).now
    news = NewCalendar(version=published.version, reason="假日通知", sent_at=at)
    asked = preview_requests(await play.claim(), news, at)
    answers = tuple(CalendarAnswer(request=request, schedule=count(calendar, request)) for request in asked)
    return news.model_copy(update={"answers": answers})


@pytest.mark.rule("R6")
async def test_a_record_whose_sender_gave_up_waiting_is_written_when_the_signal_comes(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    told = await word_for(play, stage.records)
    late: RecalculationResult = await play.handle.execute_update(
        RETIME, told, result_type=RecalculationResult
    )
    assert late.record is not None
    await play.handle.signal(RECOMPUTE, told.model_copy(update={"answers": ()}))
    await on_record(play, EventKind.LIMITS_RECOMPUTED)
    assert await play.entries(EventKind.LIMITS_RECOMPUTED) == list(late.record.entries)


@pytest.mark.rule("R6")
async def test_answers_to_what_the_claim_no_longer_asks_are_left_and_it_asks_for_itself(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "PATIENT_TRIES", 5)
    play = await (await stage.register()).dispatched()
    await on_record(play)
    old = await play.claim()
    for action in (Action.CONTACT, Action.REPLY):
        await play.must(action, HANDLER)
    await on_record(play, EventKind.REPLIED)
    await play.must(Action.REQUEST_EXTENSION, HANDLER)
    await on_record(play, EventKind.EXTENSION_REQUESTED)
    now_on_record = await play.claim()
    published = put_in_force(stage.records, (await schedule_of(play, LimitKind.RESOLVE)).last_day)
    write_stale(stage.records, old)
    progress = await retime(stage, published.version)
    assert progress.told >= 1
    await on_record(play, EventKind.LIMITS_RECOMPUTED)
    assert (await schedule_of(play, LimitKind.RESOLVE)).calendar_version == published.version
    # The claim on record is older: the change does not apply, so the whole claim is written.
    assert (await activities_of(play))[-3:] == ["fix_deadlines", "record_change", "record_change"]
    assert (await play.claim()).extension == now_on_record.extension


def write_stale(records: Records, claim: Claim) -> None:
    """Replace the records by an earlier state of the claim."""
    with records.writing() as connection:
        connection.execute(update(CLAIM).where(CLAIM.c.number == claim.number).values(seq=0))
    write_step(records, TransitionRecord(claim=claim))


@pytest.mark.rule("R6")
async def test_a_claim_that_cannot_answer_holds_up_nobody_and_finds_the_word_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim_news, "PATIENCE", timedelta(seconds=1))
    play, silent = await stage.register(), await stage.register()
    for one in (play, silent):
        await one.dispatched()
        await on_record(one)
    nobody = await stage.client.start_workflow(
        "Claim",
        Opening(number=f"{silent.number}-X", order=order(), actor=OPERATOR, protocol=CURRENT_PROTOCOL),
        id=workflow_id(f"{silent.number}-X"),
        task_queue=f"{stage.task_queue}-nobody",
    )
    claim = (await silent.claim()).model_copy(update={"number": f"{silent.number}-X"})
    write_step(stage.records, TransitionRecord(claim=claim))
    published = put_in_force(stage.records, (await schedule_of(play, LimitKind.RESOLVE)).last_day)
    update = await begin(stage, published.version)
    await on_record(play, EventKind.LIMITS_RECOMPUTED)
    await eventually(lambda: signals_of(nobody), lambda signals: "recompute_limits" in signals)
    await update.cancel()


async def signals_of(handle: WorkflowHandle[object, object]) -> list[str]:
    events = (await handle.fetch_history()).events
    return [event.workflow_execution_signaled_event_attributes.signal_name for event in events]


@pytest.mark.rule("R6")
async def test_a_calendar_that_is_taken_back_and_comes_again_is_told_of_again(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    last_day = (await schedule_of(play, LimitKind.RESOLVE)).last_day
    off = put_in_force(stage.records, last_day)
    await retime(stage, off.version)
    moved = (await schedule_of(play, LimitKind.RESOLVE)).last_day
    back = take_back(stage.records, last_day)
    await retime(stage, back.version)
    assert (await schedule_of(play, LimitKind.RESOLVE)).last_day == last_day
    again = put_in_force(stage.records, last_day, note="again")
    assert again.version == off.version
    await retime(stage, again.version)
    assert (await schedule_of(play, LimitKind.RESOLVE)).last_day == moved
    assert await times_notified(play) == 3
    assert len(await play.entries(EventKind.LIMITS_RECOMPUTED)) == 3


@pytest.mark.rule("R6", "R35")
async def test_a_new_calendar_reaches_the_interviews_on_units_accounts(stage: Stage) -> None:
    account = Account(stage, "ZZ-GZW")
    today = now().astimezone(SHANGHAI).date()
    for number in ("QH1", "QH2"):
        lit = light(f"{today:%a %Y-%m-%d}", number).model_copy(update={"unit": account.unit})
        await stage.client.start_workflow(
            "Unit",
            {"account": {"unit": account.unit}},
            id=unit_workflow_id(account.unit),
            task_queue=stage.task_queue,
            start_signal="post_light",
            start_signal_args=[lit],
        )

    async def ends() -> date | None:
        measures = (await account.look()).account.measures
        return measures[0].schedule.last_day if measures and measures[0].schedule else None

    async def is_fixed() -> bool:
        return await ends() is not None and (await account.recorded()).seq > 3

    await until(is_fixed)
    old = await ends()
    assert old is not None
    published = put_in_force(stage.records, old)
    await retime(stage, published.version)

    async def has_moved() -> bool:
        return await ends() == next_working_day(load_calendar(), old)

    await until(has_moved)
    assert (await account.recorded()).measures[0].missed is False
    kinds = [entry.kind for entry in unit_journal(stage.records, account.unit)]
    assert kinds.count(EventKind.LIMITS_RECOMPUTED) == 1
