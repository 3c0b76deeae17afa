"""A claim whose workflow was terminated by hand is reported to its users and to monitoring."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import structlog
from temporalio.client import Client

from activities.workflow_ids import workflow_id
from claims.model.terms import Role
from records.accounts import unit_account
from records.database.engine import open_records
from runtime.settings import Settings
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.offline_unit_account import light
from tests.support.claims.people import POWER
from tests.support.polling import PATIENCE, until
from tests.support.workflows.unit_play import report
from tests.support.workflows.workflow_reset import reset
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker


@pytest_asyncio.fixture(loop_scope="session")
async def city(server: DevServer, client: Client, tmp_path: Path) -> AsyncIterator[Caller]:
    settings = Settings(
        home=tmp_path, temporal_address=server.target, task_queue=tmp_path.name, action_timeout=PATIENCE
    )
    records = open_records(settings.records_url)
    with records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller


async def alarms(city: Caller) -> list[str]:
    found: list[str] = (await city.get("/health/ready")).json()["alarms"]
    return [alarm for alarm in found if "流程已被停止" in alarm]


async def alarmed(city: Caller) -> None:
    async def is_alarmed() -> bool:
        return bool(await alarms(city))

    await until(is_alarmed)


async def quiet(city: Caller) -> None:
    async def is_quiet() -> bool:
        return not await alarms(city)

    await until(is_quiet)


async def counted(city: Caller, kind: str) -> float:
    text = (await city.get("/metrics", Role.ADMIN)).text
    name = f'zaoying_workflows_stopped{{kind="{kind}"}} '
    return float(next(line for line in text.splitlines() if line.startswith(name)).removeprefix(name))


@pytest.mark.rule("R10")
async def test_a_claim_that_was_ended_by_hand_says_so_until_it_is_reset(city: Caller, client: Client) -> None:
    number = str((await city.register(external_id="")).json()["number"])
    body = {"request_id": "d", "unit": POWER, "basis": "PD-023"}
    assert (await city.post(f"/claims/{number}/dispatch", body, Role.OPERATOR)).status_code == 200

    async def replied() -> httpx.Response:
        said = {"request_id": "r", "text": "正在办理"}
        return await city.post(f"/claims/{number}/reply", said, Role.HANDLER, at=POWER)

    await quiet(city)
    await client.get_workflow_handle(workflow_id(number)).terminate("by mistake")
    answer = await replied()
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "工单尚未办结，但其流程已被停止，暂不能答复企业",
    )
    await alarmed(city)
    with structlog.testing.capture_logs() as told:
        assert (await alarms(city))[0].startswith("1 件未办结工单的流程")
    assert [line["claims"] for line in told if line["event"] == "workflows-stopped"] == [[number]]
    assert await counted(city, "claim") == 1
    await reset(client, workflow_id(number))
    await quiet(city)
    assert (await replied()).json()["stage"] == "handling"
    assert await counted(city, "claim") == 0


@pytest.mark.rule("R35", "R37")
async def test_a_units_account_that_was_ended_by_hand_says_so_until_it_is_reset(
    city: Caller, client: Client
) -> None:
    unit, first = "ZZ-GJJ", light("Mon 2026-11-02", "QH1").model_copy(update={"unit": "ZZ-GJJ"})
    handle = await report(client, city.settings.task_queue, first)

    async def is_on_record() -> bool:
        return await city.app.state.services.records.run(unit_account, unit) is not None

    async def revoked() -> httpx.Response:
        word = {"request_id": "v", "light": first.id, "reason": "平台责任"}
        return await city.post(f"/units/{unit}/revoke-light", word, Role.SUPERVISOR)

    await until(is_on_record)
    await quiet(city)
    await handle.terminate("by mistake")
    answer = await revoked()
    assert (answer.status_code, answer.json()["detail"]) == (409, "该单位台账的流程已被停止")
    await alarmed(city)
    assert (await alarms(city))[0].startswith("1 个单位台账的流程")
    assert await counted(city, "unit") == 1
    await reset(client, handle.id)
    await quiet(city)
    assert (await revoked()).status_code == 200


async def test_without_the_server_nothing_is_claimed_of_what_runs(api: Caller) -> None:
    assert (await api.get("/health/ready")).json()["alarms"] == []
    assert 'zaoying_workflows_stopped{kind="claim"} NaN' in (await api.get("/metrics", Role.ADMIN)).text
