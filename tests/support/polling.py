"""Polling. A failing test waits for the full time, a passing one only as long as needed."""

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
    """Limit a block's time; fail after it."""
    return asyncio.timeout(PATIENCE)


def pauses() -> Iterator[float]:
    """Yield seconds before each retry of a request, growing so as not to keep a busy system busy."""
    return growing()


def looks() -> Iterator[float]:
    """Yield seconds before each further query."""
    return growing(0.02, 0.5)


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Return when the condition holds; fail if it does not in time."""
    pauses_between = looks()
    async with patience():
        while not (holds if isinstance(holds := condition(), bool) else await holds):
            await asyncio.sleep(next(pauses_between))


async def eventually(read: Callable[[], Awaitable[Answer]], accepts: Callable[[Answer], bool]) -> Answer:
    """Read repeatedly until the value is accepted, and return it; fail if it is not in time."""
    pauses_between = looks()
    async with patience():
        while not accepts(found := await read()):
            await asyncio.sleep(next(pauses_between))
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    """As `until`, without an event loop."""
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def come_again(work: Callable[[], Answer]) -> Answer:
    """Repeat what a busy database refuses."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except RecordsUnavailable:
            if time.monotonic() > ends:
                raise
