"""Recovery times after failures: `python bench/bench_accidents.py [N] [--json]`.

Uses a real server on a file, with workers in separate processes:

- deadlines: N claims (default 60) are dispatched at once while another process locks the SQLite records.
  Measures the seconds from the first dispatch until the last deadline is computed, by the server's clock, and
  how long `fix_deadlines` waits for a worker slot. `free` is the same without the lock;
- killed: kills (SIGKILL) the worker that caches the claims, one of two. Measures the seconds until an action
  sent at once is answered, the worst of a few;
- sticky timeouts: workflow tasks that moved to another worker during `deadlines`; each causes a replay.
"""

import asyncio
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from activities.deadlines import FIX_DEADLINES
from activities.workflow_ids import signal_name
from bench.bench_calendar_update import Handle, answer, envelope, open_claim
from claims.model.terms import Action
from runtime.connection import connect
from runtime.local_stack import Program
from runtime.settings import Settings, load_settings
from tests.support.claims.people import HANDLER
from tests.support.records.sqlite_lock import locked
from tools.dev_server import DevServer, DevServerOptions
from tools.temporal_cli import find_or_build
from workflows.search_attributes import SEARCH_ATTRIBUTES

CLAIMS: Final = 60
KILLED: Final = 5
POLL: Final = 0.25


class Workers:
    """Worker processes that share one home folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.running: list[Program] = []

    async def start(self) -> Program:
        """Start another worker and wait until it is ready."""
        log = self._settings.home / f"worker-{len(self.running)}.log"
        worker = Program("worker", self._settings.environment(), log)
        worker.start()
        self.running.append(worker)
        while "worker-ready" not in worker.log_tail():
            await asyncio.sleep(POLL)
        return worker

    def end(self) -> None:
        """Kill all workers."""
        for worker in self.running:
            worker.kill()


def instant(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime()


class Fixing(NamedTuple):
    """One `fix_deadlines` in a history: when it was scheduled, last started and completed."""

    scheduled: datetime
    started: datetime
    completed: datetime


def fixings(events: Sequence[HistoryEvent]) -> list[Fixing]:
    """Return the completed ones."""
    by_id = {event.event_id: event for event in events}
    found: list[Fixing] = []
    for event in events:
        if event.event_type != EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            continue
        done = event.activity_task_completed_event_attributes
        asked, started = by_id[done.scheduled_event_id], by_id[done.started_event_id]
        if asked.activity_task_scheduled_event_attributes.activity_type.name == FIX_DEADLINES:
            found.append(Fixing(instant(asked), instant(started), instant(event)))
    return found


async def until_fixed(handles: Sequence[Handle]) -> None:
    """Wait until no claim waits for a deadline."""

    async def waits(handle: Handle) -> bool:
        found = (await handle.describe()).raw_description
        return FIX_DEADLINES in {pending.activity_type.name for pending in found.pending_activities}

    async def asked(handle: Handle) -> bool:
        return bool(fixings(list((await handle.fetch_history()).events)))

    for handle in handles:
        while await waits(handle) or not await asked(handle):
            await asyncio.sleep(POLL)


async def time_deadlines(client: Client, settings: Settings, count: int, *, lock: bool) -> dict[str, float]:
    """Dispatch many claims, then read their histories."""
    holder = locked(settings.home / "records.db") if lock else nullcontext()
    async with holder:
        async with asyncio.TaskGroup() as group:
            started = [group.create_task(open_claim(client, settings.task_queue, n)) for n in range(count)]
        handles = [task.result() for task in started]
        await until_fixed(handles)
        histories = [list((await handle.fetch_history()).events) for handle in handles]
    began = min(instant(events[0]) for events in histories)
    done = [one for events in histories for one in fixings(events)]
    waits = sorted((one.started - one.scheduled).total_seconds() for one in done)
    timed_out = EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT
    return {
        "all_s": round(max((one.completed - began).total_seconds() for one in done), 2),
        "wait_median_s": round(median(waits), 2),
        "wait_p95_s": round(waits[int(0.95 * len(waits))], 2),
        "sticky_timeouts": sum(event.event_type == timed_out for events in histories for event in events),
    }


async def time_killed(client: Client, settings: Settings, workers: Workers) -> float:
    """Return seconds until the first answer after a worker was killed, while another one runs."""
    (owner,) = [worker for worker in workers.running if worker.is_running]
    handles = [await open_claim(client, settings.task_queue, n) for n in range(3)]
    for handle in handles:
        await answer(handle)
    await until_fixed(handles)
    await workers.start()
    await act(handles[0], "before")
    await until_asleep(handles[0])
    owner.kill()
    began = perf_counter()
    await act(handles[0], "after")
    return round(perf_counter() - began, 2)


async def until_asleep(handle: Handle) -> None:
    """Wait until nothing is in progress: a task of a dead worker times out only after 10 s, in any queue."""
    while True:
        found = (await handle.describe()).raw_description
        if not (found.pending_activities or found.HasField("pending_workflow_task")):
            return
        await asyncio.sleep(0.05)


async def act(handle: Handle, request_id: str) -> None:
    """Perform one action and wait for its answer."""
    signal = signal_name(Action.PROGRESS)
    await handle.signal(signal, envelope(Action.PROGRESS, HANDLER, request_id).addressed(handle.id, signal))
    await answer(handle)


async def measured(count: int) -> dict[str, object]:
    """Return all figures."""
    with tempfile.TemporaryDirectory() as home:
        given = load_settings()
        options = DevServerOptions(
            cli=find_or_build(explicit=given.temporal_cli, cache_dir=given.cache, say=print),
            log_path=Path(home) / "temporal.log",
            db_filename=Path(home) / "temporal.db",
            search_attributes=SEARCH_ATTRIBUTES,
        )
        async with DevServer(options) as server:
            settings = Settings(home=Path(home), temporal_address=server.target)
            workers = Workers(settings)
            try:
                return await _measured(settings, workers, count)
            finally:
                workers.end()


async def _measured(settings: Settings, workers: Workers, count: int) -> dict[str, object]:
    await workers.start()
    client = await connect(settings)
    load = os.getloadavg()[0]
    free = await time_deadlines(client, settings, count, lock=False)
    held = await time_deadlines(client, settings, count, lock=True)
    await asyncio.sleep(5)
    killed = [await time_killed(client, settings, workers) for _ in range(KILLED)]
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(load, 1),
        "claims": count,
        **{f"free_{name}": value for name, value in free.items()},
        **{f"locked_{name}": value for name, value in held.items()},
        "killed_s": max(killed),
        "killed_each_s": killed,
    }


def main(arguments: list[str]) -> int:
    """Measure and print."""
    numbers = [argument for argument in arguments if argument.isdigit()]
    if set(arguments) - {"--json", *numbers} or len(numbers) > 1:
        print("usage: bench_accidents.py [N] [--json]", file=sys.stderr)
        return 2
    result = asyncio.run(measured(int(numbers[0]) if numbers else CLAIMS))
    if "--json" in arguments:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    for name, value in result.items():
        print(f"{name:24} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
