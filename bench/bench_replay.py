"""Speed of replaying histories: `python bench/bench_replay.py [TIMES] [--json]`.

Replays the kept histories TIMES times (default 20), bound to one core, in one run:

- parse: protobuf's parsing of the JSON alone;
- bare: Temporal's Replayer without our recording: the floor;
- recorded: our replay with all steps recorded, from parsed histories;
- whole: our replay from JSON.

Prints events per second of processor time; `ratio` is `recorded` to `bare`.
"""

import asyncio
import gc
import json
import os
import platform
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from time import process_time
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from audit.histories.parsing import read_history
from audit.replay.replayer import replay_runs
from runtime.data_converter import DATA_CONVERTER
from tests.support.archive.kept_histories import KEPT, load
from workflows.registered import WORKFLOWS

TIMES: Final = 20
WANTED: Final = 3000.0

Text = tuple[str, str]


def texts(times: int) -> list[Text]:
    kept = [load(path) for path in KEPT]
    return [(one.workflow_id, json.dumps(one.history)) for one in kept] * times


def parse(found: Sequence[Text]) -> list[WorkflowHistory]:
    return [read_history(name, text) for name, text in found]


async def bare(histories: Sequence[WorkflowHistory]) -> None:
    async def one_by_one() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=DATA_CONVERTER,
    )
    async with replayer.workflow_replay_iterator(one_by_one()) as results:
        async for result in results:
            if result.replay_failure is not None:
                raise result.replay_failure


async def recorded(histories: Sequence[WorkflowHistory]) -> None:
    async for replayed in replay_runs(histories):
        if replayed.problem is not None:
            raise replayed.problem


async def whole(found: Sequence[Text]) -> None:
    async for replayed in replay_runs(read_history(name, text) for name, text in found):
        if replayed.problem is not None:
            raise replayed.problem


async def measure(times: int) -> dict[str, float]:
    found = texts(times)
    began = process_time()
    histories = parse(found)
    rates = {"parse": process_time() - began}
    await recorded(histories[: len(KEPT)])
    gc.collect()
    for name, work in (("bare", bare(histories)), ("recorded", recorded(histories)), ("whole", whole(found))):
        began = process_time()
        await work
        rates[name] = process_time() - began
    events = sum(len(history.events) for history in histories)
    return {"events": float(events)} | {name: events / seconds for name, seconds in rates.items()}


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    result = asyncio.run(measure(numbers[0] if numbers else TIMES))
    result["ratio"] = result["recorded"] / result["bare"]
    if "--json" in sys.argv:
        print(json.dumps({"python": platform.python_version(), **result}))
    else:
        for name, value in result.items():
            print(f"{name:>8} {value:>12,.2f}")
        print(f"{'wanted':>8} {WANTED:>12,.2f}  {'kept' if result['recorded'] >= WANTED else 'MISSED'}")
    sys.stdout.flush()
    os._exit(0 if result["recorded"] >= WANTED else 1)


if __name__ == "__main__":
    main()
