"""A whole claim with records on PostgreSQL: worker, API and server as usual."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from claims.model.terms import Action, Role
from records.database.engine import open_records
from runtime.settings import Settings
from service_layer.clock import now
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.people import POWER, usual
from tests.support.polling import PATIENCE, eventually
from tests.support.records.postgres import Cluster
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker


@pytest_asyncio.fixture(loop_scope="session")
async def city(server: DevServer, client: Client, tmp_path: Path, postgres: Cluster) -> AsyncIterator[Caller]:
    """Differs only in `database_url`; the database is empty at first."""
    settings = Settings(
        home=tmp_path,
        database_url=postgres.create("template1"),
        temporal_address=server.target,
        task_queue="on-postgresql",
        action_timeout=PATIENCE,
    )
    with open_records(settings.records_url) as records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller
    postgres.drop(settings.records_url)


async def register(city: Caller) -> str:
    answer = await city.register(external_id="PG-1")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


@pytest.mark.rule("R10", "R20", "R40")
async def test_a_claim_lives_its_whole_life_on_postgresql(city: Caller) -> None:
    number = await register(city)
    assert (await city.register(external_id="PG-1")).json()["number"] == number
    way = [
        (Action.DISPATCH, Role.OPERATOR, "", "handling"),
        (Action.SIGN_FOR, Role.HANDLER, POWER, "handling"),
        (Action.CONTACT, Role.HANDLER, POWER, "handling"),
        (Action.REPLY, Role.HANDLER, POWER, "handling"),
        (Action.FEEDBACK, Role.HANDLER, POWER, "call-back"),
        (Action.CALL_BACK, Role.CALLER, "", "closed"),
    ]
    for action, role, at, stage in way:
        body = {"request_id": f"{action}-{number}", **usual(action, now())}
        answer = await city.post(f"/claims/{number}/{action}", body, role, at=at)
        assert (answer.status_code, answer.json()["stage"]) == (200, stage), answer.text
    await eventually(  # the records follow the claim
        lambda: city.get(f"/claims/{number}/journal", Role.AUDITOR), lambda found: '"closed"' in found.text
    )
    listed = (await city.get("/claims", Role.HANDLER, at=POWER, text="变压器", stage="closed")).json()
    assert [row["number"] for row in listed["claims"]] == [number]
    journal = (await city.get(f"/claims/{number}/journal", Role.AUDITOR)).json()["entries"]
    assert [entry["seq"] for entry in journal] == list(range(1, len(journal) + 1))
    assert journal[-1]["kind"] == "closed"
    notices = (await city.get("/notices", Role.ADMIN, claim=number)).json()["notices"]
    assert POWER in {notice["unit"] for notice in notices}
