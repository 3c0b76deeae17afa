"""Uploads of 200 MB over a real connection: refused early, leaving nothing behind."""

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from api.app import create_app
from claims.model.terms import Role
from records.database.engine import Records
from runtime.settings import Settings
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.support.api.claim_uploads import late_claim, on_disk
from tests.support.claims.people import POWER
from tests.support.polling import PATIENCE, patience

MIB = 1024 * 1024
HUGE = 200 * MIB
CHUNK = b" " * (64 * 1024)
FORM = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'


class Sender:
    """Sends 200 MiB until it gets an answer, like a browser."""

    def __init__(self, writer: asyncio.StreamWriter, *, chunked: bool) -> None:
        self.sent = 0
        self._writer = writer
        self._chunked = chunked

    async def send(self) -> None:
        await self._part(FORM)
        while self.sent < HUGE:
            await self._part(CHUNK)

    async def _part(self, data: bytes) -> None:
        self._writer.write(b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data)
        await self._writer.drain()
        self.sent += len(data)


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[str, int]]:
    """Run the API on a real socket, and yield its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, access_log=False))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        await running


def memory(*, anew: bool = False) -> int:
    """Return this process's peak memory in bytes; `anew` resets it."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    [most] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(most.split()[1]) * 1024


async def answered(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], dict[str, str]]:
    """Return status, headers and problem of a response."""
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    return int(status.split()[1]), headers, json.loads(body)


@pytest.mark.parametrize(
    ("framing", "most"),
    [
        pytest.param(f"Content-Length: {HUGE}", 20 * MIB, id="declared"),
        pytest.param("Transfer-Encoding: chunked", 60 * MIB, id="chunked"),
    ],
)
async def test_an_upload_of_200_mb_is_413_before_it_is_over_and_leaves_nothing(
    settings: Settings,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    framing: str,
    most: int,
) -> None:
    """`most` is the maximum that may have been sent, including the connection's own buffers."""
    late_claim(records)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    token = issue_token(load_or_make_key(settings.token_key), roles=[Role.HANDLER], unit=POWER)
    head = (
        f"POST /attachments HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\n{framing}\r\n\r\n"
    )
    async with served(settings) as (host, port), patience():
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(head.encode())
        sender = Sender(writer, chunked="chunked" in framing)
        before = memory(anew=True)
        sending = asyncio.create_task(sender.send())
        status, headers, problem = await answered(reader)
        sent, more = sender.sent, memory() - before
        sending.cancel()
        writer.close()
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"http://{host}:{port}/health/live")).status_code == httpx.codes.OK
    assert (status, problem["type"]) == (413, "urn:zaoying:problem:too-large")
    assert "20480 KiB" in problem["detail"]
    assert headers["connection"] == "close"
    assert sent < most
    assert more < 10 * MIB
    assert (on_disk(settings), list(scratch.rglob("*"))) == ([], [])


async def test_one_that_listens_only_when_it_has_sent_all_still_hears_the_answer(
    settings: Settings, records: Records
) -> None:
    late_claim(records)
    token = issue_token(load_or_make_key(settings.token_key), roles=[Role.HANDLER], unit=POWER)

    async def form() -> AsyncIterator[bytes]:
        yield FORM
        for _ in range(30 * MIB // len(CHUNK)):
            yield CHUNK

    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "multipart/form-data; boundary=x",
    }
    async with served(settings) as (host, port), httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
        answer = await http.post(f"http://{host}:{port}/attachments", content=form(), headers=headers)
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
