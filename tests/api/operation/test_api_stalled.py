"""Failing workflow tasks and activities raise an alarm within a minute, until they succeed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Never

import httpx
import pytest
import pytest_asyncio
import structlog
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

import activities.deadlines
import activities.records
from activities.monitoring.failing_activities import REPORT, FailureReport, failing_activities_id
from activities.workflow_ids import workflow_id
from claims import procedure
from claims.model.terms import Role
from records.database.engine import open_records
from runtime.settings import Settings
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.people import POWER
from tests.support.keyless import STRANGERS
from tests.support.polling import eventually, patience, until
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker

pytestmark = pytest.mark.rule("R10")


@pytest_asyncio.fixture(loop_scope="session")
async def city(server: DevServer, tmp_path: Path) -> AsyncIterator[Caller]:
    settings = Settings(
        home=tmp_path, temporal_address=server.target, task_queue=tmp_path.name, action_timeout=3.0
    )
    open_records(settings.records_url).close()
    async with calling(settings) as caller:
        yield caller


@asynccontextmanager
async def working(city: Caller, client: Client) -> AsyncIterator[None]:
    """Run a worker with the present code."""
    records = open_records(city.settings.records_url)
    with records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, city.settings, records, threads):
            yield


def fails(*_: object, **__: object) -> Never:
    raise ValueError("a bad build")


async def alarms(city: Caller, word: str) -> list[str]:
    found: list[str] = (await city.get("/health/ready")).json()["alarms"]
    return [alarm for alarm in found if word in alarm]


async def alarmed(city: Caller, word: str) -> str:
    """Return the alarm once it is raised."""
    return (await eventually(lambda: alarms(city, word), bool))[0]


async def quiet(city: Caller, word: str) -> None:
    async def is_quiet() -> bool:
        return not await alarms(city, word)

    await until(is_quiet)


async def gauges(city: Caller, name: str) -> Mapping[str, float]:
    """Return a metric's non-zero values by its only label."""
    lines = [
        line
        for line in (await city.get("/metrics", Role.ADMIN)).text.splitlines()
        if line.startswith(f"{name}{{")
    ]
    values = {line.split('"')[1]: float(line.split()[-1]) for line in lines}
    return {label: value for label, value in values.items() if value}


async def registered(city: Caller) -> str:
    return str((await city.register(external_id="")).json()["number"])


async def dispatched(city: Caller, number: str) -> httpx.Response:
    body = {"request_id": "d", "unit": POWER, "basis": "PD-023"}
    return await city.post(f"/claims/{number}/dispatch", body, Role.OPERATOR)


async def test_a_claim_stalled_by_a_bad_build_is_seen_and_goes_on_with_a_good_one(
    city: Caller, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as bad_build:
        bad_build.setattr(procedure, "act", fails)
        async with working(city, client):
            number = await registered(city)
            assert (await dispatched(city, number)).status_code == 202
            with structlog.testing.capture_logs() as told:
                assert "Claim 1 个" in await alarmed(city, "停滞")
            assert await gauges(city, "zaoying_workflows_stalled") == {"Claim": 1}
            for _ in range(3):  # each new signal resets the server's count of attempts
                answer = await dispatched(city, number)
                assert answer.status_code == 202
                assert "已告知管理员" in answer.json()["detail"]
    line = next(line for line in told if line["event"] == "workflows-stalled")
    assert (line["log_level"], line["workflows"]) == ("error", [workflow_id(number)])
    async with working(city, client):
        await quiet(city, "停滞")
        assert (await dispatched(city, number)).json()["stage"] == "handling"
    assert await gauges(city, "zaoying_workflows_stalled") == {}


@workflow.defn(dynamic=True)
class AnyWorkflow:
    """Every workflow of a broken build."""

    @workflow.run
    async def run(self, _: Sequence[RawValue]) -> None:
        raise ValueError("a bad build")


async def test_a_stalled_workflow_of_any_type_is_counted_by_its_type(city: Caller, client: Client) -> None:
    types = ["ArchiveSweep", "CalendarUpdate", "Claim", "Unit"]
    queue = city.settings.task_queue
    bad_build = Worker(
        client,
        task_queue=queue,
        workflows=[AnyWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )

    async def counted() -> bool:
        return await gauges(city, "zaoying_workflows_stalled") == dict.fromkeys(types, 1)

    async with bad_build, patience():
        handles = [
            await client.start_workflow(name, id=f"{name}-{queue}", task_queue=queue) for name in types
        ]
        await until(counted)
    for handle in handles:
        await handle.terminate()
    await quiet(city, "停滞")


@pytest.mark.parametrize(
    ("module", "function", "activity"),
    [
        (activities.deadlines, "schedule", "fix_deadlines"),
        (activities.records, "write_change", "record_change"),
    ],
)
async def test_an_activity_that_keeps_failing_is_seen_until_it_succeeds(
    city: Caller,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    function: str,
    activity: str,
) -> None:
    async with working(city, client):
        with monkeypatch.context() as bad_times:
            bad_times.setattr(module, function, fails)
            number = await registered(city)
            await dispatched(city, number)
            with structlog.testing.capture_logs() as told:
                assert f"{activity} " in await alarmed(city, "反复失败")
                await assert_nobody_else_ends_the_alarm(city, client)
            failing = await gauges(city, "zaoying_activities_failing")
            assert failing.keys() == {activity}
            assert failing[activity] >= 1
        await quiet(city, "反复失败")
        await until(lambda: is_settled(client, number))
    line = next(line for line in told if line["event"] == "activities-failing")
    assert (set(line["workflows"]), set(line["errors"])) == ({workflow_id(number)}, {"ValueError"})
    assert await gauges(city, "zaoying_activities_failing") == {}


async def assert_nobody_else_ends_the_alarm(city: Caller, client: Client) -> None:
    """Check that a stranger cannot report success in a worker's name."""
    stranger = Client(client.service_client, namespace=client.namespace, data_converter=STRANGERS)
    reports = stranger.get_workflow_handle(failing_activities_id(city.settings.task_queue))
    await reports.signal(REPORT, FailureReport(worker=client.identity))

    async def is_read() -> bool:
        kinds = [event.event_type async for event in reports.fetch_history_events()]
        sent = len(kinds) - kinds[::-1].index(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
        return EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED in kinds[sent:]

    await until(is_read)
    assert (await reports.describe()).status is WorkflowExecutionStatus.RUNNING


async def is_settled(client: Client, number: str) -> bool:
    found = await client.get_workflow_handle(workflow_id(number)).describe()
    return not found.raw_description.pending_activities


async def test_without_the_server_nothing_is_claimed_of_what_stalls(api: Caller) -> None:
    assert (await api.get("/health/ready")).json()["alarms"] == []
    text = (await api.get("/metrics", Role.ADMIN)).text
    assert 'zaoying_workflows_stalled{type="Claim"} NaN' in text
    assert 'zaoying_activities_failing{activity="fix_deadlines"} NaN' in text
