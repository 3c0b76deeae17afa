"""A calendar published over HTTP reaches a running claim, and its progress is reported."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from calendar_rules import SHANGHAI
from claims.model.terms import Action, Role
from records.database.engine import open_records
from runtime.settings import Settings
from service_layer.background.calendar_update_sweep import sweep
from service_layer.clock import now
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.people import usual
from tests.support.polling import PATIENCE, eventually
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker
from workflows.calendar_update import update_id
from workflows.search_attributes import PUBLISHED


@pytest_asyncio.fixture(loop_scope="session")
async def town(server: DevServer, client: Client, tmp_path: Path) -> AsyncIterator[Caller]:
    """An API and a worker with their own records and numbers."""
    settings = Settings(
        home=tmp_path,
        temporal_address=server.target,
        task_queue=f"town-{tmp_path.name}",
        action_timeout=PATIENCE,
    )
    with open_records(settings.records_url) as records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller


async def resolve_of(town: Caller, number: str) -> dict[str, str]:
    view = (await town.get(f"/claims/{number}", Role.AUDITOR)).json()
    return next(limit for limit in view["limits"] if limit["kind"] == "resolve")


@pytest.mark.rule("R1", "R6")
async def test_a_publication_moves_a_running_claims_limit(town: Caller, client: Client) -> None:
    number = (await town.register(external_id="")).json()["number"]
    body = {"request_id": "d1", **usual(Action.DISPATCH, now())}
    assert (await town.post(f"/claims/{number}/dispatch", body, Role.OPERATOR)).status_code == 200
    before = await resolve_of(town, number)
    correction = {
        "request_id": "c1",
        "published": f"{now().astimezone(SHANGHAI):%Y-%m-%d}",
        "source": "虚构的更正，仅供测试",
        "days_off": [before["last_day"]],
    }
    await until_on_record(town, number)
    told = (await town.post("/calendar/arrangements", correction, Role.COORDINATOR)).json()
    assert told["touched"] == 1
    answer = await eventually(
        lambda: town.get(told["status_url"], Role.ADMIN), lambda found: not found.json()["remaining"]
    )
    status = answer.json()
    after = await resolve_of(town, number)
    assert after["last_day"] > before["last_day"]
    assert after["calendar_version"] == told["version"] == status["version"]
    assert status["state"] == "running"  # the second sweep has not run yet
    assert await sweep(town.app.state.services)  # joins it
    handle = client.get_workflow_handle(update_id(told["version"]))
    assert (await handle.describe()).typed_search_attributes.get(PUBLISHED) == told["version"]
    await handle.terminate("its worker ends with this test")


async def until_on_record(town: Caller, number: str) -> None:
    await eventually(
        lambda: town.get(f"/claims/{number}/journal", Role.AUDITOR), lambda found: "解决时限" in found.text
    )
