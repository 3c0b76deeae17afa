"""An edition reaches many open claims while the worker is killed: each is notified once (R7)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from temporalio.client import Client

from audit.replay.replayer import replay_run
from claims.model.events import EventKind
from claims.model.terms import LimitKind
from records.database.engine import open_records
from records.queries.claims import journal, snapshot
from runtime.settings import Settings
from tests.support.hypothesis_profile import EFFORT
from tests.support.payload_keys import converter
from tests.support.polling import until
from tests.support.processes.forked_program import ForkedProgram
from tests.support.workflows.calendar_play import on_record, schedule_of
from tests.support.workflows.claim_play import Play, Stage
from tests.support.workflows.edition_play import begin, publish
from tools.dev_server import DevServer

MANY: Final = 8 if EFFORT == 1 else min(1000, 40 * EFFORT)


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


@pytest.mark.rule("R6", "R7")
async def test_a_worker_killed_in_the_middle_tells_many_open_claims_once(
    apart: tuple[Stage, ForkedProgram],
) -> None:
    stage, worker = apart
    plays: list[Play] = []
    for _ in range(0, MANY, 20):
        lot = await asyncio.gather(*(stage.register() for _ in range(min(20, MANY))))
        await asyncio.gather(*(play.dispatched() for play in lot))
        plays += lot
    for play in plays:
        await on_record(play)
    before = await schedule_of(plays[0], LimitKind.RESOLVE)
    update = await begin(stage, publish(stage, "killed", reaches="open", changes={"resolve_days": 8}))

    def times_notified(play: Play) -> int:
        lines = journal(stage.records, play.number)
        return sum(line.kind is EventKind.EDITION_ADOPTED for line in lines)

    await until(lambda: times_notified(plays[MANY // 4]) == 1)
    worker.kill()
    worker.start()
    async with asyncio.timeout(300 + 2 * MANY):
        progress = await update.result()
    assert progress.ended == 0
    for play in plays:
        await until(lambda play=play: times_notified(play) == 1)  # type: ignore[misc]
        assert (await play.claim()).policy.resolve_days == 8
    last = plays[-1]
    assert (await schedule_of(last, LimitKind.RESOLVE)).due_at < before.due_at
    claim = await last.claim()
    await until(lambda: snapshot(stage.records, last.number) == claim)
    replayed = await replay_run(await last.handle.fetch_history(), converter())
    assert replayed.claim == claim
