"""A claim whose workflow was ended by hand is not dropped in silence: who acts on it is told, and so is who watches."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import structlog
from temporalio.client import Client

from activities.addresses import workflow_id
from claims.terms import Role
from records.engine import open_records
from settings import Settings
from tests.api.caller import Caller, calling
from tests.patience import PATIENCE, until
from tests.people import POWER
from tests.resetting import reset
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker

pytestmark = pytest.mark.rule("R10")


@pytest_asyncio.fixture(loop_scope="session")
async def city(server: DevServer, client: Client, tmp_path: Path) -> AsyncIterator[Caller]:
    settings = Settings(
        home=tmp_path, temporal_address=server.target, task_queue=tmp_path.name, action_timeout=PATIENCE
    )
    records = open_records(settings.records_url)
    with records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller


async def replied(city: Caller, number: str) -> httpx.Response:
    body = {"request_id": "r", "text": "正在办理"}
    return await city.post(f"/claims/{number}/reply", body, Role.HANDLER, at=POWER)


async def test_a_claim_that_was_ended_by_hand_says_so_until_it_is_reset(city: Caller, client: Client) -> None:
    number = str((await city.register(external_id="")).json()["number"])
    body = {"request_id": "d", "unit": POWER, "basis": "PD-023"}
    assert (await city.post(f"/claims/{number}/dispatch", body, Role.OPERATOR)).status_code == 200

    async def alarms() -> list[str]:
        found: list[str] = (await city.get("/health/ready")).json()["alarms"]
        return [alarm for alarm in found if "流程已被停止" in alarm]

    async def is_alarmed() -> bool:
        return bool(await alarms())

    async def is_quiet() -> bool:
        return not await alarms()

    assert await is_quiet()
    await client.get_workflow_handle(workflow_id(number)).terminate("by mistake")
    answer = await replied(city, number)
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "工单尚未办结，但其流程已被停止，暂不能答复企业",
    )
    await until(is_alarmed)
    with structlog.testing.capture_logs() as told:
        assert (await alarms())[0].startswith("1 件")
    assert [line["claims"] for line in told if line["event"] == "workflows-stopped"] == [[number]]
    assert 'zaoying_workflows_stopped{kind="claim"} 1.0' in (await city.get("/metrics", Role.ADMIN)).text
    await reset(client, workflow_id(number))
    await until(is_quiet)
    assert (await replied(city, number)).json()["stage"] == "handling"
    assert 'zaoying_workflows_stopped{kind="claim"} 0.0' in (await city.get("/metrics", Role.ADMIN)).text


async def test_without_the_server_nothing_is_claimed_of_what_runs(api: Caller) -> None:
    assert (await api.get("/health/ready")).json()["alarms"] == []
    assert 'zaoying_workflows_stopped{kind="claim"} NaN' in (await api.get("/metrics", Role.ADMIN)).text
