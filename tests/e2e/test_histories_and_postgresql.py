"""Histories and records on PostgreSQL: its server dies during claims' steps and comes back without lost or
doubled steps; damaged or deleted records are rebuilt from the histories.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from temporalio.client import Client

from activities.records import RECORD_CHANGE
from activities.workflow_ids import workflow_id
from audit.histories.collector import HistoryCollector
from audit.verification.read_model import Comparison
from claims.model.claim_parts import Closure
from claims.model.events import EventKind
from claims.model.terms import Action, LimitKind, Role
from records import tables
from records.contents import ContentStore
from records.database.engine import Records, open_records
from records.queries.claims import find_claims
from records.queries.filters import ClaimFilter
from records.reconciliation.comparison import compare_claim
from runtime.connection import connect
from runtime.settings import Settings
from service_layer.clock import now
from tests.support.api.api_caller import Caller, calling
from tests.support.archive.closed_claims import RETENTION
from tests.support.claims.people import POWER, usual
from tests.support.polling import patience, until
from tests.support.records.damage import READ_MODEL, damage
from tests.support.records.postgres import Cluster, running_cluster
from tests.support.workflows.claim_play import A_MOMENT, Play
from tools import namespaces
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker
from workflows.search_attributes import SEARCH_ATTRIBUTES

CLAIMS, LATE = 6, 2
ACTS = 8
SOON = timedelta(minutes=1)


@dataclass
class City:
    """The system with its records on a separate server, and the answers to its users."""

    cluster: Cluster
    records: Records
    caller: Caller
    client: Client
    told: list[int] = field(default_factory=list)

    async def act(self, number: str, action: Action, role: Role, request_id: str) -> int:
        """Send an action once and return the answer."""
        body = {**usual(action, now()), "request_id": request_id}
        at = POWER if role is Role.HANDLER else ""
        answer = await self.caller.post(f"/claims/{number}/{action}", body, role, at=at)
        self.told.append(answer.status_code)
        return answer.status_code

    async def must(self, number: str, action: Action, role: Role, request_id: str) -> None:
        """Send an action until it succeeds."""
        async with patience():
            while (status := await self.act(number, action, role, request_id)) != 200:
                assert status in (202, 503)
                await asyncio.sleep(0.05)

    def play(self, number: str) -> Play:
        """Return the claim's workflow for a query besides its records."""
        handle = self.client.get_workflow_handle(workflow_id(number), result_type=Closure)
        return Play(handle, self.client, number, self.records)

    async def is_waiting_for_records(self, number: str) -> bool:
        """Return whether an attempt to record a step has failed."""
        found = await self.client.get_workflow_handle(workflow_id(number)).describe()
        pending = found.raw_description.pending_activities
        return any(one.activity_type.name == RECORD_CHANGE and one.attempt > 1 for one in pending)

    async def has_lit_up(self, number: str) -> bool:
        """Return whether the claim's timer has fired."""
        return bool(await self.play(number).lights())


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A server that this module may kill; its commits are durable."""
    with running_cluster() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(
    server: DevServer, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[City]:
    settings = Settings(
        home=tmp_path_factory.mktemp("away"),
        database_url=cluster.create(),
        temporal_address=server.target,
        namespace=f"away-{uuid4().hex[:8]}",
        virtual_time=True,
    )
    client = await connect(settings)
    await namespaces.prepare(client, RETENTION, SEARCH_ATTRIBUTES)
    with open_records(settings.records_url) as records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads), calling(settings) as caller:
            yield City(cluster, records, caller, client)


async def all_of(condition: Callable[[str], Awaitable[bool]], numbers: Sequence[str]) -> None:
    """Wait until the condition holds for each claim."""
    for number in numbers:
        await until(partial(condition, number))


async def dispatched(city: City, n: int) -> str:
    answer = await city.caller.register(external_id=f"AWAY-{n}")
    assert answer.status_code == 201, answer.text
    number = str(answer.json()["number"])
    await city.must(number, Action.DISPATCH, Role.OPERATOR, "dispatch")
    return number


@pytest.mark.rule("R31")
async def test_a_database_that_goes_away_in_the_midst_of_steps_loses_none_and_doubles_none(
    city: City,
) -> None:
    numbers = [await dispatched(city, n) for n in range(CLAIMS)]
    late, busy = numbers[:LATE], numbers[LATE:]
    for number in late:
        play = city.play(number)
        await play.until(await play.due(LimitKind.CONTACT) - SOON)
    requests = [f"act-{n}" for n in range(ACTS)]
    before = len(city.told)

    async def series(number: str) -> None:
        for request_id in requests:
            await city.must(number, Action.PROGRESS, Role.HANDLER, request_id)

    async with asyncio.TaskGroup() as acts:
        for number in busy:
            acts.create_task(series(number))
        while len(city.told) < before + len(busy):
            await asyncio.sleep(0.001)
        city.cluster.kill()
        killed = len(city.told)
        await all_of(city.is_waiting_for_records, busy)
        assert (await city.caller.register(external_id="AWAY-NEW")).status_code == 503
        await asyncio.gather(*(city.play(number).wait(SOON + A_MOMENT / 60) for number in late))
        await all_of(city.has_lit_up, late)
        await all_of(city.is_waiting_for_records, late)
        meanwhile = set(city.told[killed:])
        await asyncio.to_thread(city.cluster.start)
    assert meanwhile & {200, 202}, meanwhile
    for number in numbers:
        entries = await city.play(number).entries()
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        progress = [entry.request_id for entry in entries if entry.kind is EventKind.PROGRESSED]
        assert progress == (requests if number in busy else [])
        assert [entry.kind for entry in entries].count(EventKind.LETTER_ISSUED) == (number in late)
    found = await compared(city, city.records).check()
    assert (found.claims, found.units, found.differences) == (CLAIMS, 1, [])
    assert found.is_sound, found


def compared(city: City, records: Records) -> Comparison:
    """Compare records and histories of claims and units."""
    return Comparison(
        records,
        ContentStore(city.caller.settings.attachments),
        HistoryCollector(None, city.client),
        settle=0.2,
        data_converter=city.client.data_converter,
    )


@pytest.mark.rule("R70")
async def test_records_on_postgresql_are_held_against_the_histories_and_made_anew(city: City) -> None:
    number = await dispatched(city, CLAIMS)
    play = city.play(number)
    await play.wait_out(LimitKind.CONTACT)
    await play.entries()
    assert (await compared(city, city.records).check()).differences == []
    wrong = {damage(city.records, table) for table in READ_MODEL}
    with city.records.writing() as connection:
        light = dict(connection.execute(select(tables.LIGHT).limit(1)).mappings().one())
        connection.execute(insert(tables.LIGHT).values({**light, "id": f"{light['id']}-forged"}))
    found = await compared(city, city.records).check()
    assert {(str(one.kind), one.table) for one in found.differences} == wrong | {("surplus", "light")}
    assert (await compared(city, city.records).rebuild()).is_sound
    assert (await compared(city, city.records).check()).differences == []


@pytest.mark.rule("R10", "R70")
async def test_an_empty_database_on_postgresql_is_filled_from_the_histories(city: City) -> None:
    number = await dispatched(city, CLAIMS + 1)
    await city.play(number).asleep()
    url = city.cluster.create()
    with open_records(url) as anew:
        rebuilt = await compared(city, anew).rebuild()
        assert (rebuilt.is_sound, rebuilt.rewritten) == (True, rebuilt.claims + rebuilt.units)
        found = [row.number for row in find_claims(anew, ClaimFilter(text="变压器")).rows]
        assert number in found
        assert found == [row.number for row in find_claims(city.records, ClaimFilter(text="变压器")).rows]
        assert list(compare_claim(city.records, anew, number)) == []
