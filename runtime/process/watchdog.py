"""Ends a program that has stopped working, so that its supervisor starts it again.

Nothing is lost by it: what was acknowledged is in Temporal's histories (docs/operations.md).
"""

import asyncio
import faulthandler
import os
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, NoReturn

STANDSTILL: Final = 60
"""Seconds."""
EXIT_CODE: Final = 70
_TICK: Final = 1.0


def end_program(reason: str) -> NoReturn:
    """End the process at once, with the reason and the stack of each thread on standard error. Takes no lock and runs no
    exit handler: another thread may hold the lock of the log for good."""
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"watchdog: {reason}\n".encode())
    faulthandler.dump_traceback(file=sys.__stderr__ or 2)
    os._exit(EXIT_CODE)


@asynccontextmanager
async def watchdog(standstill: float = STANDSTILL) -> AsyncIterator[None]:
    """End the process if its event loop does not run for so many seconds.

    The seconds are counted by a thread of the same process: a machine or a process that was suspended is not at a
    standstill.
    """
    beats = _Beats()
    over = threading.Event()
    thread = threading.Thread(target=_watch, args=(beats, over, standstill), name="watchdog", daemon=True)
    thread.start()
    beating = asyncio.create_task(beats.go_on())
    try:
        yield
    finally:
        over.set()
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


class _Beats:
    """Counts that the event loop runs."""

    def __init__(self) -> None:
        self.count = 0

    async def go_on(self) -> None:
        while True:
            self.count += 1
            await asyncio.sleep(_TICK)


def _watch(beats: _Beats, over: threading.Event, standstill: float) -> None:
    seen, still = -1, 0.0
    while not over.wait(_TICK):
        still = still + _TICK if beats.count == seen else 0.0
        seen = beats.count
        if still >= standstill:
            end_program(f"the event loop has not run for {standstill:.0f} seconds")
