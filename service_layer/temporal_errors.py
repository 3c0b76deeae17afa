"""The errors of Temporal that callers distinguish."""

from temporalio.service import RPCError, RPCStatusCode


class TemporalUnavailable(Exception):
    """The server cannot be reached: nothing was sent, or it is not known whether it was."""


class NotRunning(Exception):
    """There is no such workflow, or it has ended."""


class NumberTaken(Exception):
    """Another claim has this number: the records were lost, and numbers are counted from one again."""


class NoAnswer(Exception):
    """The workflow exists, but no worker answered in time."""


def translated(error: RPCError) -> Exception:
    """Return Temporal's error as one of ours."""
    match error.status:
        case RPCStatusCode.NOT_FOUND if "namespace" not in error.message.lower():
            return NotRunning(error.message)
        case (
            RPCStatusCode.FAILED_PRECONDITION
            | RPCStatusCode.DEADLINE_EXCEEDED
            | RPCStatusCode.CANCELLED
            | RPCStatusCode.RESOURCE_EXHAUSTED
            | RPCStatusCode.INVALID_ARGUMENT
        ):
            return NoAnswer(error.message)
        case _:
            return TemporalUnavailable(error.message)
