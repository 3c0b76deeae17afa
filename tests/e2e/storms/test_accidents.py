"""Any program dies at any time: acknowledged actions are present exactly once, and everything continues after
recovery.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

import httpx
import pytest
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from activities.workflow_ids import workflow_id
from claims.model.terms import Action, Role
from runtime.connection import connect
from runtime.local_stack import LocalStack
from tests.support.api.city_desk import Desk, limits, parts
from tests.support.claims.people import POWER
from tests.support.polling import patience, until
from tests.support.records.sqlite_lock import locked
from workflows.archive import SCHEDULE_ID

KILLS = 3
CLAIMS = 3
ACTS = 8
BURST = 40
DISPATCHED = 4
"""Journal lines of a dispatched claim: both actions, and the limits that each starts."""


@asynccontextmanager
async def kept_up(city: LocalStack) -> AsyncIterator[None]:
    """Run a system that restarts what dies."""
    keeper = asyncio.create_task(city.supervise())
    try:
        yield
    finally:
        keeper.cancel()
        with suppress(asyncio.CancelledError):
            await keeper


async def test_an_act_that_reached_a_claim_without_a_worker_is_done_once_when_one_comes(
    city: LocalStack, desk: Desk
) -> None:
    number = await desk.dispatched()
    before = len(await desk.complete_journal(number, DISPATCHED))
    await desk.must(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id="first")
    city.worker.kill()
    answer = await desk.progress(number, "second")
    url = f"/claims/{number}/outcomes/second"
    assert (answer.status_code, answer.json()["status_url"]) == (202, url)
    assert (await desk.ask("GET", url, Role.AUDITOR)).status_code == 202
    city.worker.start()
    outcome = await desk.insist("GET", url, Role.AUDITOR)
    assert (outcome.status_code, outcome.json()["status"]) == (200, "accepted")
    await desk.must(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id="second")
    entries = await desk.complete_journal(number, before + 2)
    assert [entry["request_id"] for entry in entries[before:]] == ["first", "second"]


async def test_a_worker_that_comes_makes_the_archives_schedule_if_it_is_gone(city: LocalStack) -> None:
    schedule = (await connect(city.settings)).get_schedule_handle(SCHEDULE_ID)

    async def time_zone() -> str | None:
        async with patience():
            while True:
                with suppress(RPCError):
                    return (await schedule.describe()).schedule.spec.time_zone_name
                await asyncio.sleep(0.1)

    assert await time_zone() == "Asia/Shanghai"
    await schedule.delete()
    city.worker.kill()
    city.worker.start()
    assert await time_zone() == "Asia/Shanghai"


async def test_a_worker_killed_again_and_again_loses_nothing_and_does_nothing_twice(
    city: LocalStack, desk: Desk
) -> None:
    numbers = [await desk.dispatched() for _ in range(CLAIMS)]
    before = len(await desk.complete_journal(numbers[0], DISPATCHED))
    requests = [f"act-{n}" for n in range(ACTS)]
    done = 0

    async def series(number: str) -> None:
        nonlocal done
        for request_id in requests:
            await desk.must(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id=request_id)
            done += 1

    async def kill_in_the_midst() -> None:
        async def are_done(count: int) -> bool:
            return done >= count

        for nth in range(1, KILLS + 1):
            await until(partial(are_done, nth * CLAIMS * ACTS // (KILLS + 1)))
            city.worker.kill()
            city.worker.start()

    await asyncio.gather(kill_in_the_midst(), *(series(number) for number in numbers))
    for number in numbers:
        entries = await desk.complete_journal(number, before + ACTS)
        assert [entry["request_id"] for entry in entries[before:]] == requests


@pytest.mark.rule("R10")
async def test_an_api_killed_in_a_burst_of_registrations_has_lost_none_that_it_acknowledged(
    city: LocalStack, desk: Desk
) -> None:
    async def register(n: int) -> str:
        with suppress(httpx.TransportError):
            answer = await desk.register(external_id=f"burst-{n}")
            assert answer.status_code in (201, 503), answer.text
            return str(answer.json().get("number", ""))
        return ""

    there = await desk.count()
    burst = [asyncio.create_task(register(n)) for n in range(BURST)]
    await asyncio.wait(burst, return_when=asyncio.FIRST_COMPLETED)
    city.api.kill()
    acknowledged = await asyncio.gather(*burst)
    assert "" in acknowledged, "the API was killed too late"
    city.api.start()
    await until(desk.is_ready)
    again = await asyncio.gather(*(desk.registered(external_id=f"burst-{n}") for n in range(BURST)))
    assert all(first in ("", number) for number, first in zip(again, acknowledged, strict=True))
    assert len(set(again)) == BURST
    for number in again:
        assert (await desk.view(number))["stage"] == "registered"
    assert await desk.count() == there + BURST


@pytest.mark.rule("R31", "R32")
async def test_a_killed_server_has_its_timers_again_and_they_ring_at_their_instants(
    city: LocalStack, desk: Desk
) -> None:
    number = await desk.dispatched()
    before = limits(await desk.view(number))
    await kill_server(city)
    assert (await desk.progress(number, "meanwhile")).status_code == 503
    assert (await desk.latest_view(number))["stale"] is True
    async with kept_up(city):
        await desk.must(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id="meanwhile")
    assert limits(await desk.view(number)) == before
    assert {"contact", "reply", "resolve"} <= before.keys()
    client = await connect(city.settings)
    handle = client.get_workflow_handle(workflow_id(number))
    await TimeSkipper(client).fast_forward(handle, timedelta(days=14))
    lit = await desk.view(number)
    lights = {(str(light["limit"]), str(light["colour"])): light["at"] for light in parts(lit, "lights")}
    supervised = [part["due_at"] for part in parts(lit, "limits") if part["of"] == "contact"]
    assert lights["contact", "yellow"] == before["contact"][0]
    assert [lights["contact", "red"]] == supervised
    assert lights["reply", "yellow"] == before["reply"][0]


@pytest.mark.rule("R10")
async def test_what_comes_while_the_server_is_away_gets_its_number_and_starts_by_itself_later(
    city: LocalStack, desk: Desk
) -> None:
    assert city.server is not None
    await city.server.stop()
    answer = await desk.register(external_id="while-away")
    number = answer.json()["number"]
    assert (answer.status_code, answer.json()["stale"]) == (201, True)
    refused = await desk.act(number, Action.DISPATCH, Role.OPERATOR)
    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    city.api.kill()
    await city.server.start()
    city.api.start()
    await until(desk.is_ready)
    assert await desk.registered(external_id="while-away") == number
    assert (await desk.view(number))["stage"] == "registered"
    await desk.must(number, Action.DISPATCH, Role.OPERATOR)


async def test_a_database_that_does_not_answer_delays_the_journal_and_no_act(
    city: LocalStack, desk: Desk
) -> None:
    number = await desk.dispatched()
    before = len(await desk.complete_journal(number, DISPATCHED))
    requests = [f"locked-{n}" for n in range(4)]

    async def has_failed_to_record() -> bool:
        lines = city.worker.log_path.read_text().splitlines()
        return any("record_change" in line and f"claim-{number}" in line for line in lines)

    async with locked(city.settings.home / "records.db"):
        for request_id in requests:
            answer = await desk.progress(number, request_id)
            assert answer.status_code in (200, 202), answer.text
        assert (await desk.register()).status_code == 503
        await until(has_failed_to_record)
        # Readers without contact data are served; every other reading must be recorded first (R70).
        unchanged = await desk.insist("GET", f"/claims/{number}/journal", Role.COORDINATOR)
        assert len(unchanged.json()["entries"]) == before
    entries = await desk.complete_journal(number, before + len(requests))
    assert [entry["request_id"] for entry in entries[before:]] == requests


async def test_everything_at_once_dies_and_the_claims_go_on(city: LocalStack, desk: Desk) -> None:
    numbers = [await desk.dispatched() for _ in range(3)]
    before = [limits(await desk.view(number)) for number in numbers]
    city.worker.kill()
    city.api.kill()
    await kill_server(city)
    async with kept_up(city):
        await until(desk.is_ready)
        for number, held in zip(numbers, before, strict=True):
            await desk.must(number, Action.PROGRESS, Role.HANDLER, at=POWER, request_id="after")
            assert limits(await desk.view(number)) == held


async def kill_server(city: LocalStack) -> None:
    """Kill (SIGKILL) the Temporal server."""
    assert city.server is not None
    assert city.server.pid is not None
    os.kill(city.server.pid, signal.SIGKILL)
    assert await city.server.exited() == -signal.SIGKILL
