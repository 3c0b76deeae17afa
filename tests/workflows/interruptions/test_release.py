"""A new build takes over the claims that an older one began, on the real server."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from claims.model.terms import Action
from records.database.engine import Records
from runtime.settings import load_settings
from tests.support.claims.people import HANDLER
from tests.support.polling import patience
from tests.support.workflows.claim_play import Play, Stage
from tools.deployments import NobodyOfThatBuild, promote
from worker import ACTIVITY_THREADS, Workers, build_worker

QUEUE = "claims-released"
NEVER_RELEASED = "9.9.9"


class Builds:
    """Workers of several builds at one task queue."""

    def __init__(
        self, stage: Stage, home: Path, threads: ThreadPoolExecutor, running: AsyncExitStack
    ) -> None:
        self.stage = stage
        self._home = home
        self._threads = threads
        self._running = running

    async def start(self, build: str) -> Workers:
        update = {"task_queue": self.stage.task_queue, "home": self._home, "worker_build": build}
        settings = load_settings().model_copy(update=update)
        worker = build_worker(self.stage.client, settings, self.stage.records, self._threads)
        return await self._running.enter_async_context(worker)


@pytest_asyncio.fixture(loop_scope="session")
async def builds(client: Client, records: Records, tmp_path: Path) -> AsyncIterator[Builds]:
    with ThreadPoolExecutor(2 * ACTIVITY_THREADS) as threads:
        async with AsyncExitStack() as running:
            yield Builds(Stage(client, QUEUE, records), tmp_path, threads, running)


async def builds_in_history(play: Play) -> list[str]:
    """The build that took each step, in order, each run of one build once."""
    history = await play.handle.fetch_history()
    taken = [
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in history.events
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    return [build for before, build in zip(["", *taken], taken, strict=False) if build != before]


async def test_a_claim_moves_on_to_the_build_that_is_promoted(builds: Builds) -> None:
    await builds.start("0.1.0")
    await promote(builds.stage.client, "0.1.0")
    play = await (await builds.stage.register()).dispatched()
    await builds.start("0.2.0")
    await play.must(Action.CONTACT, HANDLER)
    assert await builds_in_history(play) == ["0.1.0"]
    await promote(builds.stage.client, "0.2.0")
    async with patience():
        while await builds_in_history(play) != ["0.1.0", "0.2.0"]:
            await play.must(Action.PROGRESS, HANDLER)
    assert (await play.claim()).dispatch is not None


async def test_a_build_that_nobody_runs_gets_no_claims(client: Client) -> None:
    with pytest.raises(NobodyOfThatBuild):
        await promote(client, NEVER_RELEASED, within_seconds=2)
