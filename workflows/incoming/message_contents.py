"""Reading the contents of messages to a workflow; never raises."""

import json
import re
from collections.abc import Mapping
from typing import Final, TypeVar

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, JsonValue

    from claims.model.messages.envelopes import Envelope
    from claims.model.messages.known_fields import fields_beside
    from runtime.payloads.origin import marked, origin_of, person_of
    from workflows.incoming.authenticity import Authenticity
    from workflows.patches import BOUNDED_READING

Message = TypeVar("Message", bound=BaseModel)

NO_ARGUMENT: Final = RawValue(Payload())
"""The content of a signal without an argument."""
LARGEST_WORD: Final = 64 * 1024
"""The maximum bytes of a message between claims."""
LARGEST_MESSAGE: Final = 256 * 1024
"""The maximum bytes of a signal. The API's largest is smaller; reading many larger ones would take longer than a
workflow task may."""
LARGEST_TYPED: Final = 64 * 1024
"""The maximum bytes of a signal that none of our programs sent; nobody types more in the Temporal UI."""
MOST_VALUES: Final = 3_000
"""The maximum of lists, objects and values in a message, about; the API's largest has some hundreds. Each costs
microseconds at every replay, and 256 KiB of brackets are 130,000."""
LONGEST_ID: Final = 128
"""Characters of a request id."""
MOST_SIGNALS: Final = 75
"""Number of signals, half of the server's maximum, after which an account or a case continues in a new run."""
LARGEST_PART: Final = 32 * 1024
"""The maximum bytes of what the API adds to a body: the actor, the units, the schedules."""
_OF_NOTHING: Final = frozenset({b"", b"binary/null", b"json/plain"})
"""The encodings of a signal without an argument."""
_NOT_STORABLE: Final = re.compile("[\\x00\\ud800-\\udfff]")


def is_believed(authenticity: Authenticity, name: str, message: RawValue, envelope: Envelope) -> bool:
    """Return whether the API or a worker encrypted this envelope for this signal of this workflow."""
    return authenticity.is_ours(message) and authenticity.is_for(envelope.addressee, name)


def content_with_origin(content: dict[str, JsonValue], of: RawValue) -> RawValue:
    """Return a message that came inside another one, marked with the origin of that one."""
    payload = workflow.payload_converter().to_payload(content)
    return RawValue(marked(payload, origin_of(of.payload), person_of(of.payload)))


def opened(message: RawValue, *, is_typed: bool) -> tuple[Envelope, bool]:
    """Return the envelope, and whether the signal could be read. A signal without an argument counts as read."""
    content = content_of(message, is_typed=is_typed)
    if not isinstance(content, dict):
        return Envelope(), content is None and is_empty(message)
    envelope, readable = envelope_of(content)
    return (envelope, readable) if has_possible_id(envelope.body) else (Envelope(), False)


def envelope_of(content: Mapping[str, object]) -> tuple[Envelope, bool]:
    """Return the envelope that a signal carries, or that its bare fields make, and whether it could be read."""
    try:
        if not (isinstance(content.get("body"), dict) and "actor" in content):
            return read_as(Envelope, {"body": content}), True
        if _is_of_the_api(content):
            return read_as(Envelope, {**content, "beside": fields_beside(content, Envelope)}), True
    except ValueError:
        pass
    return Envelope(), False


def _is_of_the_api(content: Mapping[str, object]) -> bool:
    """The claim keeps what is added to a body, so it must be as small as the API makes it."""
    added = [content.get(name) for name in ("actor", "units", "schedules")]
    return all(len(json.dumps(part, ensure_ascii=False)) <= LARGEST_PART for part in added)


def content_of(message: RawValue, *, is_typed: bool = False) -> object:
    """Return the content of a signal; None if it is empty, cannot be read, or would take too long to read. No error may
    leave the handler, or the claim's tasks would fail for ever. `is_typed`: none of our programs sent it.
    """
    if message is NO_ARGUMENT or len(message.payload.data) > LARGEST_MESSAGE:
        return None
    if takes_long_to_read(message, is_typed=is_typed) and workflow.patched(BOUNDED_READING):
        return None
    try:
        return storable(workflow.payload_converter().from_payload(message.payload))
    except Exception:  # noqa: BLE001  an unknown encoding raises KeyError, deep JSON RecursionError
        return None


def is_empty(message: RawValue) -> bool:
    """Return whether a signal came without an argument, as it may from the Temporal UI. An encoding that nobody knows may
    say anything, without data too.
    """
    if message.payload.data not in (b"", b"null"):
        return False
    is_known = message.payload.metadata.get("encoding", b"") in _OF_NOTHING
    return is_known or not workflow.patched(BOUNDED_READING)


def has_possible_id(body: Mapping[str, JsonValue]) -> bool:
    """Return whether the request id, if there is one, is no longer than ids are: outcomes are kept by it."""
    is_long = len(str(body.get("request_id", ""))) > LONGEST_ID
    return not (is_long and workflow.patched(BOUNDED_READING))


def takes_long_to_read(message: RawValue, *, is_typed: bool) -> bool:
    """Return whether a message is larger, or has more values, than people and programs send. A worker gives up a task
    after two seconds, and the next attempt would take as long: a few such signals would stop a claim for good."""
    data = message.payload.data
    return (is_typed and len(data) > LARGEST_TYPED) or _has_many_values(data)


def _has_many_values(data: bytes) -> bool:
    """Counts the punctuation of JSON, first of all, then that outside of texts."""
    if _punctuation(data) <= MOST_VALUES:
        return False
    without_escapes = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    if without_escapes.count(b'"') > 2 * MOST_VALUES:
        return True
    return _punctuation(b"".join(without_escapes.split(b'"')[::2])) > MOST_VALUES


def _punctuation(data: bytes) -> int:
    return sum(map(data.count, (b",", b":", b"[", b"{")))


def read_as(kind: type[Message], content: object) -> Message:
    """Return the message. Raises nothing but ValueError, whatever a validator of ours trips over."""
    try:
        return kind.model_validate(content)
    except Exception as error:
        raise ValueError(kind.__name__) from error


def storable(content: object) -> object:
    """Return the same as text that every database can store: NUL and lone surrogates become U+FFFD."""
    if isinstance(content, str):
        return _NOT_STORABLE.sub("\ufffd", content)
    if isinstance(content, dict):
        return {storable(key): storable(value) for key, value in content.items()}
    if isinstance(content, list):
        return [storable(item) for item in content]
    return content
