"""Which messages come from our own programs (ADR 14).

Anybody with access to the Temporal server can signal a workflow. What the API and the workers send is
encrypted with a key of theirs, and the codec says so when it decodes: by the key's id, which the history
holds, so that a replay finds the same. Everything else is an administrator's, who may do what the console
may.
"""

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from claims.model.messages.envelopes import address
    from claims.model.values import Actor, console_of
    from runtime.payloads.origin import OF_PROGRAMS, origin_of, person_of


class Authenticity:
    """Which messages one workflow believes. `is_strict`: only those of our programs. A workflow from before version
    0.5 believes all messages until the first encrypted one of our programs."""

    def __init__(self, workflow_id: str, *, is_strict: bool) -> None:
        self._workflow_id = workflow_id
        self.is_strict = is_strict

    def note(self, message: RawValue) -> None:
        """Take notice of a message: from the first encrypted one of our programs on, no others are believed."""
        self.is_strict = self.is_strict or origin_of(message.payload) in OF_PROGRAMS

    def is_ours(self, message: RawValue) -> bool:
        """Return whether one of our programs sent it."""
        origin = origin_of(message.payload)
        return origin in OF_PROGRAMS or (origin is None and not self.is_strict)

    def is_for(self, addressee: str, signal: str) -> bool:
        """Return whether it is for this workflow and signal, and not a copy of another message."""
        return not self.is_strict or addressee == address(self._workflow_id, signal)


def sender_of(message: RawValue) -> Actor:
    """Return the administrator who sent a message in the Temporal UI."""
    return console_of(person_of(message.payload))
