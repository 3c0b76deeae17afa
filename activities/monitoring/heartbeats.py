"""Heartbeats of long activities, so that a dead worker is noticed within seconds and not only at the activity's timeout."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from temporalio import activity

_BEAT_SECONDS: Final = 5.0


@asynccontextmanager
async def with_heartbeats() -> AsyncIterator[None]:
    """Send a heartbeat every few seconds until the end of the block."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_BEAT_SECONDS)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
