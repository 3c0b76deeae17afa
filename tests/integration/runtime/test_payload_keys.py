"""Programs started with other keys than the histories', and key rotation."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import Payload
from temporalio.client import Client

from runtime.connection import FrontendAddress, connect
from runtime.data_converter import make_data_converter
from runtime.payloads.codec import EncryptingCodec
from runtime.payloads.key_registry import check_keys
from runtime.payloads.keys import (
    KeyMissing,
    PayloadKeys,
    PayloadKeysError,
    load_keys,
    new_keys,
    with_new_keys,
    with_newest_active,
    write_keys,
)
from runtime.payloads.origin import PayloadOrigin
from runtime.startup_checks import check_server
from tests.support.archive.closed_claims import RETENTION
from tests.support.payload_keys import without_clues
from tests.support.polling import eventually
from tests.support.processes.command import zaoying
from tools import namespaces
from tools.dev_server import DevServer
from workflows.search_attributes import SEARCH_ATTRIBUTES

DAY = date(2026, 11, 24)
KEYS = new_keys(DAY)

pytestmark = pytest.mark.rule("R70")


class Installation:
    """A namespace, and programs with their own keys."""

    def __init__(self, server: DevServer, namespace: str) -> None:
        self._server, self.namespace = server, namespace

    async def client(self, keys: PayloadKeys) -> Client:
        converter = make_data_converter(EncryptingCodec(keys))
        return await connect(FrontendAddress(self._server.target, self.namespace, converter))

    async def check(self, keys: PayloadKeys, *, may_lack_clues: bool = False) -> None:
        await check_keys(await self.client(keys), may_lack_clues=may_lack_clues)

    def settings(self, home: Path) -> Mapping[str, str]:
        """Return the settings of a program with the keys in its home."""
        return {
            "ZAOYING_HOME": str(home),
            "ZAOYING_TEMPORAL_ADDRESS": self._server.target,
            "ZAOYING_NAMESPACE": self.namespace,
            "ZAOYING_PAYLOAD_KEYS_FILE": str(home / "keys.toml"),
        }


@pytest_asyncio.fixture(loop_scope="session")
async def installation(server: DevServer) -> AsyncIterator[Installation]:
    namespace = f"keys-{uuid4().hex[:8]}"
    client = await connect(FrontendAddress(server.target, namespace))
    await namespaces.prepare(client, RETENTION, SEARCH_ATTRIBUTES)
    yield Installation(server, namespace)


async def test_the_keys_in_use_are_remembered_and_asked_for(installation: Installation) -> None:
    await installation.check(KEYS)
    await installation.check(KEYS)
    with pytest.raises(PayloadKeysError, match="密钥文件中没有这把密钥：请使用启用该密钥时的密钥文件"):
        await installation.check(new_keys(DAY))
    id = KEYS.active[PayloadOrigin.PROGRAM]
    other = KEYS.model_copy(update={"keys": {**KEYS.keys, id: bytes(32)}})
    with pytest.raises(PayloadKeysError, match=f"密钥 {id} 与加密工单历史时所用的不同"):
        await installation.check(other)


async def test_an_api_may_lack_the_key_of_clues_and_a_worker_may_not(installation: Installation) -> None:
    await installation.check(KEYS)
    fewer = without_clues(KEYS)
    await installation.check(fewer, may_lack_clues=True)
    with pytest.raises(PayloadKeysError, match=KEYS.active[PayloadOrigin.CLUE]):
        await installation.check(fewer)
    with pytest.raises(PayloadKeysError, match="没有这把密钥"):
        await installation.check(without_clues(new_keys(DAY)), may_lack_clues=True)


async def test_programs_change_keys_one_after_the_other(installation: Installation) -> None:
    await installation.check(KEYS)
    spread = with_new_keys(KEYS, DAY)
    await installation.check(spread)
    await installation.check(KEYS)
    switched = with_newest_active(spread)
    await installation.check(switched)
    await installation.check(spread)
    with pytest.raises(PayloadKeysError):
        await installation.check(KEYS)
    old = set(KEYS.keys)
    retired = switched.model_copy(
        update={
            "keys": {id: key for id, key in switched.keys.items() if id not in old},
            "retired": frozenset(old),
        }
    )
    await installation.check(retired)


async def test_a_key_that_open_workflows_need_is_not_retired_unnoticed(installation: Installation) -> None:
    """The workflows would stop, and every action on them would wait forever."""
    before = await installation.client(KEYS)
    handle = await before.start_workflow("Claim", {"number": "x"}, id="claim-x", task_queue="nobody")
    switched = with_newest_active(with_new_keys(KEYS, DAY))
    held = {id: key for id, key in switched.keys.items() if id not in KEYS.keys}
    retired = switched.model_copy(update={"keys": held, "retired": frozenset(KEYS.keys)})
    client, program = await installation.client(retired), KEYS.active[PayloadOrigin.PROGRAM]

    async def message() -> str:
        try:
            await check_server(client, SEARCH_ATTRIBUTES)
        except PayloadKeysError as error:
            return str(error)
        return ""

    refusal = await eventually(message, bool)  # visibility follows a moment later
    assert f"密钥 {program} 已列为停用，但未办结的 claim-x 等 1 个流程" in refusal
    assert "放回密钥文件的 [keys]" in refusal
    await handle.terminate()
    assert await eventually(message, lambda now: not now) == ""


async def test_a_key_that_the_namespace_never_had_is_told_from_one_that_is_lacking(
    installation: Installation,
) -> None:
    switched = with_newest_active(with_new_keys(KEYS, DAY))
    sealed = await EncryptingCodec(switched).encode(
        [Payload(metadata={"encoding": b"json/plain"}, data=b"1")]
    )
    client = await installation.client(KEYS)
    codec = client.data_converter.payload_codec
    assert codec is not None
    with pytest.raises(KeyMissing):  # no keys are noted yet
        await codec.decode(sealed)
    await check_keys(client)
    assert await codec.decode(sealed) == sealed
    await installation.check(switched)
    fresh = (await installation.client(KEYS)).data_converter.payload_codec
    assert fresh is not None
    with pytest.raises(KeyMissing):
        await fresh.decode(sealed)


@pytest.mark.parametrize("program", ["worker", "api"])
async def test_a_program_with_wrong_keys_says_so_and_ends(
    installation: Installation, tmp_path: Path, program: str
) -> None:
    await installation.check(KEYS)
    write_keys(tmp_path / "keys.toml", new_keys(DAY))
    ended = zaoying(program, settings=installation.settings(tmp_path))
    assert ended.returncode == 1
    assert "密钥文件中没有这把密钥" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("program", ["worker", "api"])
def test_a_program_without_its_keys_file_says_so_and_ends(
    server: DevServer, tmp_path: Path, program: str
) -> None:
    ended = zaoying(program, settings=Installation(server, "default").settings(tmp_path))
    assert ended.returncode == 1
    assert f"密钥文件 {tmp_path / 'keys.toml'} 不存在" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_mistyped_table_of_the_keys_file_is_named_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text('retird = ["program-0"]\n[active]\nprogram = "program-1"\n[keys]\n', "utf-8")
    with pytest.raises(PayloadKeysError, match="没有名为 retird 的字段，是否想填 retired？"):
        load_keys(file)


def test_keys_rotate_by_command(tmp_path: Path) -> None:
    settings = {"ZAOYING_PAYLOAD_KEYS_FILE": str(tmp_path / "etc" / "keys.toml")}
    assert zaoying("keys", "show", settings=settings).returncode == 1
    assert zaoying("keys", "new", settings=settings).returncode == 0
    first = load_keys(tmp_path / "etc" / "keys.toml")
    assert zaoying("keys", "new", settings=settings).returncode == 0
    assert load_keys(tmp_path / "etc" / "keys.toml").active == first.active
    assert zaoying("keys", "activate", settings=settings).returncode == 0
    last = load_keys(tmp_path / "etc" / "keys.toml")
    assert set(last.active.values()).isdisjoint(first.active.values())
    assert first.keys.items() <= last.keys.items()
    shown = zaoying("keys", "show", settings=settings).stdout.splitlines()
    assert [line.rpartition("　")[2] for line in shown] == ["解密"] * 3 + ["加密、解密"] * 3
    assert (tmp_path / "etc" / "keys.toml").stat().st_mode & 0o777 == 0o600


def test_no_keys_are_made_for_a_server_elsewhere(tmp_path: Path) -> None:
    settings = {"ZAOYING_TEMPORAL_ADDRESS": "temporal.example:7233", "ZAOYING_PAYLOAD_KEYS_FILE": ""}
    ended = zaoying("worker", home=tmp_path, settings=settings)
    assert ended.returncode == 1
    assert "不存在" in ended.stderr
    assert not (tmp_path / "payload-keys.toml").exists()
