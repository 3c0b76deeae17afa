"""Who encrypted a payload: marked by the codec when it decodes, read by workflows.

The mark stands in the metadata of a decoded payload alone. A payload that arrives with one and was not encrypted loses
it, so nobody can write it by hand. It follows from the id of the key, which is in the history: a replay finds the same.
"""

from enum import StrEnum
from typing import Final

from temporalio.api.common.v1 import Payload

ORIGIN: Final = "zaoying-origin"
PERSON: Final = "zaoying-person"
"""The person for whom the codec server encrypted it."""


class PayloadOrigin(StrEnum):
    """Whose key it was; ids of keys begin with it. `PROGRAM`: the API and the workers. `CONSOLE`: the codec server,
    for what an administrator types in the Temporal UI. `CLUE`: the API and the workers, in workflows of clues (R64)."""

    PROGRAM = "program"
    CONSOLE = "console"
    CLUE = "clue"


OF_PROGRAMS: Final = frozenset({PayloadOrigin.PROGRAM, PayloadOrigin.CLUE})
"""Of the API and the workers."""


def origin_of(payload: Payload) -> PayloadOrigin | None:
    """Return who encrypted the payload; None if unknown."""
    mark = payload.metadata.get(ORIGIN, b"").decode("ascii", "replace")
    return PayloadOrigin(mark) if mark in set(PayloadOrigin) else None


def person_of(payload: Payload) -> str:
    """Return the administrator for whom it was encrypted; empty if unknown."""
    return person_in(payload) if origin_of(payload) is PayloadOrigin.CONSOLE else ""


def person_in(payload: Payload) -> str:
    """Return the person named by the metadata."""
    return payload.metadata.get(PERSON, b"").decode("utf-8", "replace")


def marked(payload: Payload, origin: PayloadOrigin | None, person: str = "") -> Payload:
    """Return the same payload with only these marks."""
    if not (origin or person or ORIGIN in payload.metadata or PERSON in payload.metadata):
        return payload
    metadata = {name: value for name, value in payload.metadata.items() if name not in (ORIGIN, PERSON)}
    if origin is not None:
        metadata[ORIGIN] = origin.encode()
    if person:
        metadata[PERSON] = person.encode()
    return Payload(metadata=metadata, data=payload.data)
