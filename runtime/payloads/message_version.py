"""The version of what our programs send to workflows.

A field that may be passed over needs no new version: it gets a default. One that an older worker must not pass over,
or cannot read, does: otherwise that worker would note the message as unreadable, a later one would act on it when it replays
the history, and the claim would have had two lives.
"""

from typing import Final

from temporalio.api.common.v1 import Payload

VERSION: Final = 1
"""What this version of the programs sends, and the latest that its workers understand."""
MARK: Final = "zaoying-messages"
_FIRST: Final = 1


def with_version(payload: Payload, version: int) -> Payload:
    """Return a payload as a program of this version sends it. The first version is not marked; a mark stays as it is."""
    if version == _FIRST or MARK in payload.metadata:
        return payload
    return Payload(metadata={**payload.metadata, MARK: str(version).encode()}, data=payload.data)


def version_of(payload: Payload) -> int:
    """Return the version of a payload of our programs."""
    mark = payload.metadata.get(MARK, b"")
    return int(mark) if mark.isdigit() else _FIRST
