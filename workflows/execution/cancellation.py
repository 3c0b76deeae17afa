"""Cancellation from the Temporal UI, which claims and units' accounts note and do not obey (ADR 0001)."""

import asyncio
from typing import Final

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

CANCELLED: Final = (asyncio.CancelledError, ActivityError)
"""How a cancellation shows: as the activity's failure while limits are being fixed."""


class Cancellation:
    """What is to be noted once."""

    def __init__(self) -> None:
        self._noted = False

    def take(self, error: BaseException) -> None:
        """Return for an administrator's cancellation. Raises whatever else it is: a failure; where nobody has asked, the
        worker that puts the workflow out of its memory."""
        if not is_cancelled_exception(error):
            raise error
        if self._noted or workflow.cancellation_reason() is None:
            raise asyncio.CancelledError
        self._noted = True
