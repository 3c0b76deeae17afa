"""Claims that go to a build of which no worker runs raise an alarm, until one takes them."""

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from temporalio.client import Client

from activities.monitoring.worker_builds import Share, WorkerBuilds, worker_builds
from claims.model.terms import Role
from records.database.engine import Records, open_records
from runtime.connection import FrontendAddress, connect
from runtime.settings import Settings, load_settings
from service_layer.clock import now
from tests.support.api.api_caller import Caller, calling
from tests.support.polling import PATIENCE, eventually, until
from tools.dev_server import DevServer
from tools.releases.deployments import once_known, promote, set_ramping
from worker import ACTIVITY_THREADS, build_worker


class Installation:
    """An API, and workers of several builds, each with an identity of its own as on a machine of its own."""

    def __init__(self, api: Caller, client: Client, records: Records, threads: ThreadPoolExecutor) -> None:
        self.api = api
        self.client = client
        self._records = records
        self._threads = threads
        self._running: dict[str, AsyncExitStack] = {}

    async def start(self, build: str) -> None:
        settings = self.api.settings.model_copy(update={"worker_build": build})
        address = self.client.service_client.config.target_host
        frontend = FrontendAddress(address, self.client.namespace, self.client.data_converter)
        client = await connect(frontend, identity=f"of {build}")
        self._running[build] = AsyncExitStack()
        await self._running[build].enter_async_context(
            build_worker(client, settings, self._records, self._threads)
        )

    async def stop(self, build: str) -> None:
        await self._running.pop(build).aclose()

    async def stop_all(self) -> None:
        for build in list(self._running):
            await self.stop(build)

    async def promote(self, build: str) -> None:
        await promote(self.client, build, within_seconds=PATIENCE)

    async def state(self) -> tuple[bool, Sequence[str], float]:
        """Return whether there is a worker, the alarms, and the metric."""
        ready = (await self.api.get("/health/ready")).json()
        text = (await self.api.get("/metrics", Role.ADMIN)).text
        name = "zaoying_claims_without_worker_percent "
        (line,) = [line for line in text.splitlines() if line.startswith(name)]
        return ready["worker"], ready["alarms"], float(line.removeprefix(name))

    async def soon(self, *, worker: bool, percent: float, alarm: str = "") -> None:
        """Wait until readiness and metrics say so; the only alarm contains these words."""
        await eventually(
            self.state,
            lambda found: (
                (found[0], found[2]) == (worker, percent)
                and [alarm in said for said in found[1]] == ([True] if alarm else [])
            ),
        )


@pytest_asyncio.fixture(loop_scope="session")
async def city(server: DevServer, client: Client, tmp_path: Path) -> AsyncIterator[Installation]:
    settings = Settings(
        home=tmp_path,
        temporal_address=server.target,
        namespace=load_settings().namespace,
        task_queue=tmp_path.name,
        action_timeout=3.0,
    )
    with open_records(settings.records_url) as records, ThreadPoolExecutor(2 * ACTIVITY_THREADS) as threads:
        async with calling(settings) as api:
            installed = Installation(api, client, records, threads)
            yield installed
            await installed.stop_all()


async def test_before_the_first_promotion_the_claims_go_to_nobody(city: Installation) -> None:
    await city.soon(worker=False, percent=100)
    await city.start("1.0.0")
    with structlog.testing.capture_logs() as told:
        await city.soon(worker=False, percent=100, alarm="zaoying promote 1.0.0")
    line = next(line for line in told if line["event"] == "builds-without-workers")
    assert (line["log_level"], line["builds"], line["polling"]) == ("error", [""], ["1.0.0"])
    assert (await city.api.get("/health/ready")).status_code == 503
    await city.promote("1.0.0")
    await city.soon(worker=True, percent=0)
    assert (await city.api.get("/health/ready")).status_code == 200


async def test_builds_whose_workers_have_gone_are_named_with_what_to_do(city: Installation) -> None:
    await city.start("2.0.0")
    await city.promote("2.0.0")
    for build in ("2.1.0", "2.2.0"):
        await city.start(build)
        await until_polling(city, build)
    await once_known(lambda: set_ramping(city.client, "2.1.0", 10), PATIENCE)
    await city.soon(worker=True, percent=0)
    await city.stop("2.0.0")
    await city.stop("2.1.0")
    with pytest.MonkeyPatch.context() as sooner:
        sooner.setattr("activities.monitoring.polling_workers.POLLED_WITHIN", timedelta(seconds=5))
        await city.soon(
            worker=False,
            percent=100,
            alarm="90% 的工单由版本 2.0.0 办理，但没有版本 2.0.0 的工作进程在运行；10% 的工单由版本 2.1.0 办理",
        )
    await city.promote("2.2.0")
    await city.soon(worker=True, percent=0)


async def test_without_builds_nothing_is_said_of_them(city: Installation) -> None:
    await city.start("")
    await city.soon(worker=True, percent=0)


async def until_polling(city: Installation, build: str) -> None:
    async def polls() -> bool:
        return build in (await worker_builds(city.client, city.api.settings.task_queue, now=now())).polling

    await until(polls)


def test_the_build_that_takes_most_claims_decides_whether_there_is_a_worker() -> None:
    def has_worker(current: tuple[float, bool], ramping: tuple[float, bool]) -> bool:
        shares = [Share("1", *current), Share("2", *ramping)]
        return WorkerBuilds(shares, []).has_worker

    assert has_worker((90, True), (10, False))
    assert not has_worker((90, False), (10, True))
    assert has_worker((50, True), (50, False))
    assert not has_worker((50, False), (50, True))


def test_a_ramping_build_without_workers_is_named_with_its_part_and_who_can_take_it() -> None:
    found = WorkerBuilds([Share("4.0.0", 90, is_manned=True), Share("4.1.0", 10, is_manned=False)], ["4.0.0"])
    assert found.alarm.startswith("10% 的工单由版本 4.1.0 办理，但没有版本 4.1.0 的工作进程在运行")
    assert "启动版本 4.1.0 的工作进程，或执行 zaoying promote 4.0.0" in found.alarm
    assert (found.has_worker, found.unmanned_percentage) == (True, 10)


def test_workers_without_a_build_take_no_claims_of_one() -> None:
    found = WorkerBuilds([Share("3.0.0", 100, is_manned=False)], [""])
    assert "启动版本 3.0.0 的工作进程（" in found.alarm
    assert not found.has_worker


def test_without_builds_no_worker_is_no_alarm_of_builds() -> None:
    assert WorkerBuilds([Share("", 100, is_manned=False)], []).alarm == ""
