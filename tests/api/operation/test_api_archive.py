"""A history close to deletion raises an alarm in readiness, metrics and log."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
import structlog
from temporalio.client import Client

from activities.archive.closed_executions import at_risk, closed_runs_query, list_runs
from activities.archive.sweep import Sweeper
from claims.model.terms import Role
from records.database.engine import Records, open_records
from runtime.connection import FrontendAddress, connect
from runtime.settings import Settings
from service_layer.clock import now
from tests.support.api.api_caller import Caller, calling
from tests.support.polling import PATIENCE, eventually
from tools import namespaces
from tools.dev_server import DevServer
from workflows.search_attributes import SEARCH_ATTRIBUTES

DAY = timedelta(days=1)

pytestmark = pytest.mark.rule("R70")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def brief(server: DevServer) -> Client:
    """A namespace that keeps closed claims for one day: each is at risk as soon as it closes."""
    client = await connect(FrontendAddress(server.target, namespace=f"brief-{uuid4().hex[:8]}"))
    await namespaces.prepare(client, DAY, SEARCH_ATTRIBUTES)
    return client


@pytest_asyncio.fixture(loop_scope="session")
async def city(server: DevServer, brief: Client, tmp_path: Path) -> AsyncIterator[Caller]:
    settings = Settings(
        home=tmp_path,
        temporal_address=server.target,
        namespace=brief.namespace,
        task_queue=f"alarm-{tmp_path.name}",
        action_timeout=PATIENCE,
    )
    async with calling(settings) as caller:
        yield caller


async def close_one(client: Client) -> None:
    """Run a claim's workflow that closes at once."""
    before = len(await list_runs(client, closed_runs_query()))
    handle = await client.start_workflow("Claim", id=f"claim-{uuid4().hex}", task_queue="nobody")
    await handle.terminate()
    await eventually(lambda: list_runs(client, closed_runs_query()), lambda found: len(found) > before)


async def gauge(city: Caller, name: str) -> float:
    text = (await city.get("/metrics", Role.ADMIN)).text
    line = next(line for line in text.splitlines() if line.startswith(f"{name} "))
    return float(line.split()[1])


async def test_a_closed_claim_that_nobody_archives_raises_the_alarm_until_it_is_archived(
    city: Caller, brief: Client, tmp_path: Path
) -> None:
    assert (await city.get("/health/ready")).json()["archive"] is True
    await close_one(brief)
    with structlog.testing.capture_logs() as told:
        ready = (await city.get("/health/ready")).json()
    assert ready["archive"] is False
    assert "1 份已结束的历史尚未归档" in ready["alarms"][0]
    assert await gauge(city, "zaoying_archive_in_danger") == 1
    assert await gauge(city, "zaoying_archive_swept_timestamp_seconds") == 0
    assert [line["log_level"] for line in told if line["event"] == "archive-in-danger"] == ["error"]
    await swept(brief, tmp_path)
    ready = (await city.get("/health/ready")).json()
    assert (ready["archive"], ready["alarms"]) == (True, [])
    assert await gauge(city, "zaoying_archive_in_danger") == 0
    assert await gauge(city, "zaoying_archive_entries") == 1
    assert await gauge(city, "zaoying_archive_swept_timestamp_seconds") > 0


async def swept(client: Client, home: Path) -> None:
    with open_records(f"sqlite:///{home / 'records.db'}") as records:
        await sweeper_of(client, records, home).sweep()


def sweeper_of(client: Client, records: Records, home: Path) -> Sweeper:
    return Sweeper(client, records, str(home / "archive"), clock=now, code_version="0.1.0")


async def test_without_the_server_nothing_is_claimed_of_the_archive(api: Caller) -> None:
    ready = (await api.get("/health/ready")).json()
    assert (ready["archive"], ready["alarms"]) == (None, [])
    text = (await api.get("/metrics", Role.ADMIN)).text
    assert "zaoying_archive_in_danger NaN" in text


async def test_only_the_last_day_before_the_server_forgets_is_dangerous(brief: Client) -> None:
    """Nothing closed today is deleted within a day if the retention is a week."""
    await close_one(brief)
    await namespaces.keep_closed_workflows(brief, timedelta(days=7))
    in_time, too_late = now() + 5 * DAY, now() + 6 * DAY + timedelta(minutes=1)
    assert await at_risk(brief, None, in_time) == 0
    assert await at_risk(brief, None, too_late) > 0
    assert await at_risk(brief, now(), too_late) == 0
    await namespaces.keep_closed_workflows(brief, DAY)
