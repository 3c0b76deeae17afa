"""Without keys, the files on disk reveal nothing about people."""

import asyncio
import gzip
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Final

import httpx
import pytest
from temporalio.testing import TimeSkipper

from activities.workflow_ids import workflow_id
from archive.reader import Archive
from claims.model.terms import Action, Role
from runtime.connection import connect
from runtime.local_stack import LocalStack
from tests.support.api.city_desk import Desk
from tests.support.claims.people import HOUSING, POWER, SIGNED, WATER
from tests.support.polling import until
from tests.support.processes.command import zaoying

MARKED: Final = {
    "enterprise": "枣庄标记企业甲有限公司",
    "contact": "标记联系人乙",
    "phone": "13912345678",
    "matter": "标记事项丙：厂区道路积水，车辆无法通行。",
}
LISTENS: Final = "0A"
WORDS: Final = "标记言辞丁"
"""In every free text."""
SECRETS: Final = (*MARKED.values(), WORDS, "标记负责人戊", MARKED["matter"][:5])

pytestmark = pytest.mark.rule("R53", "R70")


async def full_claim(desk: Desk, city: LocalStack) -> str:
    """Return a claim with most kinds of free text: return, decision, contact, light, withdrawal."""
    number = await desk.registered(**MARKED)
    text = {"reason": WORDS}
    await desk.must(number, Action.DISPATCH, Role.OPERATOR, unit=POWER, basis=WORDS)
    signature = {**SIGNED, "head": "标记负责人戊"}
    returned = {"basis": WORDS, "suggested_unit": WATER, "signature": signature, **text}
    answer = await desk.act(number, Action.REJECT, Role.HANDLER, at=POWER, **returned)
    if answer.status_code == 200:
        decision = {"decision": "redispatch", "unit": HOUSING, **text}
        await desk.must(number, Action.REDETERMINE, Role.SUPERVISOR, **decision)
    unit = HOUSING if answer.status_code == 200 else POWER
    client = await connect(city.settings)
    handle = client.get_workflow_handle(workflow_id(number))
    await TimeSkipper(client).fast_forward(handle, timedelta(days=4))
    await desk.must(number, Action.CONTACT, Role.HANDLER, at=unit, person=MARKED["contact"], summary=WORDS)
    await desk.must(number, Action.PROGRESS, Role.HANDLER, at=unit, summary=WORDS)
    await desk.must(number, Action.REMIND, Role.CALLER, text=f"{WORDS} {MARKED['phone']}")
    await desk.must(number, Action.WITHDRAW, Role.CALLER, confirmed_by_call=True, **text)
    await handle.result()
    return number


async def archived(city: LocalStack, number: str) -> None:
    """Wait until the claim's history is archived."""
    archive = city.settings.archive

    async def is_there() -> bool:
        swept = await asyncio.to_thread(zaoying, "archive", "sweep", settings=city.settings.environment())
        assert swept.returncode == 0, swept.stderr
        return bool(Archive.at(archive).find(number))

    await until(is_there)


def content_of(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # a journal of SQLite, which exists only during a transaction
        return b""
    return gzip.decompress(content) if path.suffix == ".gz" else content


def hits(path: Path) -> Iterator[str]:
    """Yield the secrets in a file, as UTF-8, JSON escapes or base64."""
    content = content_of(path)
    for secret in SECRETS:
        forms = {secret.encode(), secret.encode("unicode_escape")}
        for start in range(3):  # base64 of text at any offset within three bytes
            forms.add(b64encode(b" " * start + secret.encode())[4 if start else 0 : -4])
        if any(form in content for form in forms):
            yield f"{path.name}: {secret}"


def columns_of_server(home: Path) -> str:
    """Return the content of the server's database as SQL, with bytes in hexadecimal."""
    with sqlite3.connect(f"file:{home / 'temporal.db'}?mode=ro", uri=True) as database:
        return "\n".join(database.iterdump()).lower()


async def test_what_the_server_and_the_archive_keep_can_be_read_by_nobody(
    city: LocalStack, desk: Desk
) -> None:
    number = await full_claim(desk, city)
    await archived(city, number)
    home = city.settings.home
    kept = [path for path in home.rglob("*") if path.is_file()]
    server = [path for path in kept if path.name.startswith("temporal.db")]
    archive = [path for path in (home / "archive").rglob("*") if path.is_file()]
    logs = [path for path in kept if path.suffix == ".log"]
    assert server
    assert archive
    assert logs
    assert [hit for path in (*server, *archive, *logs) for hit in hits(path)] == []
    assert number.encode() in b"".join(content_of(path) for path in archive)
    columns = columns_of_server(home)
    assert number.encode().hex() in columns or number.lower() in columns
    assert [secret for secret in SECRETS if secret.encode().hex() in columns or secret in columns] == []


async def test_all_files_are_for_their_owner_alone(city: LocalStack, desk: Desk) -> None:
    await desk.registered()
    home = city.settings.home
    assert [
        str(path.relative_to(home)) for path in (home, *home.rglob("*")) if _is_open_to_others(path)
    ] == []


def _is_open_to_others(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except FileNotFoundError:  # a database's journal comes and goes
        return False


async def test_the_whole_life_is_verified_with_the_keys(city: LocalStack, desk: Desk) -> None:
    number = await full_claim(desk, city)
    await archived(city, number)
    environment = city.settings.environment()
    said = await asyncio.to_thread(zaoying, "audit", "verify", number, settings=environment)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "历史 1 份，完好" in said.stdout


async def test_the_embedded_ui_knows_who_decodes_for_it(city: LocalStack) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        settings = (await http.get(f"{city.ui_url}/api/v1/settings")).json()
    assert settings["Codec"]["Endpoint"] == f"{city.api_url}/codec"


async def test_the_embedded_server_listens_on_this_machine_alone(city: LocalStack) -> None:
    assert city.server is not None
    assert city.server.pid is not None
    listening = addresses_of(city.server.pid)
    assert {city.settings.temporal_port, city.settings.ui_port} <= {port for _, port in listening}
    assert {address for address, _ in listening} == {"127.0.0.1"}


def addresses_of(pid: int) -> set[tuple[str, int]]:
    """Return the addresses on which a process listens, from Linux."""
    sockets = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            sockets.add(descriptor.readlink().name)
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENS and f"socket:[{fields[9]}]" in sockets:
                address, port = fields[1].split(":")
                found.add((address_of(address), int(port, 16)))
    return found


def address_of(text: str) -> str:
    """Return an address from the kernel's format: words in the machine's byte order."""
    words = [bytes.fromhex(text[start : start + 8])[::-1] for start in range(0, len(text), 8)]
    address = ip_address(b"".join(words))
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
