"""An edition published over HTTP reaches a running claim, and the list shows when all have adopted it."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from activities.workflow_ids import workflow_id
from claims.editions.edition import built_in_policy
from claims.model.terms import Action, Role
from records.database.engine import open_records
from records.queries.edition_claims import awaits_built_in_editions
from runtime.settings import Settings
from service_layer.background.edition_update_sweep import EditionUpdateSweep
from service_layer.clock import now
from tests.support.api.api_caller import Caller, calling
from tests.support.claims.editions import raw_edition
from tests.support.claims.people import OPERATOR, order, usual
from tests.support.polling import PATIENCE, eventually
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker
from workflows.edition_update import edition_update_id
from workflows.messages import CURRENT_PROTOCOL, Opening
from workflows.search_attributes import PUBLISHED


@pytest.fixture
def settings_of_town(server: DevServer, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        temporal_address=server.target,
        task_queue=f"town-{tmp_path.name}",
        action_timeout=PATIENCE,
    )


@pytest_asyncio.fixture(loop_scope="session")
async def town(client: Client, settings_of_town: Settings) -> AsyncIterator[Caller]:
    """An API and a worker with their own records and numbers."""
    settings = settings_of_town
    with open_records(settings.records_url) as records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield caller


async def working_days(town: Caller, number: str) -> int:
    view = (await town.get(f"/claims/{number}", Role.AUDITOR)).json()
    return next(int(limit["working_days"]) for limit in view["limits"] if limit["kind"] == "resolve")


@pytest.mark.rule("R6", "R7")
async def test_a_publication_reaches_a_running_claim(town: Caller, client: Client) -> None:
    number = (await town.register(external_id="")).json()["number"]
    body = {"request_id": "d1", **usual(Action.DISPATCH, now())}
    assert (await town.post(f"/claims/{number}/dispatch", body, Role.OPERATOR)).status_code == 200
    await eventually(
        lambda: town.get(f"/claims/{number}/journal", Role.AUDITOR), lambda found: "解决时限" in found.text
    )
    id = f"e-{now():%H%M%S}"
    edition = {"request_id": "e1", **raw_edition(id, in_force_from=now().isoformat(), reaches="open")}
    assert await working_days(town, number) == 10
    told = await town.post("/editions", edition, Role.COORDINATOR)
    assert (told.status_code, told.json()["open_claims"]) == (201, 1)
    found = await eventually(
        lambda: town.get(f"/claims/{number}/journal", Role.AUDITOR), lambda found: "重新计算" in found.text
    )
    assert f"执行规定版本 {id}" in found.text
    assert await working_days(town, number) == 8
    await EditionUpdateSweep(
        town.app.state.services
    ).run()  # joins the update, whose second sweep has not run yet
    shown = (await town.get("/editions", Role.AUDITOR)).json()[3]
    assert (shown["in_force"], shown["finished_at"]) == (True, None)
    handle = client.get_workflow_handle(edition_update_id(id))
    assert (await handle.describe()).typed_search_attributes.get(PUBLISHED) == id
    await handle.terminate("its worker ends with this test")


@pytest.mark.rule("R7")
async def test_a_release_brings_its_own_edition_to_the_claims_that_are_open_by_then(
    town: Caller, client: Client, settings_of_town: Settings
) -> None:
    number = f"QH3{now():%H%M%S%f}"
    opening = Opening(
        number=number, order=order(), actor=OPERATOR, policy=built_in_policy(1), protocol=CURRENT_PROTOCOL
    )
    await client.start_workflow(
        "Claim", opening, id=workflow_id(number), task_queue=settings_of_town.task_queue
    )
    services = town.app.state.services
    await eventually(lambda: services.records.run(awaits_built_in_editions), lambda is_awaited: is_awaited)
    sweep = EditionUpdateSweep(services)
    for _ in range(2):
        await sweep.run()
    await eventually(
        lambda: town.get(f"/claims/{number}/journal", Role.AUDITOR), lambda found: "2021-4-2" in found.text
    )
    journal = (await town.get(f"/claims/{number}/journal", Role.AUDITOR)).text
    assert journal.count('"kind":"edition-adopted"') == 1
    assert not await services.records.run(awaits_built_in_editions)
    await client.get_workflow_handle(edition_update_id("2021-4-2")).terminate(
        "its worker ends with this test"
    )
