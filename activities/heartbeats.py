"""Long activities say that they live: a worker that dies is noticed within seconds, not when they should have ended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from temporalio import activity

_BEAT_SECONDS: Final = 5.0


@asynccontextmanager
async def beating() -> AsyncIterator[None]:
    """What is awaited within is heard of every few seconds."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_BEAT_SECONDS)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
