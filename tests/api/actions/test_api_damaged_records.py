"""Acts on a claim whose records were edited by hand, or restored from a backup older than the claim."""

from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from claims.model.claim import Claim
from claims.model.terms import Role
from records.database.engine import Records, open_records
from records.errors import RecordsUnavailable
from records.queries import claims
from records.reconciliation.repair import forget_claim
from records.tables import CLAIM
from runtime.settings import Settings
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.people import POWER
from tests.support.polling import PATIENCE, until
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker


@pytest_asyncio.fixture(loop_scope="session")
async def records(tmp_path: Path) -> AsyncIterator[Records]:
    with open_records(Settings(home=tmp_path).records_url) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def city(server: DevServer, client: Client, records: Records, tmp_path: Path) -> AsyncIterator[Caller]:
    settings = Settings(
        home=tmp_path, temporal_address=server.target, task_queue=tmp_path.name, action_timeout=PATIENCE
    )
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller


def edit(records: Records, number: str) -> None:
    with records.writing() as connection:
        connection.execute(CLAIM.update().where(CLAIM.c.number == number).values(snapshot="nonsense"))


def recorded(records: Records, number: str) -> Claim | None:
    try:
        return claims.snapshot(records, number)
    except RecordsUnavailable:
        return None


@pytest.mark.rule("R10")
@pytest.mark.parametrize("damage", [edit, forget_claim])
async def test_an_act_reaches_its_claim_and_mends_its_records(
    city: Caller, records: Records, damage: Callable[[Records, str], None]
) -> None:
    number = str((await city.register()).json()["number"])
    body = {"request_id": "d", "unit": POWER, "basis": "PD-023"}
    sent = await city.post(f"/claims/{number}/dispatch", body, Role.OPERATOR)
    dispatched = sent.json()["stage"]

    async def is_written() -> bool:
        return recorded(records, number) is not None

    await until(is_written)
    damage(records, number)
    said = {"request_id": "p", "summary": "正在办理"}
    async with calling(city.settings) as another:  # it has not just seen the claim
        answer = await another.post(f"/claims/{number}/progress", said, Role.HANDLER, at=POWER)
    assert (answer.status_code, answer.json()["stage"]) == (200, dispatched)
    await until(is_written)
