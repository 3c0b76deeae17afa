"""Activities that workflows cannot do without. They are retried without end, but an administrator can end one in the
Temporal UI or with `temporal activity fail`; it is begun again then (R10: nothing received is ever lost)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from workflows.patches import ENDED_ACTIVITIES

PAUSE: Final = timedelta(seconds=5)
"""Before an activity is begun again, so that one that fails at once does not fill the history."""

Result = TypeVar("Result")


async def until_done(begin: Callable[[], Awaitable[Result]]) -> Result:
    """Return the activity's result, however often somebody ends it. Raises ActivityError if the workflow is cancelled."""
    while True:
        try:
            return await begin()
        except ActivityError as error:
            if not begins_again(error):
                raise
        await pause()


async def pause() -> None:
    """Wait before an activity is begun again."""
    await workflow.sleep(PAUSE, summary="活动被人工终止，稍后重新执行")


def begins_again(error: BaseException | None) -> bool:
    """Return whether this is the failure of an activity that is to be begun again."""
    is_ended = isinstance(error, ActivityError) and not is_cancelled_exception(error)
    return is_ended and workflow.patched(ENDED_ACTIVITIES)
