"""The data converter of every program: worker, API, commands, replay and tests.

Payloads are pydantic models as JSON, encrypted by the one payload codec (`runtime.payloads.codec`). This module reads no
settings, so that every layer may import it.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Final, Self

from google.protobuf.json_format import MessageToDict, ParseDict
from pydantic import JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes, PayloadCodec

from runtime.payloads.codec import EncryptingCodec, KnownIds
from runtime.payloads.keys import PayloadKeys, load_keys, load_or_make_keys
from runtime.payloads.message_version import version_of
from runtime.payloads.origin import origin_of, person_of


def make_data_converter(codec: PayloadCodec | None = None) -> DataConverter:
    """Return the data converter, with a codec around its payloads if there is one; then messages of failures, which may quote
    what people wrote, are payloads too."""
    if codec is None:
        return DataConverter(payload_converter_class=_PayloadConverter)
    return DataConverter(
        payload_converter_class=_PayloadConverter,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


class _PayloadConverter(PydanticPayloadConverter):
    """One for the whole process. The SDK makes a converter for each cached workflow and each of its tasks; each would have to
    analyse the types of our messages again."""

    _only: ClassVar[Self | None] = None

    def __new__(cls) -> Self:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __init__(self) -> None:
        if not hasattr(self, "converters"):
            super().__init__()


DATA_CONVERTER: Final = make_data_converter()
"""The data converter without a codec."""


def encrypting_converter(path: Path, *, is_made: bool) -> DataConverter:
    """Return the data converter with the keys of a file, which is created if it is missing and allowed to be. Raises
    PayloadKeysError."""
    if is_made:
        load_or_make_keys(path, today=datetime.now(UTC).date())  # noqa: TID251  an edge: it names a new key
    return _converter_of(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=8)
def _converter_of(path: Path, _changed_at: int) -> DataConverter:
    """The instant is a part of the cache's key: a changed file is read again."""
    return make_data_converter(EncryptingCodec(load_keys(path)))


def keys_of(converter: DataConverter) -> PayloadKeys | None:
    """Return the keys that a data converter encrypts with."""
    codec = converter.payload_codec
    return codec.keys if isinstance(codec, EncryptingCodec) else None


def knowing(converter: DataConverter, ids: KnownIds) -> DataConverter:
    """Return the converter of a program that can ask which keys have ever been used."""
    codec = converter.payload_codec
    if not isinstance(codec, EncryptingCodec):
        return converter
    return replace(converter, payload_codec=codec.knowing(ids))


async def decode_history(history: dict[str, JsonValue], converter: DataConverter) -> dict[str, JsonValue]:
    """Return a history (JSON as Temporal writes it) without the encoding of the converter's codec."""
    codec = converter.payload_codec
    if codec is None:
        return history
    decoded = deepcopy(history)
    for fields in list(_payloads(decoded)):
        [payload] = await codec.decode([ParseDict(fields, Payload())])
        fields.clear()
        fields.update(MessageToDict(payload))
    return decoded


async def encode_history(history: dict[str, JsonValue], converter: DataConverter) -> dict[str, JsonValue]:
    """Return a history from `decode_history`, encrypted again: each payload with a key of its original origin, so that a
    replay finds the same origins. Payloads that were not encrypted are unchanged."""
    keys = keys_of(converter)
    if keys is None:
        return history
    encoded = deepcopy(history)
    for fields in list(_payloads(encoded)):
        payload = ParseDict(fields, Payload())
        origin = origin_of(payload)
        if origin is not None and origin in keys.active:
            codec = EncryptingCodec(keys, origin, person=person_of(payload), messages=version_of(payload))
            [sealed] = await codec.encode([payload])
            fields.clear()
            fields.update(MessageToDict(sealed))
    return encoded


def _payloads(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """Yield every payload within a value, at any depth."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            metadata = item.get("metadata")
            if isinstance(metadata, dict) and "encoding" in metadata:
                yield item
            else:
                waiting += item.values()
