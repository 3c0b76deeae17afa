"""Waiting for what has to come. Nothing is measured: only a failure waits to the end, on the busiest machine."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

from records.errors import RecordsUnavailable
from service_layer.polling import growing

Answer = TypeVar("Answer")

PATIENCE: Final = 120.0
"""Seconds."""


def patience() -> asyncio.Timeout:
    """A block that ends in its own time, or fails."""
    return asyncio.timeout(PATIENCE)


def pauses() -> Iterator[float]:
    """Seconds before each further try of a request: a careful client does not keep a busy system busy."""
    return growing()


def looks() -> Iterator[float]:
    """Seconds before each further look: each may cost the system a query."""
    return growing(0.02, 0.5)


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return when it holds; fails when it does not come to that."""
    pauses_between = looks()
    async with patience():
        while not (holds if isinstance(holds := condition(), bool) else await holds):
            await asyncio.sleep(next(pauses_between))


async def eventually(read: Callable[[], Awaitable[Answer]], accepts: Callable[[Answer], bool]) -> Answer:
    """Read again and again until what is read is accepted, and return that; fails when it does not come to that."""
    pauses_between = looks()
    async with patience():
        while not accepts(found := await read()):
            await asyncio.sleep(next(pauses_between))
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    """The same for what runs no event loop."""
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def come_again(work: Callable[[], Answer]) -> Answer:
    """What a busy database asks to be sent again, as often as it asks."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except RecordsUnavailable:
            if time.monotonic() > ends:
                raise
