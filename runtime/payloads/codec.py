"""The payload codec: zstd where it helps, then AES-256-GCM.

Encrypted payloads name their key, and hold the whole payload with its own metadata. What belongs to a clue's workflow has
a key of its own (R64). Older
payloads, which are not encrypted, are read unchanged. A payload that was altered, or that names a key that was never
ours, is left encrypted: whoever reads it finds an unknown encoding.
"""

import os
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Final, Protocol, Self

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from runtime.payloads.keys import KeyMissing, PayloadKeys, origin_of_key
from runtime.payloads.message_version import VERSION, with_version
from runtime.payloads.origin import OF_PROGRAMS, PayloadOrigin, marked, person_in

ENCODING: Final = b"binary/encrypted"
CLUE_WORKFLOWS: Final = "clue-"
"""The prefix of the ids of clues' workflows."""
KEY_ID: Final = "encryption-key-id"
COMPRESSION: Final = "compression"
_ZSTD: Final = b"zstd"
_NONCE_BYTES: Final = 12
_WORTH_COMPRESSING: Final = 128
"""Bytes; smaller payloads do not shrink."""
_LEVEL: Final = 3
_LARGEST: Final = 64 * 1024 * 1024
_own = threading.local()


class KnownIds(Protocol):
    """The ids of all keys that have ever been used."""

    async def may_have(self, id: str) -> bool:
        """Return whether this id may be one of them. True if it cannot be determined."""


class EncryptingCodec(PayloadCodec, WithSerializationContext):
    """Encrypts as one origin, and decrypts with every key."""

    def __init__(
        self,
        keys: PayloadKeys,
        origin: PayloadOrigin = PayloadOrigin.PROGRAM,
        *,
        person: str = "",
        known_ids: KnownIds | None = None,
        messages: int = VERSION,
    ) -> None:
        """`messages`: the version of what is encrypted (`runtime.payloads.message_version`)."""
        self.keys = keys
        self._messages = messages
        self._known_ids = known_ids
        self._origin = origin
        self._key_id = keys.active[origin]
        self._person = person
        self._ciphers = {id: AESGCM(key) for id, key in keys.keys.items()}

    def with_context(self, context: SerializationContext) -> Self:
        """Return the codec for the payloads of a workflow and of its activities."""
        if self._origin is not PayloadOrigin.PROGRAM or PayloadOrigin.CLUE not in self.keys.active:
            return self
        return self._of_clues if _is_of_a_clue(context) else self

    @cached_property
    def _of_clues(self) -> Self:
        return type(self)(self.keys, PayloadOrigin.CLUE, known_ids=self._known_ids, messages=self._messages)

    def knowing(self, ids: KnownIds) -> Self:
        """Return the codec of a program that can ask which keys have ever been used."""
        return type(self)(
            self.keys, self._origin, person=self._person, known_ids=ids, messages=self._messages
        )

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt each encrypted payload. Raises KeyMissing for a key that we lack; nobody can stop a workflow by a
        signal under a key that he made up."""
        return [await self._decoded(payload) for payload in payloads]

    async def _decoded(self, payload: Payload) -> Payload:
        try:
            return self._decrypted(payload)
        except KeyMissing:
            id = key_id_of(payload)
            if self._known_ids is None or id in self.keys.retired or await self._known_ids.may_have(id):
                raise
            return payload

    def _encrypted(self, payload: Payload) -> Payload:
        plain = marked(payload, None, self._person)
        if self._origin in OF_PROGRAMS:
            plain = with_version(plain, self._messages)
        content, compression = _compressed(plain.SerializeToString())
        metadata = {"encoding": ENCODING, KEY_ID: self._key_id.encode()}
        if compression:
            metadata[COMPRESSION] = compression
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._key_id].encrypt(nonce, content, _bound(metadata))
        return Payload(metadata=metadata, data=nonce + sealed)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return marked(payload, None)
        key_id = payload.metadata.get(KEY_ID, b"").decode("ascii", "replace")
        if not key_id or key_id in self.keys.rejected:
            return payload
        cipher = self._ciphers.get(key_id) or AESGCM(self.keys.of(key_id))
        nonce, sealed = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        try:
            content = cipher.decrypt(nonce, sealed, _bound(payload.metadata))
        except (InvalidTag, ValueError):
            return payload
        if payload.metadata.get(COMPRESSION) == _ZSTD:
            content = _decompressor().decompress(content, max_output_size=_LARGEST)
        plain = Payload.FromString(content)
        origin = origin_of_key(key_id)
        return marked(plain, origin, person_in(plain) if origin is PayloadOrigin.CONSOLE else "")


def _is_of_a_clue(context: SerializationContext) -> bool:
    if not isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
        return False
    return (context.workflow_id or "").startswith(CLUE_WORKFLOWS)


def key_id_of(payload: Payload) -> str:
    """Return the id of the key that a payload is encrypted with; empty if it is not encrypted."""
    if payload.metadata.get("encoding") != ENCODING:
        return ""
    return payload.metadata.get(KEY_ID, b"").decode("ascii", "replace")


def _bound(metadata: Mapping[str, bytes]) -> bytes:
    """Return the authenticated data, which cannot be replaced without the key."""
    return b"\n".join((ENCODING, metadata[KEY_ID], metadata.get(COMPRESSION, b"")))


def _compressed(content: bytes) -> tuple[bytes, bytes]:
    """Return the shorter of the content and its compressed form, and how it is compressed."""
    if len(content) < _WORTH_COMPRESSING:
        return content, b""
    short = _compressor().compress(content)
    return (short, _ZSTD) if len(short) < len(content) else (content, b"")


def _compressor() -> zstandard.ZstdCompressor:
    """Return this thread's compressor, which must not be shared."""
    if not hasattr(_own, "compressor"):
        _own.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    found: zstandard.ZstdCompressor = _own.compressor
    return found


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_own, "decompressor"):
        _own.decompressor = zstandard.ZstdDecompressor()
    found: zstandard.ZstdDecompressor = _own.decompressor
    return found
