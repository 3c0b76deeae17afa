"""A payload codec in place of encryption: without it nothing is readable."""

from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

_ENCODING = b"binary/reversed"


class ReversingCodec(PayloadCodec):
    """Reverses a payload's bytes. Leaves payloads that it has not encoded unchanged."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            Payload(metadata={"encoding": _ENCODING}, data=payload.SerializeToString()[::-1])
            for payload in payloads
        ]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_decoded(payload) for payload in payloads]


def _decoded(payload: Payload) -> Payload:
    if payload.metadata.get("encoding") != _ENCODING:
        return payload
    return Payload.FromString(payload.data[::-1])
