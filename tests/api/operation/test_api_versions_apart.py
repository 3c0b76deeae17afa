"""An API whose workers or records are of another version says so, and what it cannot read costs no answer."""

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import structlog
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RawValue, WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from claims.model.terms import Role
from records.database.engine import migrate, open_records
from records.database.schema import head, revisions
from runtime.settings import Settings
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.people import POWER
from tests.support.polling import eventually
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker

pytestmark = pytest.mark.rule("R10")


@workflow.defn(name="Claim")
class LaterClaim:
    """A claim of a later version: its state has a stage that this API does not know."""

    @workflow.run
    async def run(self, _: RawValue) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal(dynamic=True)
    def on_any(self, name: str, args: Sequence[RawValue]) -> None:
        """Everything is taken."""

    @workflow.query
    def look(self, request_id: str = "") -> dict[str, object]:
        return {"claim": {"stage": "co-signing"}, "now": "2026-11-24T01:00:00Z", "later": request_id}


@pytest_asyncio.fixture(loop_scope="session")
async def city(server: DevServer, tmp_path: Path) -> AsyncIterator[Caller]:
    settings = Settings(
        home=tmp_path, temporal_address=server.target, task_queue=tmp_path.name, action_timeout=3.0
    )
    open_records(settings.records_url).close()
    async with calling(settings) as caller:
        yield caller


def other_worker(client: Client, city: Caller) -> Worker:
    """Return a worker of another version, which serves the claims' own queue alone."""
    version = WorkerDeploymentVersion(deployment_name="zaoying", build_id="0.3.9")
    return Worker(
        client,
        task_queue=city.settings.task_queue,
        workflows=[LaterClaim],
        workflow_runner=UnsandboxedWorkflowRunner(),
        deployment_config=WorkerDeploymentConfig(version=version, use_worker_versioning=False),
        graceful_shutdown_timeout=timedelta(0),
    )


async def alarms(city: Caller) -> str:
    return "".join((await city.get("/health/ready")).json()["alarms"])


async def gauge(city: Caller, name: str) -> float:
    lines = (await city.get("/metrics", Role.ADMIN)).text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


async def test_a_worker_of_another_version_that_lacks_queues_is_told_of(city: Caller, client: Client) -> None:
    async with other_worker(client, city):
        with structlog.testing.capture_logs() as logs:
            said = await eventually(lambda: alarms(city), lambda text: "0.3.9" in text)
    assert f"{city.settings.task_queue}-lights" in said
    assert [entry["versions"] for entry in logs if entry["event"] == "workers-differ"][-1] == ["0.3.9"]
    assert await gauge(city, "zaoying_task_queues_unserved") == 6
    assert await gauge(city, "zaoying_worker_versions_differing") == 1


async def test_a_worker_of_this_version_raises_no_alarm(city: Caller, client: Client) -> None:
    records = open_records(city.settings.records_url)
    with records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, city.settings, records, threads):
            await eventually(
                lambda: gauge(city, "zaoying_task_queues_unserved"), lambda unserved: unserved == 0
            )

            async def ready() -> httpx.Response:
                return await city.get("/health/ready")

            found = await eventually(ready, lambda answer: answer.status_code == 200)
            assert found.json()["alarms"] == []


async def test_an_answer_of_a_later_worker_that_cannot_be_read_is_no_error(
    city: Caller, client: Client
) -> None:
    async with other_worker(client, city):
        registered = await city.register(external_id="")
        assert registered.status_code == 201, registered.text
        number = registered.json()["number"]
        with structlog.testing.capture_logs() as logs:
            acted = await city.post(
                f"/claims/{number}/dispatch",
                {"request_id": "d1", "unit": POWER, "basis": "PD-023"},
                Role.OPERATOR,
            )
            shown = await city.get(f"/claims/{number}", Role.AUDITOR)
    assert (acted.status_code, shown.status_code) == (202, 200), (acted.text, shown.text)
    assert shown.json()["stale"]
    assert "answer-not-readable" in {entry["event"] for entry in logs}


async def test_records_that_were_migrated_under_a_running_api_make_it_not_ready(city: Caller) -> None:
    url = city.settings.records_url
    assert (await city.get("/health/ready")).json()["records"]
    with open_records(url) as records:
        migrate(records, revisions()[-2])
    assert not (await city.get("/health/ready")).json()["records"]
    with open_records(url):
        pass
    assert (await city.get("/health/ready")).json()["records"], head()
