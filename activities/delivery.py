"""Delivers messages to a workflow even after it has had the maximum number of signals.

The server limits signals (`history.maximumSignalsPerExecution`), so that a flood cannot end a workflow.
Beyond the limit, messages of people and claims are sent as updates, which the workflow itself limits.
"""

from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from claims.model.messages.envelopes import digest

DELIVER: Final = "deliver"
"""The update."""
KNOWN: Final = "Known"
"""The type of the failure where the workflow has the message already."""
NOT_TAKEN: Final = "NotTaken"
"""The type of the failure where the message would change nothing."""
_EXHAUSTED: Final = "limit for signal events"


class NotTaken(Exception):
    """The workflow has had all its signals, and would do nothing with the message."""


class Delivery(BaseModel):
    """A message, and the name of the signal that it would have been."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    signal: str
    message: dict[str, JsonValue]

    @property
    def id(self) -> str:
        """The update's id: a message that is sent again is delivered once."""
        return digest([self.signal, self.message])


def has_had_all_signals(error: RPCError) -> bool:
    """Return whether the server refuses a signal because the workflow has had as many as it allows."""
    return error.status is RPCStatusCode.INVALID_ARGUMENT and _EXHAUSTED in error.message


async def deliver(
    handle: "WorkflowHandle[object, object]",
    signal: str,
    message: BaseModel,
    *,
    timeout: timedelta = timedelta(seconds=4),
) -> None:
    """Signal a workflow, or update it where it takes no more signals. Raises RPCError, and NotTaken where the workflow
    would do nothing with it."""
    try:
        await handle.signal(signal, message, rpc_timeout=timeout)
    except RPCError as error:
        if not has_had_all_signals(error):
            raise
        delivery = Delivery(signal=signal, message=message.model_dump(mode="json"))
        try:
            await handle.execute_update(DELIVER, delivery, id=delivery.id, rpc_timeout=timeout)
        except WorkflowUpdateFailedError as failure:
            if not (isinstance(failure.cause, ApplicationError) and failure.cause.type == KNOWN):
                raise NotTaken(str(failure.cause)) from failure
