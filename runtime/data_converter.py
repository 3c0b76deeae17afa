"""The data converter of every program: worker, API, commands, replay and tests.

Payloads are pydantic models as JSON. A payload codec (encryption, compression) is put in here and nowhere else. This
module imports nothing of the project, so that every layer may import it.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Final

from google.protobuf.json_format import MessageToDict, ParseDict
from pydantic import JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, PayloadCodec


def make_data_converter(codec: PayloadCodec | None = None) -> DataConverter:
    """The data converter, with a codec around its payloads if there is one."""
    return replace(pydantic_data_converter, payload_codec=codec)


DATA_CONVERTER: Final = make_data_converter()
"""The data converter without a codec."""


async def decode_history(history: dict[str, JsonValue], converter: DataConverter) -> dict[str, JsonValue]:
    """A history (JSON as Temporal writes it) as it would be without the converter's codec."""
    codec = converter.payload_codec
    if codec is None:
        return history
    decoded = deepcopy(history)
    for fields in list(_payloads(decoded)):
        [payload] = await codec.decode([ParseDict(fields, Payload())])
        fields.clear()
        fields.update(MessageToDict(payload))
    return decoded


def _payloads(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    """Every payload within a value, however deep."""
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
