"""A calendar changes while claims run on the real server."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete
from temporalio.client import Client

from calendar_rules import SHANGHAI
from calendar_rules.loader import load_calendar
from claims.model.events import EventKind
from claims.model.journal import TransitionRecord
from claims.model.terms import Action, LimitKind, LimitStatus, Role
from records.arrangements import all_published
from records.claim_writer import write_step
from records.database.engine import open_records
from records.tables import LIMIT
from runtime.settings import Settings
from tests.support.claims.people import COORDINATOR, HANDLER
from tests.support.dates import day
from tests.support.polling import eventually, patience, until
from tests.support.processes.forked_program import ForkedProgram
from tests.support.workflows.calendar_play import (
    begin,
    has_swept,
    history_length,
    next_working_day,
    on_record,
    put_in_force,
    retime,
    schedule_of,
    times_notified,
)
from tests.support.workflows.claim_play import Stage
from tools.dev_server import DevServer


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
    await other.must(Action.DECLINE, COORDINATOR.model_copy(update={"roles": (Role.OPERATOR,)}))
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
    look = await eventually(play.look, lambda found: found.is_settled)
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
    await until(lambda: has_swept(update))
    write_step(stage.records, TransitionRecord(claim=claim))
    progress = await update.result()
    assert (progress.told, progress.sweep) == (1, 3)
    assert (await schedule_of(play, LimitKind.RESOLVE)).calendar_version == published.version


@pytest.mark.rule("R6")
async def test_a_later_calendar_ends_the_update_to_an_earlier_one(stage: Stage) -> None:
    first = put_in_force(stage.records, day("Mon 2030-06-03"))
    put_in_force(stage.records, day("Tue 2030-06-04"))
    progress = await retime(stage, first.version)
    assert progress.superseded
    assert all_published(stage.records)[0].finished_at is None


@pytest.fixture
async def apart(
    server: DevServer, client: Client, tmp_path: Path
) -> AsyncIterator[tuple[Stage, ForkedProgram]]:
    """Run a worker in its own process, to be killed."""
    settings = Settings(home=tmp_path, temporal_address=server.target, task_queue=f"apart-{tmp_path.name}")
    worker = ForkedProgram("worker", settings.environment(), tmp_path / "worker.log")
    with open_records(settings.records_url) as records:
        worker.start()
        yield Stage(client, settings.task_queue, records), worker
        worker.kill()


@pytest.mark.rule("R1", "R6")
async def test_a_worker_killed_in_the_middle_goes_on_where_it_was(apart: tuple[Stage, ForkedProgram]) -> None:
    stage, worker = apart
    plays = [await stage.register() for _ in range(6)]
    for play in plays:
        await play.dispatched()
        await on_record(play)
    published = put_in_force(stage.records, (await schedule_of(plays[0], LimitKind.RESOLVE)).last_day)
    update = await begin(stage, published.version, per_second=2, at_once=1)

    async def two_are_recalculated() -> bool:
        return sum([len(await play.entries(EventKind.LIMITS_RECOMPUTED)) for play in plays]) >= 2

    await until(two_are_recalculated)
    worker.kill()
    worker.start()
    async with patience():
        progress = await update.result()
    assert progress.ended == 0
    for play in plays:
        await on_record(play, EventKind.LIMITS_RECOMPUTED)
        assert len(await play.entries(EventKind.LIMITS_RECOMPUTED)) == 1
        assert await times_notified(play) == 1
        assert (await schedule_of(play, LimitKind.RESOLVE)).calendar_version == published.version
