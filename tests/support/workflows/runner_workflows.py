"""Workflows for tests of workflow runners, in a separate module because a sandbox loads it for each run."""

import asyncio
import threading
import time
from datetime import datetime, timedelta

from temporalio import activity, workflow

SLOW = threading.Event()
"""Whether `TakesTooLong` does."""


@workflow.defn
class LooksAtAClock:
    """Reads a clock, which no workflow may do."""

    @workflow.run
    async def run(self) -> str:
        return str(datetime.now())  # noqa: DTZ005  on purpose


@activity.defn
async def say(word: str) -> str:
    """Return the argument."""
    return word


@workflow.defn
class AsksForAWord:
    """Calls an activity and returns its result."""

    @workflow.run
    async def run(self, word: str) -> str:
        return await workflow.execute_activity(say, word, start_to_close_timeout=timedelta(seconds=10))


@activity.defn
async def answer_later() -> None:
    """End when the test allows it."""
    activity.raise_complete_async()


@workflow.defn
class NotesWhen:
    """Records the instant at which another activity has ended."""

    def __init__(self) -> None:
        self._is_over = False

    @workflow.run
    async def run(self) -> str:
        await workflow.execute_activity(
            answer_later, activity_id="later", start_to_close_timeout=timedelta(minutes=1)
        )
        ended = workflow.now().isoformat()
        await workflow.execute_activity(say, ended, start_to_close_timeout=timedelta(seconds=10))
        await workflow.wait_condition(lambda: self._is_over)
        return ended

    @workflow.query
    def is_over(self) -> bool:
        """Return whether it has ended."""
        return self._is_over

    @workflow.signal
    def end(self) -> None:
        """End the activity."""
        self._is_over = True


@workflow.defn
class Blocks:
    """Blocks a worker's slot for some seconds."""

    @workflow.run
    async def run(self, seconds: float) -> None:
        with workflow.unsafe.sandbox_unrestricted():
            time.sleep(seconds)


@workflow.defn
class TakesTooLong:
    """Each of its signals keeps the worker's thread for some seconds while `SLOW` is set."""

    def __init__(self) -> None:
        self._taken = 0

    @workflow.run
    async def run(self, signals: int) -> int:
        await workflow.wait_condition(lambda: self._taken == signals)
        return self._taken

    @workflow.signal
    async def take(self) -> None:
        """Count one."""
        await asyncio.sleep(0)
        if SLOW.is_set():
            with workflow.unsafe.sandbox_unrestricted():
                ends = time.monotonic() + 1.5
                while time.monotonic() < ends:
                    pass  # Python code, which the SDK can interrupt
        await asyncio.sleep(0)
        self._taken += 1
