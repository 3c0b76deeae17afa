"""The one loop that polls a workflow until it is in the wanted state."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from service_layer.temporal_gateway import NoAnswer, NotRunning, TemporalUnavailable

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.25

State = TypeVar("State")


async def poll(
    query: Callable[[float], Awaitable[State]], is_done: Callable[[State], bool], *, within: float
) -> State | None:
    """The first state that is done, or the last one seen; None where the workflow never answered.

    `query` takes the seconds that are left. Polling ends when it does not answer any more.
    """
    loop = asyncio.get_running_loop()
    ends, pause = loop.time() + within, FIRST_PAUSE
    last: State | None = None
    while (left := ends - loop.time()) > 0:
        try:
            last = await query(left)
        except (NoAnswer, NotRunning, TemporalUnavailable):
            return last
        if is_done(last):
            return last
        await asyncio.sleep(min(pause, left))
        pause = min(pause * 2, LONGEST_PAUSE)
    return last
