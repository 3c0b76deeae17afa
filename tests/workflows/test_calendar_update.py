"""A calendar that changes under running claims, on the real server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from temporalio.client import Client, WorkflowHandle

from activities import retiming
from activities.addresses import workflow_id
from activities.deadlines import schedule as count
from activities.retiming import RETIME
from api.clock import now
from audit.replaying import replay_life
from calendar_rules import SHANGHAI, WorkingCalendar
from calendar_rules.loading import load_calendar
from claims.journal import StepRecord
from claims.model import Claim
from claims.recomputation import Answer, NewCalendar, Retimed, foreseen
from claims.supervision import LimitSchedule
from claims.terms import Action, EventKind, LimitKind, LimitStatus
from embedded import Program
from records.arrangements import Published, Wish, all_published, calendar_of, publish
from records.engine import Records, open_records
from records.queries import journal
from records.tables import CLAIM, LIMIT
from records.writing import write_step
from settings import Settings
from tests.people import COORDINATOR, HANDLER, OPERATOR, order
from tests.play import Play, Stage
from tools.dev_server import DevServer
from workflows.calendar_update import CALENDAR_UPDATE, CalendarUpdate, Progress, update_id
from workflows.messages import Opening

SETTLE = timedelta(milliseconds=300)


def put_in_force(records: Records, *off: date, year: int | None = None) -> Published:
    """A notice by which these days are days off; with `year`, that year's arrangement."""
    raw = {
        "published": f"{now():%Y-%m-%d}",
        "source": "虚构的通知，仅供测试",
        "days_off": [str(day) for day in off],
        "year": year,
    }
    wish = Wish(request_id=str(off), raw=raw, document="", actor=COORDINATOR, at=now())
    return publish(records, wish)[0]


async def begin(
    stage: Stage, version: str, *, settle: timedelta = SETTLE, per_second: float = 500.0, at_once: int = 25
) -> WorkflowHandle[object, Progress]:
    update = CalendarUpdate(
        version=version, reason="假日通知", settle=settle, per_second=per_second, at_once=at_once
    )
    return await stage.client.start_workflow(
        CALENDAR_UPDATE,
        update,
        id=f"{update_id(version)}-{stage.task_queue}",  # other tests on this server publish the same days
        task_queue=stage.task_queue,
        result_type=Progress,
    )


async def retime(stage: Stage, version: str) -> Progress:
    return await (await begin(stage, version)).result()


async def has_swept(update: WorkflowHandle[object, Progress]) -> bool:
    """Does it wait for the records?"""
    history = await update.fetch_history()
    return any(event.HasField("timer_started_event_attributes") for event in history.events)


async def schedule_of(play: Play, kind: LimitKind) -> LimitSchedule:
    limit = (await play.claim()).limit(kind)
    assert limit is not None
    assert limit.schedule is not None
    return limit.schedule


async def on_record(play: Play, kind: EventKind = EventKind.LIMITS_FIXED) -> None:
    """Wait until the records hold what the claim has done."""
    async with asyncio.timeout(30):
        while not await play.entries(kind) or len(await play.entries()) < (await play.claim()).seq:
            await asyncio.sleep(0.05)


async def history_length(play: Play) -> int:
    return (await play.handle.describe()).history_length


def next_working_day(calendar: WorkingCalendar, day: date) -> date:
    return calendar.nth_working_day_after(day, 1)


@pytest.mark.rule("R1", "R6", "R31")
async def test_a_claim_that_runs_into_a_provisional_year_is_retimed_and_rings_once(stage: Stage) -> None:
    play = await stage.register()
    year = load_calendar().published_years[-1] + 1
    before_it = load_calendar().working_days_before(date(year, 1, 1), 6)
    await play.wait(timedelta(days=(before_it - (await play.look()).now.astimezone(SHANGHAI).date()).days))
    await play.dispatched()
    for action in (Action.CONTACT, Action.REPLY):
        await play.must(action, HANDLER)
    old = await schedule_of(play, LimitKind.RESOLVE)
    assert (old.provisional, old.last_day.year) == (True, year)
    await on_record(play)
    published = put_in_force(stage.records, date(year, 1, 1), old.last_day, year=year)
    assert (await retime(stage, published.version)).told == 1
    new = await schedule_of(play, LimitKind.RESOLVE)
    assert (new.provisional, new.calendar_version) == (False, published.version)
    assert new.due_at > old.due_at
    await play.wait(old.due_at - (await play.look()).now + timedelta(minutes=1))
    assert not (await play.claim()).lights
    await play.wait_out(LimitKind.RESOLVE)
    assert [light.at for light in (await play.claim()).lights] == [new.due_at]
    entry = (await play.entries(EventKind.LIMITS_RECOMPUTED))[0]
    assert "假日通知" in entry.text


@pytest.mark.rule("R6")
async def test_a_claim_that_is_not_touched_gets_no_history_event(stage: Stage) -> None:
    touched, other = await stage.register(), await stage.register()
    await touched.dispatched()
    for play in (touched, other):
        await on_record(play)
    await other.must(Action.DECLINE, COORDINATOR.model_copy(update={"roles": ("operator",)}))
    await other.handle.result()
    waiting = await stage.register()
    await on_record(waiting)
    last_day = (await schedule_of(touched, LimitKind.RESOLVE)).last_day
    lengths = [await history_length(play) for play in (other, waiting)]
    published = put_in_force(stage.records, last_day)
    progress = await retime(stage, published.version)
    assert (progress.told, progress.ended) == (1, 0)
    assert [await history_length(play) for play in (other, waiting)] == lengths
    assert (await schedule_of(touched, LimitKind.RESOLVE)).last_day == next_working_day(
        load_calendar(), last_day
    )


@pytest.mark.rule("R6", "R37")
async def test_a_missed_limit_is_put_before_a_supervisor(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    missed = await play.wait_out(LimitKind.CONTACT)
    assert missed.schedule is not None
    lights = (await play.claim()).lights
    await on_record(play, EventKind.LIGHT_GIVEN)
    published = put_in_force(stage.records, missed.schedule.last_day)
    await retime(stage, published.version)
    claim = await play.claim()
    contact = claim.limit(LimitKind.CONTACT)
    assert contact is not None
    assert (contact.status, claim.lights) == (LimitStatus.MISSED, lights)
    await on_record(play, EventKind.MISSED_LIMIT_QUESTIONED)
    entries = await play.entries(EventKind.MISSED_LIMIT_QUESTIONED)
    assert [entry.data["limit"] for entry in entries] == ["1/0/return-window", "1/0/contact"]


@pytest.mark.rule("R1", "R6")
async def test_the_same_update_twice_changes_nothing_the_second_time(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    published = put_in_force(stage.records, (await schedule_of(play, LimitKind.RESOLVE)).last_day)
    first = await retime(stage, published.version)
    await on_record(play, EventKind.LIMITS_RECOMPUTED)
    claim, length = await play.claim(), await history_length(play)
    second = await retime(stage, published.version)
    assert (first.told, second.told, second.sweep) == (1, 0, 2)
    assert (await play.claim(), await history_length(play)) == (claim, length)
    await play.handle.signal("recompute_limits", {"version": published.version})
    assert await play.claim() == claim
    assert all_published(stage.records)[-1].finished_at is not None


@pytest.mark.rule("R6")
async def test_an_administrators_bare_signal_does_no_harm(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    claim = await play.claim()
    for argument in (None, "nonsense", {"version": 7}, {"sent_at": "yesterday"}):
        await play.handle.signal("recompute_limits", argument)
    await play.handle.signal("recompute_limits")
    async with asyncio.timeout(20):
        while not (look := await play.look()).is_settled:
            await asyncio.sleep(0.05)
    assert look.claim == claim


@pytest.mark.rule("R6")
async def test_who_is_told_early_counts_in_its_turn_or_before_anything_else_happens(stage: Stage) -> None:
    acting, waiting = await stage.register(), await stage.register()
    for play in (acting, waiting):
        await play.dispatched()
    old = await schedule_of(acting, LimitKind.RESOLVE)
    published = put_in_force(stage.records, old.last_day)
    for play in (acting, waiting):
        then = (await play.look()).now + timedelta(hours=1)
        news = {"version": published.version, "reason": "假日通知", "not_before": then.isoformat()}
        await play.handle.signal("recompute_limits", news)
        assert (await schedule_of(play, LimitKind.RESOLVE)).calendar_version == old.calendar_version
    await acting.must(Action.CONTACT, HANDLER)
    await waiting.wait(timedelta(hours=1, minutes=1))
    for play in (acting, waiting):
        assert (await schedule_of(play, LimitKind.RESOLVE)).calendar_version == published.version
    kinds = [entry.kind for entry in await acting.entries()]
    assert kinds.index(EventKind.LIMITS_RECOMPUTED) < kinds.index(EventKind.CONTACTED)


@pytest.mark.rule("R1")
async def test_a_claim_dispatched_after_the_publication_has_the_new_calendar(stage: Stage) -> None:
    play = await stage.register()
    first = load_calendar().nth_working_day_after((await play.look()).now.astimezone(SHANGHAI).date(), 5)
    published = put_in_force(stage.records, first)
    await play.dispatched()
    schedule = await schedule_of(play, LimitKind.RESOLVE)
    assert schedule.calendar_version == published.version
    assert first not in [day.date for day in schedule.explanation if day.counted]


@pytest.mark.rule("R6")
async def test_a_claim_whose_records_lag_is_found_by_the_next_sweep(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    claim = await play.claim()
    with stage.records.writing() as connection:
        connection.execute(delete(LIMIT))
    published = put_in_force(stage.records, (await schedule_of(play, LimitKind.RESOLVE)).last_day)
    update = await begin(stage, published.version, settle=timedelta(seconds=2))
    async with asyncio.timeout(20):
        while not await has_swept(update):
            await asyncio.sleep(0.05)
    write_step(stage.records, StepRecord(claim=claim))
    progress = await update.result()
    assert (progress.told, progress.sweep) == (1, 3)
    assert (await schedule_of(play, LimitKind.RESOLVE)).calendar_version == published.version


@pytest.mark.rule("R6")
async def test_a_later_calendar_ends_the_update_to_an_earlier_one(stage: Stage) -> None:
    first = put_in_force(stage.records, date(2030, 6, 3))
    put_in_force(stage.records, date(2030, 6, 4))
    progress = await retime(stage, first.version)
    assert progress.superseded
    assert all_published(stage.records)[0].finished_at is None


@pytest.fixture
async def apart(server: DevServer, client: Client, tmp_path: Path) -> AsyncIterator[tuple[Stage, Program]]:
    """A worker in a process of its own, to be killed."""
    settings = Settings(home=tmp_path, temporal_address=server.target, task_queue=f"apart-{tmp_path.name}")
    worker = Program("worker", settings.environment(), tmp_path / "worker.log")
    with open_records(settings.records_url) as records:
        worker.start()
        yield Stage(client, settings.task_queue, records), worker
        worker.kill()


@pytest.mark.rule("R1", "R6")
async def test_a_worker_killed_in_the_middle_goes_on_where_it_was(apart: tuple[Stage, Program]) -> None:
    stage, worker = apart
    plays = [await stage.register() for _ in range(12)]
    for play in plays:
        await play.dispatched()
        await on_record(play)
    published = put_in_force(stage.records, (await schedule_of(plays[0], LimitKind.RESOLVE)).last_day)
    update = await begin(stage, published.version, per_second=2, at_once=1)
    async with asyncio.timeout(30):
        while sum([len(await play.entries(EventKind.LIMITS_RECOMPUTED)) for play in plays]) < 4:
            await asyncio.sleep(0.1)
    worker.kill()
    worker.start()
    async with asyncio.timeout(60):
        progress = await update.result()
    assert progress.ended == 0
    for play in plays:
        await on_record(play, EventKind.LIMITS_RECOMPUTED)
        assert len(await play.entries(EventKind.LIMITS_RECOMPUTED)) == 1
        assert await times_told(play) == 1
        assert (await schedule_of(play, LimitKind.RESOLVE)).calendar_version == published.version


async def times_told(play: Play) -> int:
    """Updates that the claim has taken."""
    history = await play.handle.fetch_history()
    taken = [
        event.HasField("workflow_execution_update_accepted_event_attributes") for event in history.events
    ]
    return sum(taken)


async def activities_of(play: Play) -> list[str]:
    """The activities that the claim has asked for, in order."""
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
    assert await times_told(play) == 1
    await play.must(Action.CONTACT, HANDLER)
    await on_record(play, EventKind.CONTACTED)
    claim = await play.claim()
    assert [entry.seq for entry in await play.entries()] == list(range(1, claim.seq + 1))
    life = await replay_life(await play.handle.fetch_history())
    assert life.claim == claim
    assert life.journal == await play.entries()


async def no_errand_under_way(play: Play) -> None:
    async with asyncio.timeout(30):
        while (await play.handle.describe()).raw_description.pending_activities:
            await asyncio.sleep(0.05)


@pytest.mark.rule("R6")
async def test_a_record_that_nobody_took_is_handed_over_again_and_goes_with_the_next_step(
    stage: Stage,
) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    published = put_in_force(stage.records, (await schedule_of(play, LimitKind.RESOLVE)).last_day)
    calendar = calendar_of(all_published(stage.records))
    at = (await play.look()).now
    news = NewCalendar(version=published.version, reason="假日通知", sent_at=at)
    asked = foreseen(await play.claim(), news, at)
    answers = tuple(Answer(request=request, schedule=count(calendar, request)) for request in asked)
    told = news.model_copy(update={"answers": answers})
    first: Retimed = await play.handle.execute_update(RETIME, told, result_type=Retimed)
    again: Retimed = await play.handle.execute_update(RETIME, told, result_type=Retimed)
    assert first.record is not None
    assert first.record == again.record
    assert [entry.kind for entry in first.record.entries] == [EventKind.LIMITS_RECOMPUTED]
    kinds = [entry.kind for entry in journal(stage.records, play.number)]
    assert EventKind.LIMITS_RECOMPUTED not in kinds
    await play.must(Action.CONTACT, HANDLER)
    await on_record(play, EventKind.CONTACTED)
    assert await play.entries(EventKind.LIMITS_RECOMPUTED) == list(first.record.entries)
    last: Retimed = await play.handle.execute_update(RETIME, told, result_type=Retimed)
    assert last.record is None


@pytest.mark.rule("R6")
async def test_answers_to_what_the_claim_no_longer_asks_are_left_and_it_asks_for_itself(stage: Stage) -> None:
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
    assert (await activities_of(play))[-2:] == ["fix_deadlines", "record_step"]
    assert (await play.claim()).extension == now_on_record.extension


def write_stale(records: Records, claim: Claim) -> None:
    """The records fall back to what the claim was."""
    with records.writing() as connection:
        connection.execute(update(CLAIM).where(CLAIM.c.number == claim.number).values(seq=0))
    write_step(records, StepRecord(claim=claim))


@pytest.mark.rule("R6")
async def test_a_claim_that_cannot_answer_holds_up_nobody_and_finds_the_word_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retiming, "PATIENCE", timedelta(seconds=1))
    play, silent = await stage.register(), await stage.register()
    for one in (play, silent):
        await one.dispatched()
        await on_record(one)
    nobody = await stage.client.start_workflow(
        "Claim",
        Opening(number=f"{silent.number}-X", order=order(), actor=OPERATOR),
        id=workflow_id(f"{silent.number}-X"),
        task_queue=f"{stage.task_queue}-nobody",
    )
    claim = (await silent.claim()).model_copy(update={"number": f"{silent.number}-X"})
    write_step(stage.records, StepRecord(claim=claim))
    published = put_in_force(stage.records, (await schedule_of(play, LimitKind.RESOLVE)).last_day)
    update = await begin(stage, published.version)
    await on_record(play, EventKind.LIMITS_RECOMPUTED)
    async with asyncio.timeout(30):
        while "recompute_limits" not in await signals_of(nobody):
            await asyncio.sleep(0.1)
    await update.cancel()


async def signals_of(handle: WorkflowHandle[object, object]) -> list[str]:
    events = (await handle.fetch_history()).events
    return [event.workflow_execution_signaled_event_attributes.signal_name for event in events]
