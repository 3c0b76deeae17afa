"""Reading the contents of messages to a workflow; never raises."""

import json
import re
from collections.abc import Mapping
from typing import Final

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import JsonValue, ValidationError

    from claims.model.messages.envelopes import Envelope
    from claims.model.messages.known_fields import fields_beside
    from runtime.payloads.origin import marked, origin_of, person_of
    from workflows.incoming.authenticity import Authenticity

NO_ARGUMENT: Final = RawValue(Payload())
"""The content of a signal without an argument."""
LARGEST_WORD: Final = 64 * 1024
"""The maximum bytes of a message between claims."""
LARGEST_MESSAGE: Final = 256 * 1024
"""The maximum bytes of a signal. The API's largest is smaller; reading many larger ones would take longer than a
workflow task may."""
LARGEST_PART: Final = 32 * 1024
"""The maximum bytes of what the API adds to a body: the actor, the units, the schedules."""
_NOT_STORABLE: Final = re.compile("[\\x00\\ud800-\\udfff]")


def is_believed(authenticity: Authenticity, name: str, message: RawValue, envelope: Envelope) -> bool:
    """Return whether the API or a worker encrypted this envelope for this signal of this workflow."""
    return authenticity.is_ours(message) and authenticity.is_for(envelope.addressee, name)


def content_with_origin(content: dict[str, JsonValue], of: RawValue) -> RawValue:
    """Return a message that came inside another one, marked with the origin of that one."""
    payload = workflow.payload_converter().to_payload(content)
    return RawValue(marked(payload, origin_of(of.payload), person_of(of.payload)))


def opened(message: RawValue) -> tuple[Envelope, bool]:
    """Return the envelope, and whether the signal could be read. A signal without an argument counts as read."""
    content = content_of(message)
    if isinstance(content, dict):
        return envelope_of(content)
    return Envelope(), content is None and message.payload.data in (b"", b"null")


def envelope_of(content: Mapping[str, object]) -> tuple[Envelope, bool]:
    """Return the envelope that a signal carries, or that its bare fields make, and whether it could be read."""
    try:
        if not (isinstance(content.get("body"), dict) and "actor" in content):
            return Envelope.model_validate({"body": content}), True
        if _is_of_the_api(content):
            return Envelope.model_validate({**content, "beside": fields_beside(content, Envelope)}), True
    except ValidationError:
        pass
    return Envelope(), False


def _is_of_the_api(content: Mapping[str, object]) -> bool:
    """The claim keeps what is added to a body, so it must be as small as the API makes it."""
    added = [content.get(name) for name in ("actor", "units", "schedules")]
    return all(len(json.dumps(part, ensure_ascii=False)) <= LARGEST_PART for part in added)


def content_of(message: RawValue) -> object:
    """Return the content of a signal; None if it is empty or cannot be read. No error may leave the handler,
    or the claim's tasks would fail for ever.
    """
    if message is NO_ARGUMENT or len(message.payload.data) > LARGEST_MESSAGE:
        return None
    try:
        return storable(workflow.payload_converter().from_payload(message.payload))
    except Exception:  # noqa: BLE001  an unknown encoding raises KeyError, deep JSON RecursionError
        return None


def storable(content: object) -> object:
    """Return the same as text that every database can store: NUL and lone surrogates become U+FFFD."""
    if isinstance(content, str):
        return _NOT_STORABLE.sub("\ufffd", content)
    if isinstance(content, dict):
        return {storable(key): storable(value) for key, value in content.items()}
    if isinstance(content, list):
        return [storable(item) for item in content]
    return content
