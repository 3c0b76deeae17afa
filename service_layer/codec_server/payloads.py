"""Decoding payloads for the Temporal UI, and encoding what is typed there.

Every decoding is on record before its answer is given. Who may not read contact data gets the payloads without what
people wrote. Clues are for inspectors alone (R64). What is typed is encrypted with the console's key, in the
administrator's own name.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from pydantic import JsonValue
from temporalio.api.common.v1 import Payload

from assessment.clues.model import READERS as CLUE_READERS
from claims.model.terms import Role
from claims.model.values import Actor
from claims.need_to_know import CONTACT_ROLES
from records.contact_readings import Reading
from runtime.data_converter import keys_of
from runtime.errors import ConfigurationError
from runtime.payloads.codec import EncryptingCodec
from runtime.payloads.keys import PayloadKeys
from runtime.payloads.origin import PayloadOrigin, origin_of
from service_layer.claims.contact_access import record_reading
from service_layer.codec_server.redaction import HIDDEN, without_words
from service_layer.errors import ErrorKind, ServiceError, unavailable
from service_layer.permissions import require_role
from service_layer.services import Services

READERS: Final = (Role.ADMIN, Role.AUDITOR, Role.INSPECTOR)
"""Readers in the Temporal UI."""
MOST_NUMBERS: Final = 20
"""Claims that one decoding is put on record for by number."""
_JSON: Final = b"json/"
_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{1,40}")


async def decode(services: Services, payloads: Sequence[Payload], actor: Actor) -> list[Payload]:
    """Return the payloads as the actor may read them. Raises ServiceError, and RecordsUnavailable where the
    reading cannot be recorded.
    """
    require_role(actor, *READERS, what="读取 Temporal 中的内容")
    try:
        codec = EncryptingCodec(_keys(services))
        plain = await codec.decode(payloads)
    except ConfigurationError as error:
        raise unavailable(str(error)) from error
    numbers = sorted({number for payload in plain for number in _numbers(_content(payload))})
    for number in numbers[:MOST_NUMBERS] or [""]:
        await record_reading(services, actor, number, Reading.HISTORY)
    shown = {name for unit in services.organisation.units for name in (unit.name, unit.short)}
    return [_as_read(payload, actor, shown) for payload in plain]


def _as_read(payload: Payload, actor: Actor, shown: set[str]) -> Payload:
    if origin_of(payload) is PayloadOrigin.CLUE:
        return payload if actor.has(*CLUE_READERS) else _with_content(payload, HIDDEN)
    return payload if actor.has(*CONTACT_ROLES) else _redacted(payload, shown)


async def encode(services: Services, payloads: Sequence[Payload], actor: Actor) -> list[Payload]:
    """Return the payloads, encrypted for the console in the actor's name. Raises ServiceError."""
    require_role(actor, Role.ADMIN, what="在 Temporal 控制台中操作")
    keys = _keys(services)
    if PayloadOrigin.CONSOLE not in keys.active:
        detail = "密钥文件的 [active] 没有 console 的密钥，不能加密控制台的操作"
        raise ServiceError(
            ErrorKind.FORBIDDEN, detail, rule="§1", instead="请由系统管理员补充密钥后重新启动接口"
        )
    codec = EncryptingCodec(keys, PayloadOrigin.CONSOLE, person=actor.name or actor.sub)
    return await codec.encode(payloads)


def _keys(services: Services) -> PayloadKeys:
    keys = keys_of(services.settings.data_converter)
    if keys is None:
        raise ConfigurationError("没有载荷密钥")
    return keys


def _content(payload: Payload) -> JsonValue:
    content: JsonValue = None
    if payload.metadata.get("encoding", b"").startswith(_JSON):
        with suppress(ValueError, RecursionError):
            content = json.loads(payload.data)
    return content


def _redacted(payload: Payload, shown: set[str]) -> Payload:
    """Return the redacted content; unreadable content is not shown at all."""
    return _with_content(payload, without_words(_content(payload), shown)) if payload.data else payload


def _with_content(payload: Payload, content: JsonValue) -> Payload:
    data = json.dumps(content, ensure_ascii=False).encode()
    encoding = payload.metadata.get("encoding", b"")
    readable = encoding if encoding.startswith(_JSON) else b"json/plain"
    return Payload(metadata={**payload.metadata, "encoding": readable}, data=data)


def _numbers(content: JsonValue) -> Iterator[str]:
    """Yield the claims that a payload names."""
    if isinstance(content, list):
        for item in content:
            yield from _numbers(item)
    elif isinstance(content, dict):
        number = content.get("number")
        if isinstance(number, str) and _NUMBER.fullmatch(number):
            yield number
        for item in content.values():
            yield from _numbers(item)
