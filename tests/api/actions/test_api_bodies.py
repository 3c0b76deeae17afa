"""Requirements for a body: bounded, JSON, harmless."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn

from api.app import create_app
from claims.model.terms import Role
from runtime.settings import Settings
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.support.api.api_caller import ORDER, Caller
from tests.support.polling import PATIENCE

LIMIT = 1024 * 1024


async def send(
    api: Caller, body: bytes, content_type: str = "application/json"
) -> tuple[int, dict[str, object]]:
    headers = {**api.headers(Role.OPERATOR), "Content-Type": content_type}
    answer = await api.http.post("/claims", content=body, headers=headers)
    return answer.status_code, answer.json()


async def test_a_body_over_the_limit_is_413(api: Caller) -> None:
    status, problem = await send(api, b" " * (LIMIT + 1))
    assert (status, problem["type"]) == (413, "urn:zaoying:problem:too-large")


async def test_a_chunked_body_over_the_limit_is_413(api: Caller) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    answer = await api.http.post("/claims", content=chunks(), headers=api.headers(Role.OPERATOR))
    assert answer.status_code == 413


async def test_a_body_at_the_limit_is_read(api: Caller) -> None:
    body = json.dumps(ORDER).encode()
    status, _ = await send(api, body + b" " * (LIMIT - len(body)))
    assert status == 201


async def test_a_real_server_refuses_an_endless_body_without_reading_it_all(settings: Settings) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(settings), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    reader, writer = await asyncio.open_connection(*listening.getsockname())
    token = issue_token(load_or_make_key(settings.token_key), roles=[Role.OPERATOR])
    head = f"Host: api\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json"
    writer.write(f"POST /claims HTTP/1.1\r\n{head}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    chunk = b"%x\r\n%s\r\n" % (65536, b" " * 65536)
    for _ in range(LIMIT // 65536 + 1):
        writer.write(chunk)
        await writer.drain()
    status = await asyncio.wait_for(reader.readuntil(b"\r\n"), PATIENCE)
    assert b" 413 " in status
    writer.close()
    server.should_exit = True
    await running


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "", "multipart/form-data; boundary=x"]
)
async def test_what_is_not_json_is_415(api: Caller, content_type: str) -> None:
    assert (await send(api, json.dumps(ORDER).encode(), content_type))[0] == 415


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "application/vnd.x+json"]
)
async def test_json_is_taken_by_any_of_its_names(api: Caller, content_type: str) -> None:
    assert (await send(api, json.dumps(ORDER).encode(), content_type))[0] in (200, 201)


@pytest.mark.parametrize("body", [b"{", b'{"a": }', b"\xef\xbb\xbf{}x", b"{'a': 1}"])
async def test_malformed_json_is_422(api: Caller, body: bytes) -> None:
    status, problem = await send(api, body)
    assert (status, problem["title"]) == (422, "请求内容无法解析")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"matter": "\xff\xfe"}', "UTF-8"),
        (b'{"matter": NaN}', "NaN"),
        (b'{"matter": -Infinity}', "-Infinity"),
        (b'{"matter": ' + b"9" * 5000 + b"}", "数字过大"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "嵌套过深"),
        (b'{"a": ' + b"[" * 30 + b"]" * 30 + b"}", "嵌套过深"),
        (b'{"a": [' + b"1," * 150_000 + b"1]}", "内容过多"),
        (b'{"matter": "a\\u0000b"}', "不能保存的字符"),
        (b'{"matter": "\\ud800"}', "不能保存的字符"),
        (b'{"\\udfff": 1}', "不能保存的字符"),
        (b'{"matter": "a", "matter": "b"}', "“matter”出现了不止一次"),
        (b'{"a": [{"b": 1, "c": 2, "b": 1}]}', "“b”出现了不止一次"),
        (b"[]", "应为 JSON 对象"),
        (b'"text"', "应为 JSON 对象"),
        (b"null", "应为 JSON 对象"),
        (b"", "缺少此项"),
        (b'{"channel": 1e999}', "channel"),
    ],
)
async def test_json_that_would_do_harm_is_422(api: Caller, body: bytes, says: str) -> None:
    status, problem = await send(api, body)
    assert (status, says in str(problem["detail"])) == (422, True), problem
