"""Sweeps on the real server: everything closed is archived completely, once, even if a sweep dies."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHistory
from temporalio.exceptions import ActivityError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from activities.archive.closed_executions import ARCHIVED_TYPES, closed_runs_query, list_runs
from activities.archive.sweep import LAST_LOOK, OVERLAP, Pace, Sweeper, SweepResult
from archive.entries import Status
from archive.errors import ArchiveDamaged, NotArchived
from archive.reader import Archive
from claims.model.terms import Action
from claims.model.unit_account import UnitAccount
from records.archive_heads import NotedHead, last_sweep, note_sweep, noted_heads
from service_layer.clock import now
from tests.support.archive.closed_claims import OPERATOR, RETENTION, closed_claim, sweeper_of, visible
from tests.support.payload_keys import converter
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Stage
from workflows.archive import ARCHIVE_SWEEP, SCHEDULE_ID, keep_schedule
from workflows.claim import ClaimWorkflow
from workflows.unit_messages import UnitState

pytestmark = pytest.mark.rule("R70")


async def test_a_closed_claim_is_archived_whole_and_replays(quiet_stage: Stage, tmp_path: Path) -> None:
    play = await closed_claim(quiet_stage)
    await visible(quiet_stage, play)
    result = await sweeper_of(quiet_stage, tmp_path / "archive").sweep()
    archive = Archive.at(str(tmp_path / "archive"))
    [entry] = archive.find(play.number)
    assert result.archived == result.count == len(list(archive.entries()))
    assert (entry.status, entry.workflow_type, entry.code_version) == (Status.COMPLETED, "Claim", "0.1.0")
    assert entry.calendar_versions
    assert entry.worker_versions
    content = archive.history(play.number)
    assert len(json.loads(content)["events"]) == entry.events == (await play.handle.describe()).history_length
    replayer = Replayer(
        workflows=[ClaimWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=converter(),
        debug_mode=True,
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(entry.workflow_id, content.decode()))
    assert list(archive.check([result.head])) == []


async def test_a_sweep_takes_nothing_twice_and_notes_its_head(quiet_stage: Stage, tmp_path: Path) -> None:
    await visible(quiet_stage, await closed_claim(quiet_stage))
    sweeper = sweeper_of(quiet_stage, tmp_path / "archive")
    first = await sweeper.sweep()
    again = await sweeper.sweep()
    fresh = await sweeper_of(quiet_stage, tmp_path / "archive").sweep()
    assert (again.archived, fresh.archived) == (0, 0)
    assert first.head == again.head == fresh.head
    await visible(quiet_stage, await closed_claim(quiet_stage))
    later = await sweeper.sweep()
    assert (later.archived, later.count) == (1, first.count + 1)
    assert [noted.count for noted in noted_heads(quiet_stage.records)] == [first.count, later.count]
    assert last_sweep(quiet_stage.records).watermark == later.watermark


async def test_a_sweep_goes_in_order_of_closing(quiet_stage: Stage, tmp_path: Path) -> None:
    plays = [await closed_claim(quiet_stage) for _ in range(4)]
    await visible(quiet_stage, *plays)
    await sweeper_of(quiet_stage, tmp_path / "archive", Pace(batch=2)).sweep()
    entries = list(Archive.at(str(tmp_path / "archive")).entries())
    assert [entry.closed_at for entry in entries] == sorted(entry.closed_at for entry in entries)
    assert [entry.workflow_id for entry in entries][-4:] == [play.handle.id for play in plays]


async def test_two_archivers_at_once_archive_everything_once(quiet_stage: Stage, tmp_path: Path) -> None:
    plays = [await closed_claim(quiet_stage) for _ in range(4)]
    await visible(quiet_stage, *plays)
    both = [sweeper_of(quiet_stage, tmp_path / "archive", Pace(batch=1)) for _ in range(2)]
    results: list[SweepResult] = await asyncio.gather(*(sweeper.sweep() for sweeper in both))
    archive = Archive.at(str(tmp_path / "archive"))
    assert sum(result.archived for result in results) == len(list(archive.entries()))
    assert {play.handle.id for play in plays} <= {entry.workflow_id for entry in archive.entries()}
    assert list(archive.check()) == []


async def test_a_sweep_takes_so_many_and_says_that_there_are_more(quiet_stage: Stage, tmp_path: Path) -> None:
    await visible(quiet_stage, await closed_claim(quiet_stage), await closed_claim(quiet_stage))
    sweeper = sweeper_of(quiet_stage, tmp_path / "archive", Pace(most=1))
    first = await sweeper.sweep()
    assert (first.archived, first.more) == (1, True)
    [entry] = Archive.at(str(tmp_path / "archive")).entries()
    assert first.watermark is not None
    second = await sweeper.sweep()
    assert (
        entry.closed_at
        <= first.watermark
        < list(Archive.at(str(tmp_path / "archive")).entries())[1].closed_at
    )
    assert second.archived == 1


async def test_nothing_is_archived_into_an_archive_that_was_shortened(
    quiet_stage: Stage, tmp_path: Path
) -> None:
    await visible(quiet_stage, await closed_claim(quiet_stage))
    folder = tmp_path / "archive"
    await sweeper_of(quiet_stage, folder).sweep()
    for file in (folder / "manifest").iterdir():
        file.unlink()
    for _ in range(2):
        with pytest.raises(ArchiveDamaged, match="末尾的条目被删除"):
            await sweeper_of(quiet_stage, folder).sweep()


async def test_every_run_of_a_units_workflow_is_archived(quiet_stage: Stage, tmp_path: Path) -> None:
    unit = f"ZZ-{uuid4().hex[:6]}"
    for _ in range(2):
        handle = await quiet_stage.client.start_workflow(
            "Unit",
            UnitState(account=UnitAccount(unit=unit)),
            id=f"unit-{unit}",
            task_queue=quiet_stage.task_queue,
        )
        await handle.terminate()
    await eventually(
        lambda: list_runs(quiet_stage.client, closed_runs_query()),
        lambda runs: [run.unit for run in runs].count(unit) == 2,
    )
    await sweeper_of(quiet_stage, tmp_path / "archive").sweep()
    runs = Archive.at(str(tmp_path / "archive")).find(f"unit-{unit}")
    assert [(run.unit, run.number, run.status) for run in runs] == [(unit, "", Status.TERMINATED)] * 2
    assert runs[0].run_id != runs[1].run_id


async def test_an_open_claim_is_left_alone(quiet_stage: Stage, tmp_path: Path) -> None:
    play = await quiet_stage.register()
    await sweeper_of(quiet_stage, tmp_path / "archive").sweep()
    with pytest.raises(NotArchived):
        Archive.at(str(tmp_path / "archive")).find(play.number)


async def test_what_visibility_showed_late_is_found_before_the_server_forgets_it(
    quiet_stage: Stage, tmp_path: Path
) -> None:
    """A watermark that passed it long ago: the last check of everything about to be deleted finds it."""
    play = await closed_claim(quiet_stage)
    await visible(quiet_stage, play)
    first = await sweeper_of(quiet_stage, tmp_path / "first").sweep()
    head = NotedHead(installation=first.installation, count=first.count, hash=first.hash)
    later = now() + OVERLAP + timedelta(hours=1)
    note_sweep(quiet_stage.records, head, later, later)
    made = Sweeper(
        quiet_stage.client,
        quiet_stage.records,
        str(tmp_path / "first"),
        clock=lambda: later,
        code_version="0.1.0",
    )
    late = await closed_claim(quiet_stage)
    await visible(quiet_stage, late)
    assert (await made.sweep()).archived == 0
    near_the_end = later + RETENTION - LAST_LOOK
    last_look = Sweeper(
        quiet_stage.client,
        quiet_stage.records,
        str(tmp_path / "first"),
        clock=lambda: near_the_end,
        code_version="0.1.0",
    )
    assert (await last_look.sweep()).archived == 1
    assert Archive.at(str(tmp_path / "first")).find(late.number)


async def test_a_sweep_of_a_damaged_archive_fails_and_says_why(quiet_stage: Stage, tmp_path: Path) -> None:
    await visible(quiet_stage, await closed_claim(quiet_stage))
    await sweeper_of(quiet_stage, tmp_path / "archive").sweep()
    (tmp_path / "archive" / "HEAD.json").unlink()
    with pytest.raises(WorkflowFailureError) as failed:
        await quiet_stage.client.execute_workflow(
            ARCHIVE_SWEEP,
            id=f"sweep-{uuid4().hex}",
            task_queue=quiet_stage.task_queue,
            result_type=SweepResult,
        )
    assert isinstance(failed.value.cause, ActivityError)
    assert "HEAD.json" in str(failed.value.cause.cause)
    assert "已丢失" in str(failed.value.cause.cause)


async def test_a_claim_that_closed_ahead_of_everybodys_clock_is_archived_once(
    quiet_stage: Stage, tmp_path: Path
) -> None:
    """On virtual time a claim closes in the future: no watermark skips it."""
    play = await quiet_stage.register()
    await play.wait(timedelta(hours=5))
    await play.must(Action.DECLINE, OPERATOR)
    await play.handle.result()
    await visible(quiet_stage, play)
    sweeper = sweeper_of(quiet_stage, tmp_path / "archive")
    first, second = await sweeper.sweep(), await sweeper.sweep()
    [entry] = Archive.at(str(tmp_path / "archive")).find(play.number)
    assert entry.closed_at > now() + timedelta(hours=4)
    assert first.watermark is not None
    assert first.watermark <= now()
    assert second.archived == 0


async def test_the_schedule_is_made_once_and_sweeps(quiet_stage: Stage, tmp_path: Path) -> None:
    play = await closed_claim(quiet_stage)
    await visible(quiet_stage, play)
    await keep_schedule(quiet_stage.client, quiet_stage.task_queue)
    handle = quiet_stage.client.get_schedule_handle(SCHEDULE_ID)
    await handle.pause(note="演练")
    await keep_schedule(quiet_stage.client, quiet_stage.task_queue)
    described = await handle.describe()
    assert described.schedule.state.paused
    assert described.schedule.spec.time_zone_name == "Asia/Shanghai"
    await handle.unpause()
    await handle.trigger()
    described = await eventually(handle.describe, lambda found: bool(found.info.recent_actions))
    run = described.info.recent_actions[-1].action
    sweep = quiet_stage.client.get_workflow_handle(getattr(run, "workflow_id"), result_type=SweepResult)  # noqa: B009  untyped
    result = await sweep.result()
    await handle.delete()
    archive = Archive.at(str(tmp_path / "archive"))
    assert archive.head() == result.head
    assert archive.find(play.number)
    assert list(archive.check([result.head])) == []


def test_what_is_archived_is_every_workflow_of_ours_but_the_sweep() -> None:
    from workflows.calendar_update import CALENDAR_UPDATE

    assessment = {"Assessment", "AssessmentEdition", "Exclusion", "Meeting", "Clue"}
    assert set(ARCHIVED_TYPES) == {"Claim", "Unit", CALENDAR_UPDATE} | assessment
    assert ARCHIVE_SWEEP not in ARCHIVED_TYPES
