"""The floor for comparison with a claim, on the same server: `python bench/floor.py ADDRESS` runs its worker
with the keys of the installation in `ZAOYING_HOME`.

An empty workflow with the same number of signals, each followed by a query, with an empty activity for each
step and as many timers as a claim has limits at a time.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from temporalio import activity, workflow
from temporalio.worker import Worker

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runtime.connection import FrontendAddress, connect
from runtime.settings import load_settings

ACTS: Final = 6
QUEUE: Final = "floor"
_WITHIN: Final = timedelta(seconds=10)


@activity.defn
async def note(step: int) -> int:
    """Do nothing."""
    return step


@workflow.defn(name="FloorClaim", sandboxed=False)
class FloorClaim:
    """A workflow with the minimum of events for six signals, each recorded by an activity."""

    def __init__(self) -> None:
        self._received: list[int] = []

    @workflow.run
    async def run(self) -> int:
        """Take six signals: the first starts three timers, three later ones cancel one each."""
        timers: list[asyncio.Task[None]] = []
        await workflow.execute_activity(note, 0, start_to_close_timeout=_WITHIN)
        for done in range(1, ACTS + 1):
            await workflow.wait_condition(lambda done=done: len(self._received) >= done)  # type: ignore[misc]
            if done == 1:
                await workflow.execute_activity(note, 1, start_to_close_timeout=_WITHIN)
                timers = [asyncio.create_task(workflow.sleep(timedelta(days=n))) for n in (1, 2, 10)]
            elif done in (3, 4, 5):
                timers.pop(0).cancel()
            await workflow.execute_activity(note, done, start_to_close_timeout=_WITHIN)
        return ACTS

    @workflow.signal
    def act(self, n: int) -> None:
        """Count a signal."""
        self._received.append(n)

    @workflow.query
    def look(self) -> int:
        """Return the number of signals received."""
        return len(self._received)


@workflow.defn(name="FloorLimit", sandboxed=False)
class FloorLimit:
    """A timer with an activity when it fires."""

    @workflow.run
    async def run(self, ends: datetime) -> None:
        """Wait until an instant, then run the activity."""
        await workflow.sleep(max(ends - workflow.now(), timedelta(milliseconds=1)))
        await workflow.execute_activity(note, 0, start_to_close_timeout=_WITHIN)


async def serve(address: str) -> None:
    """Run the worker until it is stopped."""
    converter = load_settings().data_converter
    client = await connect(FrontendAddress(address, data_converter=converter))
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[FloorClaim, FloorLimit],
        activities=[note],
        max_cached_workflows=1000,
    ):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
