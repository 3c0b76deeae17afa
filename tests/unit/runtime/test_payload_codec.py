"""The payload codec."""

from base64 import b64encode
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from google.protobuf.json_format import MessageToDict
from pydantic import JsonValue
from temporalio.api.common.v1 import Payload

from runtime.data_converter import decode_history, encode_history, make_data_converter
from runtime.payloads.codec import EncryptingCodec
from runtime.payloads.keys import (
    KeyMissing,
    PayloadKeys,
    PayloadKeysError,
    load_keys,
    load_or_make_keys,
    new_keys,
    with_new_keys,
    with_newest_active,
    write_keys,
)
from runtime.payloads.origin import PayloadOrigin, origin_of, person_of

DAY: Final = date(2026, 11, 24)
KEYS: Final = new_keys(DAY)
PLAIN: Final = Payload(metadata={"encoding": b"json/plain"}, data='"枣庄某某铸造有限公司"'.encode())
LONG: Final = Payload(metadata={"encoding": b"json/plain"}, data=b'"' + b"abcdefgh" * 500 + b'"')

pytestmark = pytest.mark.rule("R70")


async def encoded(payload: Payload, keys: PayloadKeys = KEYS) -> Payload:
    [found] = await EncryptingCodec(keys).encode([payload])
    return found


async def decoded(payload: Payload, keys: PayloadKeys = KEYS) -> Payload:
    [found] = await EncryptingCodec(keys).decode([payload])
    return found


@pytest.mark.parametrize("payload", [PLAIN, LONG, Payload()])
async def test_what_is_encrypted_is_read_again(payload: Payload) -> None:
    sealed = await encoded(payload)
    assert "某某".encode() not in sealed.SerializeToString()
    found = await decoded(sealed)
    assert found.data == payload.data
    assert found.metadata.get("encoding") == payload.metadata.get("encoding")


async def test_the_same_content_never_looks_the_same() -> None:
    assert (await encoded(PLAIN)).data != (await encoded(PLAIN)).data


async def test_only_what_shrinks_is_compressed() -> None:
    assert len((await encoded(LONG)).data) < 100
    assert "compression" not in (await encoded(PLAIN)).metadata


async def test_a_payload_of_before_is_read_as_it_is() -> None:
    assert await decoded(PLAIN) == PLAIN


async def test_who_encrypted_it_is_told_by_the_key() -> None:
    assert origin_of(await decoded(await encoded(PLAIN))) is PayloadOrigin.PROGRAM
    [of_console] = await EncryptingCodec(KEYS, PayloadOrigin.CONSOLE, person="张三").encode([PLAIN])
    found = await decoded(of_console)
    assert (origin_of(found), person_of(found)) == (PayloadOrigin.CONSOLE, "张三")


async def test_nobody_marks_a_payload_by_hand() -> None:
    forged = Payload(metadata={**PLAIN.metadata, "zaoying-origin": b"program"}, data=PLAIN.data)
    assert origin_of(await decoded(forged)) is None
    [of_console] = await EncryptingCodec(KEYS, PayloadOrigin.CONSOLE).encode([forged])
    assert origin_of(await decoded(of_console)) is PayloadOrigin.CONSOLE


@pytest.mark.parametrize("name", ["encryption-key-id", "compression"])
async def test_a_payload_with_other_metadata_is_left_as_it_came(name: str) -> None:
    sealed = await encoded(LONG)
    other = KEYS.active[PayloadOrigin.CONSOLE].encode() if name == "encryption-key-id" else b"none"
    tampered = Payload(metadata={**sealed.metadata, name: other}, data=sealed.data)
    assert await decoded(tampered) == tampered


async def test_a_payload_with_other_content_is_left_as_it_came() -> None:
    sealed = await encoded(PLAIN)
    for data in (sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]), b"", sealed.data[:12]):
        tampered = Payload(metadata=sealed.metadata, data=data)
        assert await decoded(tampered) == tampered


async def test_keys_rotate_while_programs_run() -> None:
    before = await encoded(PLAIN)
    spread = with_new_keys(KEYS, DAY)
    assert spread.active == KEYS.active
    switched = with_newest_active(spread)
    assert set(switched.active.values()).isdisjoint(KEYS.active.values())
    after = await encoded(PLAIN, switched)
    for keys in (spread, switched):
        assert [(await decoded(one, keys)).data for one in (before, after)] == [PLAIN.data] * 2
    with pytest.raises(KeyMissing, match="没有这把密钥：请把它加入密钥文件"):
        await decoded(after, KEYS)


async def test_a_retired_key_says_so_and_a_rejected_one_is_left() -> None:
    sealed = await encoded(PLAIN)
    id = KEYS.active[PayloadOrigin.PROGRAM]
    fresh = new_keys(date(2036, 11, 24))
    retired = fresh.model_copy(update={"retired": frozenset({id})})
    with pytest.raises(KeyMissing, match="已停用的密钥"):
        await decoded(sealed, retired)
    rejected = fresh.model_copy(update={"rejected": frozenset({id})})
    assert await decoded(sealed, rejected) == sealed


class Namespace:
    """Keeps the ids of these keys."""

    def __init__(self, *ids: str) -> None:
        self._ids = ids

    async def may_have(self, id: str) -> bool:
        return id in self._ids


async def test_a_key_that_the_namespace_never_had_stops_nobody() -> None:
    sealed = await encoded(PLAIN)
    id, fresh = KEYS.active[PayloadOrigin.PROGRAM], new_keys(date(2036, 11, 24))
    assert await EncryptingCodec(fresh).knowing(Namespace()).decode([sealed]) == [sealed]
    with pytest.raises(KeyMissing, match="没有这把密钥"):
        await EncryptingCodec(fresh).knowing(Namespace(id)).decode([sealed])
    retired = fresh.model_copy(update={"retired": frozenset({id})})
    with pytest.raises(KeyMissing, match="已停用的密钥"):
        await EncryptingCodec(retired).knowing(Namespace()).decode([sealed])


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "home" / "payload-keys.toml"
    made = load_or_make_keys(file, today=DAY)
    assert load_or_make_keys(file, today=DAY) == made == load_keys(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_all_that_a_file_says_is_written_again(tmp_path: Path) -> None:
    keys = KEYS.model_copy(update={"retired": frozenset({"program-1"}), "rejected": frozenset({"api-x"})})
    write_keys(tmp_path / "keys", keys)
    assert load_keys(tmp_path / "keys") == keys


KEY: Final = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "不存在"),
        ("[active", "不是有效的 TOML"),
        ("", "未指定 program 的密钥"),
        (f'[active]\nprogram = "program-2"\n[keys]\nprogram-1 = "{KEY}"', "program-2 不在"),
        (f'[active]\nprogram = "console-1"\n[keys]\nconsole-1 = "{KEY}"', "须以 program- 开头"),
        ('[active]\nprogram = "program-1"\n[keys]\nprogram-1 = "c2hvcnQ="', "应为 32 个字节"),
        ('[active]\nprogram = "program-1"\n[keys]\nprogram-1 = 5', "应为 32 个字节"),
        (f'[active]\nprogram = "p"\n[keys]\np = "{KEY}"', "密钥编号 p 有误"),
        (f'retired = ["program-1"]\n[active]\nprogram = "program-1"\n[keys]\nprogram-1 = "{KEY}"', "已停用"),
        ("[active]\nsomebody = 1", "active"),
    ],
)
def test_a_file_that_cannot_be_used_names_cause_and_cure(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "keys.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(PayloadKeysError, match=said) as refusal:
        load_keys(file)
    assert str(file) in str(refusal.value)
    assert KEY not in str(refusal.value)


async def test_a_history_in_the_clear_is_encrypted_again_as_it_was() -> None:
    codecs = (EncryptingCodec(KEYS), EncryptingCodec(KEYS, PayloadOrigin.CONSOLE, person="张三"))
    sealed = [MessageToDict((await codec.encode([PLAIN]))[0]) for codec in codecs]
    history: dict[str, JsonValue] = {"events": [{"input": {"payloads": [*sealed, MessageToDict(PLAIN)]}}]}
    converter = make_data_converter(EncryptingCodec(KEYS))
    clear = await decode_history(history, converter)
    assert "binary/encrypted" not in str(clear)
    again = await decode_history(await encode_history(clear, converter), converter)
    assert again == clear
    stripped = await decode_history(clear, converter)
    assert stripped != clear, "in a history of the server nobody believes a mark that is written by hand"
