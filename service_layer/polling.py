"""The one loop that polls a workflow until it is in the wanted state, and how long to wait before asking again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.25

State = TypeVar("State")


def growing(first: float = 0.1, longest: float = 2.0) -> Iterator[float]:
    """Yield seconds to wait before each further try: twice as long each time, up to the longest; as given,
    for a client over HTTP.

    Polling a busy system at a constant rate would keep it busy.
    """
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)


async def poll(
    query: Callable[[float], Awaitable[State]], is_done: Callable[[State], bool], *, within: float
) -> State | None:
    """Return the first state that is done, or the last one seen; None where the workflow never answered.

    `query` takes the seconds that are left. Polling ends when it does not answer any more.
    """
    loop = asyncio.get_running_loop()
    ends, pauses = loop.time() + within, growing(FIRST_PAUSE, LONGEST_PAUSE)
    last: State | None = None
    while (left := ends - loop.time()) > 0:
        try:
            last = await query(left)
        except (NoAnswer, NotRunning, TemporalUnavailable):
            return last
        if is_done(last):
            return last
        await asyncio.sleep(min(next(pauses), left))
    return last
