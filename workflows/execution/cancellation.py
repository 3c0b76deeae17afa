"""Cancellation from the Temporal UI, which claims and units' accounts note and do not obey (ADR 0001)."""

import asyncio
from typing import Final

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

CANCELLED: Final = (asyncio.CancelledError, ActivityError)
"""How a cancellation is raised: as the activity's failure while limits are being fixed."""


class Cancellation:
    """A cancellation, to be noted once."""

    def __init__(self) -> None:
        self._noted = False

    def take(self, error: BaseException) -> None:
        """Return if an administrator has cancelled. Raises otherwise: the error is a failure, or the worker evicts
        the workflow from its cache."""
        if not is_cancelled_exception(error):
            raise error
        if self._noted or workflow.cancellation_reason() is None:
            raise asyncio.CancelledError
        self._noted = True
