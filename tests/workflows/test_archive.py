"""Sweeps on the real server: whatever has closed is archived, once, whole, and whoever dies on the way."""

import asyncio
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from activities.closed_runs import ARCHIVED_TYPES, closed, seen
from activities.sweeping import USUAL, Pace, Sweeper, SweepResult
from api.clock import now
from archive.entries import Status
from archive.errors import ArchiveDamaged
from archive.reading import Archive
from claims.terms import Action
from records.archived import last_sweep, noted_heads
from records.engine import Records
from settings import load_settings
from tests.people import COORDINATOR
from tests.play import Play, Stage
from tools import namespaces
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker
from workflows.archive import ARCHIVE_SWEEP, SCHEDULE_ID, keep_schedule
from workflows.claim import ClaimWorkflow
from workflows.visibility import SEARCH_ATTRIBUTES

RETENTION = timedelta(days=7)
OPERATOR = COORDINATOR.model_copy(update={"roles": ("operator",)})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def apart(server: DevServer) -> Client:
    """A namespace of its own: here nothing closes but what these tests close."""
    client = await Client.connect(
        server.target, namespace=f"archive-{uuid4().hex[:8]}", data_converter=pydantic_data_converter
    )
    await namespaces.prepare(client, RETENTION, SEARCH_ATTRIBUTES)
    return client


@pytest_asyncio.fixture(loop_scope="session")
async def stage(apart: Client, records: Records, tmp_path: Path) -> AsyncIterator[Stage]:
    queue = f"claims-{tmp_path.name}"
    settings = load_settings().model_copy(update={"task_queue": queue, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(apart, settings, records, threads):
            yield Stage(apart, queue, records)


async def closed_claim(stage: Stage) -> Play:
    play = await stage.register()
    await play.must(Action.DECLINE, OPERATOR)
    await play.handle.result()
    return play


async def visible(stage: Stage, *plays: Play) -> None:
    """Wait until the server's visibility shows them as closed."""
    wanted = {play.handle.id for play in plays}
    async with asyncio.timeout(30):
        while not wanted <= {run.workflow_id for run in await seen(stage.client, closed())}:
            await asyncio.sleep(0.05)


def sweeper_of(stage: Stage, folder: Path, pace: Pace = USUAL) -> Sweeper:
    return Sweeper(stage.client, stage.records, str(folder), clock=now, code_version="0.1.0", pace=pace)


async def test_a_closed_claim_is_archived_whole_and_replays(stage: Stage, tmp_path: Path) -> None:
    play = await closed_claim(stage)
    await visible(stage, play)
    result = await sweeper_of(stage, tmp_path / "archive").sweep()
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
        data_converter=pydantic_data_converter,
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(entry.workflow_id, content.decode()))
    assert list(archive.check([result.head])) == []


async def test_a_sweep_takes_nothing_twice_and_notes_its_head(stage: Stage, tmp_path: Path) -> None:
    await visible(stage, await closed_claim(stage))
    sweeper = sweeper_of(stage, tmp_path / "archive")
    first = await sweeper.sweep()
    again = await sweeper.sweep()
    fresh = await sweeper_of(stage, tmp_path / "archive").sweep()
    assert (again.archived, fresh.archived) == (0, 0)
    assert first.head == again.head == fresh.head
    await visible(stage, await closed_claim(stage))
    later = await sweeper.sweep()
    assert (later.archived, later.count) == (1, first.count + 1)
    assert [noted.count for noted in noted_heads(stage.records)] == [first.count, later.count]
    assert last_sweep(stage.records).watermark == later.watermark


async def test_a_sweep_goes_in_order_of_closing(stage: Stage, tmp_path: Path) -> None:
    plays = [await closed_claim(stage) for _ in range(4)]
    await visible(stage, *plays)
    await sweeper_of(stage, tmp_path / "archive", Pace(batch=2)).sweep()
    entries = list(Archive.at(str(tmp_path / "archive")).entries())
    assert [entry.closed_at for entry in entries] == sorted(entry.closed_at for entry in entries)
    assert [entry.workflow_id for entry in entries][-4:] == [play.handle.id for play in plays]


async def test_two_archivers_at_once_archive_everything_once(stage: Stage, tmp_path: Path) -> None:
    plays = [await closed_claim(stage) for _ in range(4)]
    await visible(stage, *plays)
    both = [sweeper_of(stage, tmp_path / "archive", Pace(batch=1)) for _ in range(2)]
    results: list[SweepResult] = await asyncio.gather(*(sweeper.sweep() for sweeper in both))
    archive = Archive.at(str(tmp_path / "archive"))
    assert sum(result.archived for result in results) == len(list(archive.entries()))
    assert {play.handle.id for play in plays} <= {entry.workflow_id for entry in archive.entries()}
    assert list(archive.check()) == []


async def test_a_sweep_takes_so_many_and_says_that_there_are_more(stage: Stage, tmp_path: Path) -> None:
    await visible(stage, await closed_claim(stage), await closed_claim(stage))
    sweeper = sweeper_of(stage, tmp_path / "archive", Pace(most=1))
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


async def test_nothing_is_archived_into_an_archive_that_was_shortened(stage: Stage, tmp_path: Path) -> None:
    await visible(stage, await closed_claim(stage))
    folder = tmp_path / "archive"
    await sweeper_of(stage, folder).sweep()
    for file in (folder / "manifest").iterdir():
        file.unlink()
    for _ in range(2):
        with pytest.raises(ArchiveDamaged, match="末尾的条目被删除"):
            await sweeper_of(stage, folder).sweep()


async def test_every_end_and_every_run_of_a_workflow_is_archived(stage: Stage, tmp_path: Path) -> None:
    terminated, canceled, failed = [await stage.register() for _ in range(3)]
    await terminated.handle.terminate()
    del canceled, failed
    await visible(stage, terminated)
    await sweeper_of(stage, tmp_path / "archive").sweep()
    [entry] = Archive.at(str(tmp_path / "archive")).find(terminated.number)
    assert entry.status is Status.TERMINATED


async def test_the_schedule_is_made_once_and_sweeps(stage: Stage, tmp_path: Path) -> None:
    play = await closed_claim(stage)
    await visible(stage, play)
    await keep_schedule(stage.client, stage.task_queue)
    handle = stage.client.get_schedule_handle(SCHEDULE_ID)
    await handle.pause(note="演练")
    await keep_schedule(stage.client, stage.task_queue)
    described = await handle.describe()
    assert described.schedule.state.paused
    assert described.schedule.spec.time_zone_name == "Asia/Shanghai"
    await handle.unpause()
    await handle.trigger()
    async with asyncio.timeout(30):
        while not (recent := (await handle.describe()).info.recent_actions):
            await asyncio.sleep(0.05)
    run = recent[-1].action
    sweep = stage.client.get_workflow_handle(getattr(run, "workflow_id"), result_type=SweepResult)  # noqa: B009
    result = await sweep.result()
    await handle.delete()
    archive = Archive.at(str(tmp_path / "archive"))
    assert archive.head() == result.head
    assert archive.find(play.number)
    assert list(archive.check([result.head])) == []


def test_what_is_archived_is_every_workflow_of_ours_but_the_sweep() -> None:
    from workflows.calendar_update import CALENDAR_UPDATE

    assert set(ARCHIVED_TYPES) == {"Claim", "Unit", CALENDAR_UPDATE}
    assert ARCHIVE_SWEEP not in ARCHIVED_TYPES
