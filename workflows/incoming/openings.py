"""Which workflows are claims: those that our programs have started (ADR 14)."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.registration import IS_REGISTERED, ClaimToStart
    from activities.task_queues import ActivityQueue
    from activities.workflow_ids import workflow_id
    from runtime.payloads.origin import OF_PROGRAMS, origin_of
    from workflows.messages import AUTHENTIC, CURRENT_PROTOCOL, Opening
    from workflows.outgoing import retry_policies
    from workflows.outgoing.task_queues import beside_own
    from workflows.patches import REGISTERED_OPENINGS


class UnknownProtocol(Exception):
    """A later version has registered the claim. Its task fails, and it waits unchanged for a worker that knows it: one begun
    by other commands could never be continued by the right ones."""


def opening_in(message: RawValue) -> Opening:
    """Return the input with which a claim's workflow was started."""
    opening: Opening = workflow.payload_converter().from_payload(message.payload, Opening)
    return opening


def is_known(opening: Opening) -> bool:
    """Return whether this build knows how such a claim reaches the engine."""
    return opening.protocol <= CURRENT_PROTOCOL


def require_known(opening: Opening) -> None:
    """Raises UnknownProtocol."""
    if not is_known(opening):
        raise UnknownProtocol(f"protocol {opening.protocol}; this build knows up to {CURRENT_PROTOCOL}")


def is_ours(message: RawValue, opening: Opening) -> bool:
    """Return whether one of our programs started this workflow. Claims that began before version 0.5 are not
    checked.
    """
    is_encrypted = origin_of(message.payload) in OF_PROGRAMS
    if opening.protocol >= AUTHENTIC:
        return is_encrypted and workflow.info().workflow_id == workflow_id(opening.number)
    return is_encrypted or not workflow.patched(REGISTERED_OPENINGS)


async def require_registered(opening: Opening) -> None:
    """R10: of a workflow that is not ours, raise ApplicationError, unless a program older than version 0.5
    registered the claim and left its first task to us.
    """
    if opening.protocol >= AUTHENTIC or not await _is_on_record(opening):
        raise ApplicationError("不是本系统登记的诉求，不予办理", type="NotRegistered", non_retryable=True)


async def _is_on_record(opening: Opening) -> bool:
    found: bool = await workflow.execute_activity(
        IS_REGISTERED,
        ClaimToStart(number=opening.number, order=opening.order),
        result_type=bool,
        task_queue=beside_own(ActivityQueue.RECORDS),
        start_to_close_timeout=timedelta(seconds=30),
        retry_policy=retry_policies.RECORDS,
        summary="核对登记",
    )
    return found
