"""Workers freeze while completing a workflow task, for longer than the server waits: the history still
replays, and matches the records.
"""

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from temporalio.client import Client

from activities.workflow_ids import workflow_id
from audit.replay.replayer import replay_run
from claims.model.claim_parts import Closure
from claims.model.terms import Action, Category
from records.database.engine import Records
from records.queries.claims import journal
from runtime.settings import Settings
from tests.support.claims.people import CALLER, HANDLER, OPERATOR, order
from tests.support.hypothesis_profile import EFFORT
from tests.support.payload_keys import converter
from tests.support.processes.forked_processes import FORKED, kill
from tests.support.workflows.claim_play import Play
from tests.support.workflows.frozen_worker import is_stopped, run_worker
from tools.dev_server import DevServer
from workflows.messages import CURRENT_PROTOCOL, Opening

CLAIMS: Final = 3 if EFFORT == 1 else 8
FREEZES: Final = 6 if EFFORT == 1 else 10 * EFFORT
CHANCE: Final = 0.2
TASK_TIMEOUT: Final = timedelta(seconds=2)
FROZEN: Final = 2.3
"""Seconds; longer than the server's timeout for a workflow task."""
STEPS: Final = (
    (Action.DISPATCH, OPERATOR),
    (Action.SIGN_FOR, HANDLER),
    (Action.PROGRESS, HANDLER),
    (Action.CONTACT, HANDLER),
    (Action.REPLY, HANDLER),
    (Action.REMIND, CALLER),
    (Action.FEEDBACK, HANDLER),
    (Action.CALL_BACK, CALLER),
)


class Thaw:
    """Continues frozen workers some time after they froze."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids
        self.freezes = 0

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            for pid in self._pids:
                if is_stopped(pid):
                    await asyncio.sleep(FROZEN)
                    self.freezes += 1
                    os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(0.02)


@asynccontextmanager
async def freezing_workers(settings: Settings, count: int, *, chance: float = CHANCE) -> AsyncIterator[Thaw]:
    """Run workers on one task queue that freeze from time to time."""
    workers = [FORKED.Process(target=run_worker, args=(settings, seed, CHANCE)) for seed in range(count)]
    for worker in workers:
        worker.start()
    thaw = Thaw([worker.pid for worker in workers if worker.pid is not None])
    thawing = asyncio.create_task(thaw.run())
    try:
        yield thaw
    finally:
        thawing.cancel()
        with suppress(asyncio.CancelledError):
            await thawing
        for worker in workers:
            kill(worker)


async def begin(client: Client, queue: str, records: Records) -> Play:
    """Start a claim with a short timeout for its workflow tasks."""
    number = f"QH2{uuid.uuid4().int % 10**15:015}"
    opening = Opening(number=number, order=order(Category.HELP), actor=OPERATOR, protocol=CURRENT_PROTOCOL)
    handle = await client.start_workflow(
        "Claim",
        opening,
        id=workflow_id(number),
        task_queue=queue,
        result_type=Closure,
        task_timeout=TASK_TIMEOUT,
    )
    return Play(handle, client, number, records)


async def live_on(play: Play) -> None:
    """Play from dispatch to call-back without waiting for answers between actions."""
    for n, (action, actor) in enumerate(STEPS):
        await play.send(action, actor, request_id=f"step-{n}", now=datetime.now(UTC))
        await asyncio.sleep(0.15)


@pytest.mark.rule("R6", "R7")
@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.explore), 2])
async def test_what_frozen_workers_leave_replays_to_what_they_have_recorded(
    client: Client, server: DevServer, records: Records, tmp_path: Path, workers: int
) -> None:
    queue = f"frozen-{tmp_path.name}"
    settings = Settings(home=tmp_path, temporal_address=server.target, task_queue=queue)
    plays: list[Play] = []
    async with freezing_workers(settings, workers) as thaw, asyncio.timeout(30 * FREEZES):
        while thaw.freezes < FREEZES // 2:
            lot = [await begin(client, queue, records) for _ in range(CLAIMS)]
            await asyncio.gather(*(live_on(play) for play in lot))
            plays += lot
    for play in plays:
        replayed = await replay_run(await play.handle.fetch_history(), converter())
        written = journal(records, play.number)
        assert replayed.journal[: len(written)] == written
