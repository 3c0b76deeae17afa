"""Sweeps on the real server: whatever has closed is archived, once, whole, and whoever dies on the way."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client, ScheduleOverlapPolicy, WorkflowFailureError, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ActivityError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from activities.closed_runs import ARCHIVED_TYPES, closed, seen
from activities.sweeping import LAST_LOOK, OVERLAP, USUAL, Pace, Sweeper, SweepResult
from api.clock import now
from archive.entries import Status
from archive.errors import ArchiveDamaged, NotArchived
from archive.reading import Archive
from claims.account import UnitAccount
from claims.terms import Action
from records.archived import NotedHead, last_sweep, note_sweep, noted_heads
from records.engine import Records
from settings import Settings, load_settings
from tests.people import COORDINATOR
from tests.play import Play, Stage
from tools import namespaces
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker
from workflows.archive import ARCHIVE_SWEEP, SCHEDULE_ID, keep_schedule
from workflows.claim import ClaimWorkflow
from workflows.unit_messages import UnitState
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


async def test_every_run_of_a_units_workflow_is_archived(stage: Stage, tmp_path: Path) -> None:
    unit = f"ZZ-{uuid4().hex[:6]}"
    for _ in range(2):
        handle = await stage.client.start_workflow(
            "Unit", UnitState(account=UnitAccount(unit=unit)), id=f"unit-{unit}", task_queue=stage.task_queue
        )
        await handle.terminate()
    async with asyncio.timeout(30):
        while [run.unit for run in await seen(stage.client, closed())].count(unit) < 2:
            await asyncio.sleep(0.05)
    await sweeper_of(stage, tmp_path / "archive").sweep()
    runs = Archive.at(str(tmp_path / "archive")).find(f"unit-{unit}")
    assert [(run.unit, run.number, run.status) for run in runs] == [(unit, "", Status.TERMINATED)] * 2
    assert runs[0].run_id != runs[1].run_id


async def test_an_open_claim_is_left_alone(stage: Stage, tmp_path: Path) -> None:
    play = await stage.register()
    await sweeper_of(stage, tmp_path / "archive").sweep()
    with pytest.raises(NotArchived):
        Archive.at(str(tmp_path / "archive")).find(play.number)


async def test_what_visibility_showed_late_is_found_before_the_server_forgets_it(
    stage: Stage, tmp_path: Path
) -> None:
    """A watermark that has long passed it: a last look at all that is about to be forgotten finds it."""
    play = await closed_claim(stage)
    await visible(stage, play)
    first = await sweeper_of(stage, tmp_path / "first").sweep()
    head = NotedHead(installation=first.installation, count=first.count, hash=first.hash)
    later = now() + OVERLAP + timedelta(hours=1)
    note_sweep(stage.records, head, later, later)
    made = Sweeper(
        stage.client, stage.records, str(tmp_path / "first"), clock=lambda: later, code_version="0.1.0"
    )
    late = await closed_claim(stage)
    await visible(stage, late)
    assert (await made.sweep()).archived == 0
    near_the_end = later + RETENTION - LAST_LOOK
    last_look = Sweeper(
        stage.client, stage.records, str(tmp_path / "first"), clock=lambda: near_the_end, code_version="0.1.0"
    )
    assert (await last_look.sweep()).archived == 1
    assert Archive.at(str(tmp_path / "first")).find(late.number)


async def test_an_archiver_killed_again_and_again_archives_everything_once(
    stage: Stage, server: DevServer, tmp_path: Path
) -> None:
    plays = [await closed_claim(stage) for _ in range(16)]
    await visible(stage, *plays)
    settings = Settings(
        home=tmp_path, temporal_address=server.target, namespace=stage.client.namespace, log_level="ERROR"
    )
    manifest = tmp_path / "archive" / "manifest"
    for kill in range(1, 4):
        archiver = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.archiver_process", env=settings.environment()
        )
        async with asyncio.timeout(60):
            while not manifest.exists() or len(list(manifest.iterdir())) < 3 * kill:
                assert archiver.returncode is None
                await asyncio.sleep(0.002)
        archiver.kill()
        assert await archiver.wait() == -signal.SIGKILL
    await sweeper_of(stage, tmp_path / "archive").sweep()
    archive = Archive.at(str(tmp_path / "archive"))
    assert list(archive.check()) == []
    runs = [entry.run_id for entry in archive.entries()]
    assert sorted(runs) == sorted(run.run_id for run in await seen(stage.client, closed()))
    assert {play.number for play in plays} <= {entry.number for entry in archive.entries()}


async def test_a_disk_that_is_full_ends_the_sweep_with_a_word_and_the_next_goes_on(
    stage: Stage, server: DevServer, tmp_path: Path
) -> None:
    play = await closed_claim(stage)
    await visible(stage, play)
    settings = Settings(home=tmp_path, temporal_address=server.target, namespace=stage.client.namespace)
    archiver = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.archiver_process", "2500"),
        env=settings.environment(),
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await archiver.communicate()
    assert archiver.returncode == 1
    assert "StoreFailed" in errors.decode()
    assert "没有写入" in errors.decode()
    archive = Archive.at(str(tmp_path / "archive"))
    assert list(archive.check()) == []  # nothing half-made is in it
    assert play.number not in {entry.number for entry in archive.entries()}
    result = await sweeper_of(stage, tmp_path / "archive").sweep()
    assert archive.find(play.number)
    assert list(archive.check([result.head])) == []


def zaoying(home: Path, *arguments: str, server: str, namespace: str) -> "subprocess.CompletedProcess[str]":
    settings = Settings(home=home, temporal_address=server, namespace=namespace)
    return subprocess.run(
        [sys.executable, "-m", "cli", "archive", *arguments],
        env=settings.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


async def test_the_commands_sweep_tell_and_verify(stage: Stage, server: DevServer, tmp_path: Path) -> None:
    play = await closed_claim(stage)
    await visible(stage, play)

    async def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(
            zaoying, tmp_path, *arguments, server=server.target, namespace=stage.client.namespace
        )

    done = await run("sweep", "--json")
    assert done.returncode == 0, done.stderr
    result = SweepResult.model_validate_json(done.stdout)
    status, whole, unknown, scheduled = await asyncio.gather(
        run("status", "--json"),
        run("verify", "--json", "--head", result.hash),
        run("verify", "--head", "0" * 64),
        run("schedule"),
    )
    assert scheduled.returncode == 0
    schedule = stage.client.get_schedule_handle(SCHEDULE_ID)
    assert (await schedule.describe()).schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
    await schedule.delete()
    told = json.loads(status.stdout)
    assert (told["entries"], told["head"], told["not_archived"]) == (result.count, result.hash, [])
    assert whole.returncode == 0
    assert json.loads(whole.stdout)["known_heads"] == 1
    assert (unknown.returncode, unknown.stdout.split()[0]) == (1, "known-head-mismatch")
    [entry] = Archive.at(str(tmp_path / "archive")).find(play.number)
    (tmp_path / "archive" / entry.file).unlink()
    broken = await run("verify")
    assert broken.returncode == 1
    assert f"第 {entry.index} 条（{entry.workflow_id}）" in broken.stdout


async def test_a_sweep_of_a_damaged_archive_fails_and_says_why(stage: Stage, tmp_path: Path) -> None:
    await visible(stage, await closed_claim(stage))
    await sweeper_of(stage, tmp_path / "archive").sweep()
    (tmp_path / "archive" / "HEAD.json").unlink()
    with pytest.raises(WorkflowFailureError) as failed:
        await stage.client.execute_workflow(
            ARCHIVE_SWEEP, id=f"sweep-{uuid4().hex}", task_queue=stage.task_queue, result_type=SweepResult
        )
    assert isinstance(failed.value.cause, ActivityError)
    assert "HEAD.json" in str(failed.value.cause.cause)
    assert "已丢失" in str(failed.value.cause.cause)


async def test_a_claim_that_closed_ahead_of_everybodys_clock_is_archived_once(
    stage: Stage, tmp_path: Path
) -> None:
    """On virtual time a claim closes in the future: no watermark passes it by."""
    play = await stage.register()
    await play.wait(timedelta(hours=5))
    await play.must(Action.DECLINE, OPERATOR)
    await play.handle.result()
    await visible(stage, play)
    sweeper = sweeper_of(stage, tmp_path / "archive")
    first, second = await sweeper.sweep(), await sweeper.sweep()
    [entry] = Archive.at(str(tmp_path / "archive")).find(play.number)
    assert entry.closed_at > now() + timedelta(hours=4)
    assert first.watermark is not None
    assert first.watermark <= now()
    assert second.archived == 0


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
