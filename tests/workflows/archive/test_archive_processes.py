"""Archivers as processes: killed, on a full disk, and as commands."""

import asyncio
import json
import signal
import subprocess
from pathlib import Path

import pytest
from temporalio.client import ScheduleOverlapPolicy

from activities.archive.closed_executions import closed_runs_query, list_runs
from activities.archive.sweep import SweepResult
from archive.reader import Archive
from runtime.settings import Settings
from tests.support.archive.archiver_process import sweep_once
from tests.support.archive.closed_claims import closed_claim, sweeper_of, visible
from tests.support.polling import patience, until
from tests.support.processes.command import zaoying
from tests.support.processes.forked_processes import FORKED, kill
from tests.support.workflows.claim_play import Stage
from tools.dev_server import DevServer
from workflows.archive import SCHEDULE_ID

pytestmark = pytest.mark.rule("R70")


async def test_an_archiver_killed_again_and_again_archives_everything_once(
    quiet_stage: Stage, server: DevServer, tmp_path: Path
) -> None:
    plays = [await closed_claim(quiet_stage) for _ in range(16)]
    await visible(quiet_stage, *plays)
    settings = Settings(
        home=tmp_path,
        temporal_address=server.target,
        namespace=quiet_stage.client.namespace,
        log_level="ERROR",
    )
    manifest = tmp_path / "archive" / "manifest"
    for kills in range(1, 4):
        archiver = FORKED.Process(target=sweep_once, args=(settings,))
        archiver.start()
        async with patience():
            while not manifest.exists() or len(list(manifest.iterdir())) < 3 * kills:
                assert archiver.is_alive()
                await asyncio.sleep(0.002)
        kill(archiver)
        assert archiver.exitcode == -signal.SIGKILL
    await sweeper_of(quiet_stage, tmp_path / "archive").sweep()
    archive = Archive.at(str(tmp_path / "archive"))
    assert list(archive.check()) == []
    runs = [entry.run_id for entry in archive.entries()]
    assert sorted(runs) == sorted(
        run.run_id for run in await list_runs(quiet_stage.client, closed_runs_query())
    )
    assert {play.number for play in plays} <= {entry.number for entry in archive.entries()}


async def test_a_disk_that_is_full_ends_the_sweep_with_a_word_and_the_next_goes_on(
    quiet_stage: Stage, server: DevServer, tmp_path: Path
) -> None:
    play = await closed_claim(quiet_stage)
    await visible(quiet_stage, play)
    settings = Settings(home=tmp_path, temporal_address=server.target, namespace=quiet_stage.client.namespace)
    archiver = FORKED.Process(target=sweep_once, args=(settings, 2500))
    archiver.start()
    await until(lambda: not archiver.is_alive())
    assert archiver.exitcode == 1
    said = (tmp_path / "archiver.log").read_text(encoding="utf-8")
    assert "StoreFailed" in said
    assert "没有写入" in said
    archive = Archive.at(str(tmp_path / "archive"))
    assert list(archive.check()) == []  # it contains no half-written file
    assert play.number not in {entry.number for entry in archive.entries()}
    result = await sweeper_of(quiet_stage, tmp_path / "archive").sweep()
    assert archive.find(play.number)
    assert list(archive.check([result.head])) == []


async def test_the_commands_sweep_tell_and_verify(
    quiet_stage: Stage, server: DevServer, tmp_path: Path
) -> None:
    play = await closed_claim(quiet_stage)
    await visible(quiet_stage, play)
    settings = Settings(home=tmp_path, temporal_address=server.target, namespace=quiet_stage.client.namespace)

    async def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(zaoying, "archive", *arguments, settings=settings.environment())

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
    schedule = quiet_stage.client.get_schedule_handle(SCHEDULE_ID)
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
