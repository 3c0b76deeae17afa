"""Request ids for signals that came without one."""

from collections.abc import Container

from claims.model.messages.envelopes import Envelope
from claims.model.policy import Policy
from workflows.incoming.inbox import CONSOLE_ID, Received


class NumberedSignals:
    """Numbers such signals, passing over ids that people have used."""

    def __init__(self) -> None:
        self._last = 0

    def envelope_of(self, received: Received, policy: Policy, used: Container[str]) -> Envelope:
        """Return the envelope with a free request id."""
        envelope = received.envelope
        if not received.numbered or not policy.binds_request_ids:
            return envelope
        self._last += 1
        while f"{CONSOLE_ID}{self._last}" in used:
            self._last += 1
        body = {**envelope.body, "request_id": f"{CONSOLE_ID}{self._last}"}
        return envelope.model_copy(update={"body": body})
