"""Slow, greedy and curious callers, over real connections where that matters."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn

from api.app import create_app
from api.serve import configuration
from claims.model.terms import Role
from runtime.settings import Settings
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.support.api.api_caller import ORDER, Caller, calling
from tests.support.claims.people import ENTERPRISE, POWER
from tests.support.polling import PATIENCE, until


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[str, int]]:
    """Run the API as `zaoying api` does, and yield its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configuration(create_app(settings), settings))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        await running


async def everything(reader: asyncio.StreamReader) -> bytes:
    """Return everything until the connection closes."""
    async with asyncio.timeout(PATIENCE):
        with suppress(ConnectionError):
            return await reader.read()
    return b""


def post(token: str, length: int) -> bytes:
    return (
        f"POST /claims HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("sent", [b"", b"GET /units HTTP/1.1\r\nHost: a\r\n"])
async def test_a_connection_whose_head_does_not_come_is_ended(
    settings: Settings, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.connections.HEAD_SECONDS", 0.3)
    async with served(settings) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        assert await everything(reader) == b""
        writer.close()


async def test_a_head_that_drips_is_ended_and_one_that_comes_is_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.connections.HEAD_SECONDS", 1.0)
    async with served(settings) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        with suppress(ConnectionError):
            for letter in b"GET /health/live HTTP/1.1\r\nX-Slow: " + b"a" * 100:
                writer.write(bytes([letter]))
                await writer.drain()
                await asyncio.sleep(0.1)
        assert b"HTTP/1.1" not in await everything(reader)
        writer.close()


async def test_a_body_that_does_not_come_is_408(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.http.requests.request_limits.BODY_SECONDS", 0.3)
    token = issue_token(load_or_make_key(settings.token_key), roles=[Role.OPERATOR])
    async with served(settings) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(post(token, 1000) + b'{"channel"')
        answer = await everything(reader)
        assert answer.startswith(b"HTTP/1.1 408")
        assert "没有在0秒内发完".encode() in answer
        writer.close()


async def test_nothing_is_read_of_a_body_whose_token_is_not_valid(settings: Settings) -> None:
    async with served(settings) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(post("no.token.at-all", 1000))
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        assert head.startswith(b"HTTP/1.1 401")
        writer.close()


async def test_more_connections_than_are_allowed_are_answered_503(settings: Settings) -> None:
    async with served(settings.model_copy(update={"connections": 10})) as address:
        held = [await asyncio.open_connection(*address) for _ in range(12)]
        reader, writer = held[-1]
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert (await everything(reader)).startswith(b"HTTP/1.1 503")
        for _, writer in held:
            writer.close()


async def test_one_address_cannot_take_all_connections(settings: Settings) -> None:
    async with served(settings.model_copy(update={"address_connections": 3})) as address:
        held = [await asyncio.open_connection(*address) for _ in range(3)]
        refused = await answered(address)
        assert refused.startswith(b"HTTP/1.1 429")
        assert b"ZAOYING_ADDRESS_CONNECTIONS" in refused
        await closed(held.pop()[1])
        await until(lambda: is_let_in(address))
        await closed(*(writer for _, writer in held))


async def test_idle_connections_of_one_address_leave_room_for_others(settings: Settings) -> None:
    limits = {"connections": 10, "address_connections": 4}
    async with served(settings.model_copy(update=limits)) as address:
        held = [await asyncio.open_connection(*address) for _ in range(30)]
        reader, writer = await asyncio.open_connection(*address, local_addr=("127.0.0.2", 0))
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert (await everything(reader)).startswith(b"HTTP/1.1 200")
        await closed(writer, *(writer for _, writer in held))


async def answered(address: tuple[str, int], head: bytes = b"") -> bytes:
    """Return the response to a request on a separate connection."""
    reader, writer = await asyncio.open_connection(*address)
    with suppress(ConnectionError):
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: a\r\n" + head + b"Connection: close\r\n\r\n")
        await writer.drain()
    found = await everything(reader)
    await closed(writer)
    return found


async def is_let_in(address: tuple[str, int]) -> bool:
    """Return whether one more connection is answered."""
    return (await answered(address)).startswith(b"HTTP/1.1 200")


async def closed(*writers: asyncio.StreamWriter) -> None:
    """Close connections and wait until they are closed."""
    for writer in writers:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_behind_a_proxy_each_caller_has_its_own_share(settings: Settings) -> None:
    settings = settings.model_copy(update={"address_connections": 2, "trusted_proxies": "127.0.0.1"})
    token = issue_token(load_or_make_key(settings.token_key), roles=[Role.OPERATOR])
    async with served(settings) as address:
        held = [await asyncio.open_connection(*address) for _ in range(4)]
        slow = post(token, 1000).replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n")
        for _, writer in held:
            writer.write(slow + b'{"channel"')
            await writer.drain()
        waiting = [asyncio.create_task(reader.readuntil(b"\r\n\r\n")) for reader, _ in held]
        first, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
        assert {one.result()[:12] for one in first} == {b"HTTP/1.1 429"}
        other = await answered(address, b"X-Forwarded-For: 203.0.113.8\r\n")
        assert other.startswith(b"HTTP/1.1 200")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await closed(*(writer for _, writer in held))


async def test_two_apis_together_give_one_person_one_quota(settings: Settings) -> None:
    settings = settings.model_copy(update={"actor_requests": 6})
    async with calling(settings) as one, calling(settings) as other:
        for api in (one, other):
            api.app.state.services.quotas._clock = lambda: 1_800_000_000.0  # noqa: SLF001  the minute must not end
        assert [(await one.get("/units", Role.OPERATOR)).status_code for _ in range(4)] == [200] * 4
        await one.app.state.services.quotas.exchange()
        assert (await other.get("/units", Role.OPERATOR)).status_code == 200
        await other.app.state.services.quotas.exchange()
        assert (await other.get("/units", Role.OPERATOR)).status_code == 200
        refused = await other.get("/units", Role.OPERATOR)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert (await other.get("/units", Role.SUPERVISOR)).status_code == 200


@asynccontextmanager
async def counting(settings: Settings, **limits: object) -> AsyncIterator[tuple[Caller, str]]:
    """An API in a minute that does not end, without a server; yields the address of an action on an
    enterprise's claim.
    """
    settings = settings.model_copy(update={"action_timeout": 0.1, **limits})
    own = {**ORDER, "channel": "app", "external_id": ""}
    async with calling(settings) as api:
        api.app.state.services.quotas._clock = lambda: 1_800_000_000.0  # noqa: SLF001  likewise
        registered = await api.post("/claims", own, Role.ENTERPRISE, called=ENTERPRISE.name)
        yield api, f"/claims/{registered.json()['number']}/remind"


WORD = {"request_id": "r", "text": "请尽快办理"}
REACHED = 503
"""No server is running."""


async def test_a_claim_takes_so_many_acts_in_a_minute_and_no_more_than_half_of_them_from_one_person(
    settings: Settings,
) -> None:
    async with counting(settings, claim_requests=4) as (api, path):
        statuses = [
            [(await api.post(path, WORD, role, at=unit)).status_code for _ in range(3)]
            for role, unit in ((Role.SUPERVISOR, ""), (Role.OPERATOR, ""), (Role.CALLER, ""))
        ]
        assert [[one == 429 for one in each] for each in statuses] == [
            [False, False, True],
            [False, False, True],
            [True, True, True],
        ]


@pytest.mark.parametrize("body", [WORD, {}, {"request_id": "r", "nonsense": 1}])
async def test_a_stranger_uses_up_nothing_of_a_claims_allowance(
    settings: Settings, body: dict[str, object]
) -> None:
    async with counting(settings, claim_requests=4) as (api, path):
        found = {
            (await api.post(path, body, Role.ENTERPRISE, called="另一家公司")).status_code for _ in range(9)
        }
        assert found <= {404, 422}
        assert (await api.post(path, WORD, Role.ENTERPRISE, called=ENTERPRISE.name)).status_code == REACHED
        assert (await api.post(path, WORD, Role.OPERATOR)).status_code == REACHED


async def test_an_enterprise_with_many_accounts_leaves_half_of_its_claims_allowance(
    settings: Settings,
) -> None:
    async with counting(settings, claim_requests=4) as (api, path):
        found = []
        for account in ("one", "other", "third"):
            token = issue_token(
                api.key,
                roles=[Role.ENTERPRISE],
                name=ENTERPRISE.name,
                credit_code=ENTERPRISE.credit_code,
                sub=account,
            )
            headers = {"Authorization": f"Bearer {token}"}
            found.append((await api.http.post(path, json=WORD, headers=headers)).status_code)
        assert found == [REACHED, REACHED, 429]
        assert (await api.post(path, WORD, Role.OPERATOR)).status_code == REACHED


@pytest.mark.rule("R10")
async def test_an_enterprise_registers_so_many_claims_a_day_and_the_desk_as_many_as_come(
    settings: Settings,
) -> None:
    async with calling(settings.model_copy(update={"enterprise_claims": 2})) as api:
        own = {**ORDER, "channel": "app", "external_id": ""}
        found = [await api.post("/claims", own, Role.ENTERPRISE, called=ENTERPRISE.name) for _ in range(3)]
        assert [answer.status_code for answer in found] == [201, 201, 429]
        assert "每日上限" in found[-1].json()["detail"]
        assert (await api.post("/claims", own, Role.OPERATOR)).status_code == 201
        namesake = issue_token(api.key, roles=[Role.ENTERPRISE], name=ENTERPRISE.name, sub="namesake")
        headers = {"Authorization": f"Bearer {namesake}"}
        another = {**own, "credit_code": ""}
        assert (await api.http.post("/claims", json=another, headers=headers)).status_code == 201, (
            "its own two"
        )


async def test_headers_keep_pages_out_of_frames_and_https_where_it_is(settings: Settings) -> None:
    async with calling(settings.model_copy(update={"public_url": "https://zaoying.example"})) as api:
        headers = (await api.get("/health/live")).headers
        assert headers["content-security-policy"] == "frame-ancestors 'none'"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["strict-transport-security"].startswith("max-age=31536000")


async def test_plain_http_promises_no_https(api: Caller) -> None:
    assert "strict-transport-security" not in (await api.get("/health/live")).headers


async def test_no_answer_leads_to_the_host_that_the_request_names(api: Caller) -> None:
    for path in ("/units/", "/claims/", "/health/live/"):
        answer = await api.http.get(path, headers={**api.headers(Role.OPERATOR), "Host": "evil.example"})
        assert answer.status_code == 404
        assert "location" not in answer.headers


async def test_a_deep_body_is_refused(api: Caller) -> None:
    body = b"[" * 500_000 + b"]" * 500_000
    headers = {**api.headers(Role.OPERATOR), "Content-Type": "application/json"}
    answer = await api.http.post("/claims", content=body, headers=headers)
    assert (answer.status_code, "嵌套过深" in answer.json()["detail"]) == (422, True)


async def test_strangers_learn_nothing_of_a_units_requests(api: Caller) -> None:
    for role, at in ((Role.ENTERPRISE, ""), (Role.HANDLER, "ZZ-SWJ")):
        answer = await api.get(f"/units/{POWER}/outcomes/r-1", role, at=at, called=ENTERPRISE.name)
        assert answer.status_code == 404


async def test_the_address_of_an_outcome_is_quoted(api: Caller) -> None:
    answer = await api.get(f"/units/{POWER}/outcomes/a%20b%2F%3Fc", Role.SUPERVISOR)
    assert answer.status_code == 202
    assert answer.json()["status_url"] == f"/units/{POWER}/outcomes/a%20b%2F%3Fc"
    assert answer.headers["location"] == answer.json()["status_url"]
