"""The one loop that polls a workflow until it is in the wanted state, and how long to wait before asking again."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable

FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.25

_NEWEST: Final = 0.2
"""The weight of the newest message in the usual time."""
_LONGER: Final = 2
"""A first query may take this many times as long as others: it is sent before the seconds begin."""

State = TypeVar("State")


class SendingTime:
    """How long a message of one kind takes on this system: the moving average of those that arrived."""

    def __init__(self, *, head_start: float, usual: float | None = None) -> None:
        """`head_start`: which share of its time a message has before its query is sent; `usual`: seconds, where known."""
        self._share = head_start
        self._usual = usual

    @property
    def head_start(self) -> float | None:
        """Seconds from a message to its query; None where no message has arrived yet: the query waits for its answer."""
        return None if self._usual is None else self._usual * self._share

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure a message; one that fails does not count."""
        clock = asyncio.get_running_loop().time
        began = clock()
        yield
        taken = clock() - began
        self._usual = taken if self._usual is None else self._usual + (taken - self._usual) * _NEWEST


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


async def send_and_poll(
    send: Callable[[], Awaitable[None]],
    query: Callable[[float], Awaitable[State]],
    is_done: Callable[[State], bool],
    *,
    within: float,
    time: SendingTime,
) -> State | None:
    """Start or signal a workflow, then poll it. Raises what `send` raises; the seconds begin when that has returned.

    The first query is sent while the server stores the message. There it waits for the message's workflow task, which takes
    it along, so the worker answers both at once (docs/performance.md). One that comes too early is repeated. Others keep
    their place on a busy system until the time is up.
    """
    loop, acknowledged = asyncio.get_running_loop(), asyncio.Event()
    asked = asyncio.create_task(_first_answer(acknowledged, time.head_start, query, _LONGER * within))
    try:
        with time.measured():
            await send()
    except BaseException:
        asked.cancel()
        raise
    acknowledged.set()
    ends = loop.time() + within
    found: State | None = None
    with suppress(TimeoutError):
        async with asyncio.timeout_at(ends):
            found = await asked
    if found is not None and is_done(found):
        return found
    return await poll(query, is_done, within=ends - loop.time()) or found


async def _first_answer(
    acknowledged: asyncio.Event,
    head_start: float | None,
    query: Callable[[float], Awaitable[State]],
    within: float,
) -> State | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(head_start):
            await acknowledged.wait()
    with suppress(NoAnswer, NotRunning, TemporalUnavailable):
        return await query(within)
    return None
