"""Whatever dies, and whenever: what was acknowledged is there, once, and goes on when all is back."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import httpx
import pytest
from temporalio.testing import TimeSkipper

from activities.addresses import workflow_id
from claims.terms import Action, Role
from embedded import Embedded
from tests.e2e.desk import Desk, desk_of, limits, parts, until
from tests.people import POWER
from tests.sqlite_lock import locked
from worker import connect

KILLS = 3
ACTS = 12
BURST = 20
HTTP_ERRORS = frozenset(range(500, 600)) - {503}


@asynccontextmanager
async def kept_up(city: Embedded) -> AsyncIterator[None]:
    """Whatever dies meanwhile is started again."""
    keeper = asyncio.create_task(city.keep_up())
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


async def test_an_act_that_reached_a_claim_without_a_worker_is_done_once_when_one_comes(
    city: Embedded, desk: Desk
) -> None:
    number = await desk.dispatched()
    before = len(await desk.journal(number))
    signalled = asyncio.create_task(desk.progress(number, "first"))
    city.worker.kill()
    assert (await signalled).status_code in (200, 202)
    answer = await desk.progress(number, "second")
    assert answer.status_code == 202
    url = answer.json()["status_url"]
    assert (await desk.ask("GET", url, Role.AUDITOR)).status_code == 202
    city.worker.start()

    async def is_done() -> bool:
        return (await desk.ask("GET", url, Role.AUDITOR)).status_code == 200

    await until(is_done)
    assert (await desk.ask("GET", url, Role.AUDITOR)).json()["status"] == "accepted"
    assert (await desk.progress(number, "second")).status_code == 200
    entries = await desk.complete_journal(number, before + 2)
    assert [entry["request_id"] for entry in entries[before:]] == ["first", "second"]


async def test_a_worker_killed_again_and_again_loses_nothing_and_does_nothing_twice(
    city: Embedded, desk: Desk
) -> None:
    number = await desk.dispatched()
    before = len(await desk.journal(number))

    async def kill_again_and_again() -> None:
        for _ in range(KILLS):
            await asyncio.sleep(0.3)
            city.worker.kill()
            city.worker.start()

    async def act(n: int) -> None:
        await desk.must(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id=f"act-{n}")

    killing = asyncio.create_task(kill_again_and_again())
    for n in range(ACTS):
        await act(n)
    await killing
    entries = await desk.complete_journal(number, before + ACTS)
    assert [entry["request_id"] for entry in entries[before:]] == [f"act-{n}" for n in range(ACTS)]


@pytest.mark.rule("R10")
async def test_an_api_killed_in_a_burst_of_registrations_has_lost_none_that_it_acknowledged(
    city: Embedded, desk: Desk
) -> None:
    async def register(n: int) -> str:
        with suppress(httpx.TransportError):
            answer = await desk.register(external_id=f"burst-{n}")
            return str(answer.json()["number"]) if answer.status_code in (200, 201) else ""
        return ""

    burst = [asyncio.create_task(register(n)) for n in range(BURST)]
    await asyncio.wait(burst, return_when=asyncio.FIRST_COMPLETED)
    city.api.kill()
    acknowledged = await asyncio.gather(*burst)
    city.api.start()
    await until(desk.is_ready)
    again = [(await desk.register(external_id=f"burst-{n}")).json()["number"] for n in range(BURST)]
    assert [number for number, first in zip(again, acknowledged, strict=True) if first] == [
        first for first in acknowledged if first
    ]
    assert len(set(again)) == BURST
    for number in again:
        assert (await desk.live_view(number))["stage"] == "registered"


@pytest.mark.rule("R31")
async def test_a_killed_server_has_its_timers_again_and_they_ring_at_their_instants(
    city: Embedded, desk: Desk
) -> None:
    number = await desk.dispatched()
    before = limits(await desk.live_view(number))
    assert city.server is not None
    assert city.server.pid is not None
    async with kept_up(city):
        os.kill(city.server.pid, signal.SIGKILL)
        meanwhile = await desk.progress(number, "meanwhile")
        assert meanwhile.status_code in (200, 202, 503)
        await until(desk.is_ready)
        assert limits(await desk.live_view(number)) == before
        client = await connect(city.settings)
        skipper = TimeSkipper(client)
        await skipper.fast_forward(client.get_workflow_handle(workflow_id(number)), timedelta(days=4))
        lit = await desk.live_view(number)
    lights = {(str(light["limit"]), str(light["colour"])): light["at"] for light in parts(lit, "lights")}
    assert lights["contact", "yellow"] == before["contact"][0]
    assert not HTTP_ERRORS & {answer.status_code for answer in desk.answers}


@pytest.mark.rule("R10")
async def test_what_comes_while_the_server_is_away_gets_its_number_and_starts_later(
    city: Embedded, desk: Desk
) -> None:
    assert city.server is not None
    await city.server.stop()
    answer = await desk.register(external_id="while-away")
    number = answer.json()["number"]
    assert (answer.status_code, (await desk.view(number))["stale"]) == (201, True)
    refused = await desk.act(number, Action.DISPATCH, Role.OPERATOR)
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    await city.server.start()
    await desk.must(number, Action.DISPATCH, Role.OPERATOR)
    assert (await desk.live_view(number))["stage"] == "handling"


async def test_a_database_that_does_not_answer_delays_the_journal_and_no_act(
    city: Embedded, desk: Desk
) -> None:
    number = await desk.dispatched()
    before = len(await desk.journal(number))
    async with locked(city.settings.home / "records.db"):
        for n in range(3):
            answer = await desk.progress(number, f"locked-{n}")
            assert answer.status_code in (200, 202, 503), answer.text
    for n in range(3):
        await desk.must(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id=f"locked-{n}")
    entries = await desk.complete_journal(number, before + 3)
    assert [entry["request_id"] for entry in entries[before:]] == [f"locked-{n}" for n in range(3)]


async def test_everything_at_once_dies_and_the_claims_go_on(city: Embedded, desk: Desk) -> None:
    numbers = [await desk.dispatched() for _ in range(3)]
    before = [limits(await desk.live_view(number)) for number in numbers]
    assert city.server is not None
    assert city.server.pid is not None
    async with kept_up(city):
        for program in (city.worker, city.api):
            program.kill()
        os.kill(city.server.pid, signal.SIGKILL)
        await until(desk.is_ready)
        async with desk_of(city) as fresh:
            for number, held in zip(numbers, before, strict=True):
                await fresh.must(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id="after")
                view = await fresh.live_view(number)
                assert limits(view) == held
                assert datetime.fromisoformat(str(view["now"])).tzinfo is not None
