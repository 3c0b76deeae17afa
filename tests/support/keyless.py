"""Clients without encryption keys."""

from collections.abc import Sequence
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec

from runtime.data_converter import keys_of, make_data_converter
from runtime.payloads import message_version
from runtime.payloads.codec import EncryptingCodec
from runtime.payloads.origin import PayloadOrigin
from tests.support.payload_keys import converter


class Keyless(PayloadCodec):
    """Encrypts nothing, like a command line; decrypts answers, for the test."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        codec = converter().payload_codec
        assert codec is not None
        return await codec.decode(payloads)


STRANGERS: Final = make_data_converter(Keyless())


def administrators(name: str) -> DataConverter:
    """Yield a client with the codec server's service for an administrator."""
    keys = keys_of(converter())
    assert keys is not None
    return make_data_converter(EncryptingCodec(keys, PayloadOrigin.CONSOLE, person=name))


def later_programs() -> DataConverter:
    """Return the data converter of programs that send messages of the next version."""
    keys = keys_of(converter())
    assert keys is not None
    return make_data_converter(EncryptingCodec(keys, messages=message_version.VERSION + 1))
