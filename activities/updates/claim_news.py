"""Telling one claim of a new calendar or a new edition (R6, R7)."""

from datetime import timedelta
from typing import Final

import structlog
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.delivery import has_had_all_signals
from activities.workflow_ids import workflow_id
from claims.deadlines.recalculation import News, RecalculationResult
from claims.model.journal import TransitionRecord

PATIENCE: Final = timedelta(seconds=10)
"""The timeout of one claim's update."""

log = structlog.get_logger()


class ClaimEnded(Exception):
    """The claim was over by then."""


async def update_claim(
    client: Client, number: str, *, update: str, news: News, id: str, signal: str, fallback: News
) -> TransitionRecord | None:
    """Update a claim, once for each `id`, and return the record that it hands over. A claim that cannot
    answer now gets the signal instead. Raises ClaimEnded, RPCError.
    """
    handle = client.get_workflow_handle(workflow_id(number))
    try:
        try:
            result: RecalculationResult = await handle.execute_update(
                update, news, id=id, result_type=RecalculationResult, rpc_timeout=PATIENCE
            )
            return result.record
        except (WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, RPCError) as error:
            if isinstance(error, RPCError) and error.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise
            # A claim that cannot answer now delays no other: the signal waits for it.
            log.warning("claim-not-told-yet", claim=number, error=type(error).__name__)
            await handle.signal(signal, fallback)
    except RPCError as error:
        if has_had_all_signals(error):
            log.error("claim-not-told", claim=number, message=error.message)
            return None
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise ClaimEnded(number) from error
    return None
