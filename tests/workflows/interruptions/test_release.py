"""A new build takes over an older build's claims, on the real server."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import Client

import worker
from activities.monitoring import polling_workers
from claims.model.terms import Action
from records.database.engine import Records
from runtime.settings import load_settings
from service_layer.clock import now
from tests.support.archive.kept_histories import kept_by
from tests.support.claims.people import HANDLER
from tests.support.polling import PATIENCE, patience
from tests.support.processes.command import zaoying
from tests.support.workflows.claim_play import Play, Stage
from tools.dev_server import DevServer
from tools.releases.deployments import (
    DEPLOYMENT,
    NobodyOfThatBuild,
    Overtaken,
    TasksFail,
    is_running,
    promote,
    set_ramping,
    wait_until_running,
)
from tools.releases.rollout import promote_in_steps
from worker import ACTIVITY_THREADS, Workers, build_worker
from workflows.claim import ClaimWorkflow
from workflows.messages import Opening
from workflows.registered import WORKFLOWS

QUEUE = "claims-released"
NEVER_RELEASED = "9.9.9"
CLAIMS = 8
SOUND = kept_by("0.3.0", "claim-03")


class Builds:
    """Workers of several builds on one task queue."""

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
        running = build_worker(self.stage.client, settings, self.stage.records, self._threads)
        return await self._running.enter_async_context(running)


@pytest_asyncio.fixture(loop_scope="session")
async def builds(alone: Client, records: Records, tmp_path: Path) -> AsyncIterator[Builds]:
    with ThreadPoolExecutor(2 * ACTIVITY_THREADS) as threads:
        async with AsyncExitStack() as running:
            yield Builds(Stage(alone, QUEUE, records), tmp_path, threads, running)


async def builds_in_history(play: Play) -> list[str]:
    """Return the builds that took the steps, without consecutive repetitions."""
    history = await play.handle.fetch_history()
    taken = [
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        for event in history.events
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    return [build for before, build in zip(["", *taken], taken, strict=False) if build != before]


async def test_a_claim_moves_on_to_the_build_that_is_promoted(builds: Builds) -> None:
    await builds.start("0.1.0")
    await promote(builds.stage.client, "0.1.0", within_seconds=PATIENCE)
    play = await (await builds.stage.register()).dispatched()
    await builds.start("0.2.0")
    await play.must(Action.CONTACT, HANDLER)
    assert await builds_in_history(play) == ["0.1.0"]
    await promote(builds.stage.client, "0.2.0", within_seconds=PATIENCE)
    async with patience():
        while await builds_in_history(play) != ["0.1.0", "0.2.0"]:
            await play.must(Action.PROGRESS, HANDLER)
    assert (await play.claim()).dispatch is not None


async def test_a_build_that_nobody_runs_gets_no_claims(client: Client) -> None:
    with pytest.raises(NobodyOfThatBuild):
        await promote(client, NEVER_RELEASED, within_seconds=2)
    with pytest.raises(NobodyOfThatBuild):
        await wait_until_running(client, NEVER_RELEASED, within_seconds=2)


@workflow.defn(name="Claim", sandboxed=False)
class BadClaim:
    """A claim workflow of a build whose tasks fail."""

    @workflow.run
    async def run(self, opening: Opening) -> None:
        raise RuntimeError(f"a bad build: {opening.number}")


async def routing(client: Client) -> tuple[str, str, float]:
    """Return the current build, the ramping build, and its percentage."""
    request = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=DEPLOYMENT)
    found = (await client.workflow_service.describe_worker_deployment(request)).worker_deployment_info
    config = found.routing_config
    return (
        config.current_deployment_version.build_id,
        config.ramping_deployment_version.build_id,
        config.ramping_version_percentage,
    )


async def test_a_good_build_is_given_more_and_more_claims_and_then_all(builds: Builds) -> None:
    client, told = builds.stage.client, list[str]()
    await builds.start("1.0.0")
    await promote(client, "1.0.0", within_seconds=PATIENCE)
    await builds.start("1.1.0")
    await promote_in_steps(client, "1.1.0", pause=timedelta(), say=told.append, within_seconds=PATIENCE)
    assert [line.partition("%")[0] for line in told] == ["1", "10", "50", "100"]
    assert (await routing(client))[0] == "1.1.0"
    await (await builds.stage.register()).dispatched()


async def test_a_bad_build_is_stopped_and_its_claims_go_on_with_the_good_one(
    builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = builds.stage.client
    await builds.start("2.0.0")
    await promote(client, "2.0.0", within_seconds=PATIENCE)
    plays = [await (await builds.stage.register()).dispatched() for _ in range(CLAIMS)]
    with monkeypatch.context() as bad:
        others = [one for one in WORKFLOWS if one is not ClaimWorkflow]
        bad.setattr(worker, "WORKFLOWS", [BadClaim, *others])
        await builds.start("2.1.0")

    async def act_on_all() -> None:
        """Act on all claims. Routing changes reach the task queues after a moment, then actions run on the
        new build.
        """
        for n in count():
            for play in plays:
                await play.send(Action.PROGRESS, HANDLER, request_id=f"{n}", now=now())
            await asyncio.sleep(1)

    acting = asyncio.create_task(act_on_all())
    with pytest.raises(TasksFail) as stopped:
        await promote_in_steps(
            client,
            "2.1.0",
            pause=timedelta(seconds=60),
            say=lambda _: None,
            steps=(50, 100),
            within_seconds=PATIENCE,
        )
    acting.cancel()
    assert stopped.value.percentage == 50
    assert set(stopped.value.workflows) <= {play.handle.id for play in plays}
    assert (await routing(client))[::2] == ("2.0.0", 0)
    for play in plays:
        assert (await play.look("0")).outcome is not None
        await play.must(Action.CONTACT, HANDLER)


async def running_builds(builds: Builds, *names: str) -> Client:
    """Start workers of builds and promote the first."""
    for name in names:
        await builds.start(name)
    await promote(builds.stage.client, names[0], within_seconds=PATIENCE)
    return builds.stage.client


async def test_going_back_takes_the_claims_from_a_build_whose_promotion_was_killed(builds: Builds) -> None:
    client = await running_builds(builds, "3.0.0", "3.1.0")
    async with patience():
        while not await is_running(client, "3.1.0"):
            await asyncio.sleep(0.2)
    await set_ramping(client, "3.1.0", 50)
    await promote(client, "3.0.0", within_seconds=PATIENCE)
    assert (await routing(client))[::2] == ("3.0.0", 0)


async def test_a_promotion_stops_where_somebody_has_gone_back_meanwhile(builds: Builds) -> None:
    client = await running_builds(builds, "4.0.0", "4.1.0")
    told = asyncio.Queue[str]()
    steps = asyncio.create_task(
        promote_in_steps(
            client,
            "4.1.0",
            pause=timedelta(seconds=3),
            say=told.put_nowait,
            steps=(50, 100),
            within_seconds=PATIENCE,
        )
    )
    async with patience():
        await told.get()
    await promote(client, "4.0.0", within_seconds=PATIENCE)
    with pytest.raises(Overtaken):
        await steps
    assert (await routing(client))[::2] == ("4.0.0", 0)


async def test_an_interrupted_promotion_gives_all_claims_back(builds: Builds) -> None:
    client = await running_builds(builds, "5.0.0", "5.1.0")
    told = asyncio.Queue[str]()
    minute = timedelta(minutes=1)
    steps = asyncio.create_task(
        promote_in_steps(client, "5.1.0", pause=minute, say=told.put_nowait, within_seconds=PATIENCE)
    )
    async with patience():
        assert (await told.get()).startswith("1%")
    steps.cancel()
    with pytest.raises(asyncio.CancelledError):
        await steps
    assert told.get_nowait() == "移交已中断：工单全部由版本 5.0.0 办理"
    assert (await routing(client))[::2] == ("5.0.0", 0)


async def test_a_build_whose_workers_have_gone_gets_no_claims(
    builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await running_builds(builds, "6.0.0")
    await (await builds.start("6.1.0")).__aexit__(None, None, None)
    monkeypatch.setattr(polling_workers, "POLLED_WITHIN", timedelta())
    with pytest.raises(NobodyOfThatBuild):
        await promote(client, "6.1.0", within_seconds=2)
    assert await routing(client) == ("6.0.0", "", 0)


async def test_the_command_refuses_a_build_that_changes_a_history_and_promotes_one_that_does_not(
    alone: Client, server: DevServer, records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAOYING_TEMPORAL_ADDRESS", server.target)
    monkeypatch.setenv("ZAOYING_NAMESPACE", alone.namespace)
    kept = tmp_path / "histories" / "claim.json.gz"
    kept.parent.mkdir()
    kept.write_bytes(SOUND.read_bytes())

    async def command(build: str, own: str = "") -> tuple[int, str]:
        options = ("promote", build, "--pause", "0", "--histories", str(kept.parent))
        program = {"ZAOYING_WORKER_BUILD": own}
        done = await asyncio.to_thread(zaoying, *options, home=tmp_path, settings=program)
        return done.returncode, done.stdout + done.stderr

    with ThreadPoolExecutor(2 * ACTIVITY_THREADS) as threads:
        async with AsyncExitStack() as running:
            builds = Builds(Stage(alone, QUEUE, records), tmp_path, threads, running)
            await builds.start("7.0.0")
            code, said = await command("7.0.0")
            assert (code, "工单已交由版本 7.0.0 的工作进程办理" in said) == (0, True), said
            await builds.start("7.1.0")
            altered = gzip.decompress(kept.read_bytes()).replace(
                b'"signalName": "contact"', b'"signalName": "remind"'
            )
            kept.write_bytes(gzip.compress(altered))
            code, said = await command("7.1.0")
            assert (code, "未移交任何工单" in said) == (1, True), said
            assert await routing(alone) == ("7.0.0", "", 0)
            kept.unlink()
            code, said = await command("7.1.0", own="7.0.0")
            assert (code, "核对不了版本 7.1.0" in said) == (1, True), said
            assert await routing(alone) == ("7.0.0", "", 0)
            code, said = await command("7.1.0", own="7.1.0")
            assert (code, "\n1% 的工单" in said) == (0, True), said
            assert (await routing(alone))[0] == "7.1.0"
