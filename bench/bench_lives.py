"""Whole lives over HTTP beside a floor on the same server:
`python bench/bench_lives.py [N] [ROW=N …] [--postgresql] [--json]`.

The system as `zaoying up` runs it, its records on SQLite or PostgreSQL, and beside it `bench/floor.py`. A life is a
registration and six acts: dispatch, sign-for, contact, reply, feedback, call-back. Without a ROW, the first three; each
ROW may have a size of its own (`limits=1000`):

- alone: one act after the other, 0.15 s apart. An act over HTTP to the floor's signal and query, p50 and p95;
- crowd: N lives (60 unless said), 12 at a time, in three rounds after the floor's. Lives per second to the floor's (the
  median of the rounds); processor milliseconds of a life, worker and API to the floor's worker; events and bytes of the
  last life, and of the floor's;
- memory: what a cached claim adds to the worker, in KiB: 200 dispatched ones, after 200 others; and a workflow of the
  floor after one act to its own;
- limits: N limits that end in the same second, until all letters are on record, to the floor's timers with an activity;
- open: an act with N open claims to one with N / 30, p50; from 10,000 on to one with N / 10 as well;
- killed: kill -9 of the worker until the first action is answered by another one, to the SDK's default sticky timeout.
"""

import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
import structlog

from bench.city import City
from bench.lives_rows import ROWS
from runtime.connection import connect
from runtime.local_stack import LocalStack
from runtime.settings import Settings
from tests.support.records.postgres import FORGETFUL, running_cluster

LIVES: Final = 60
USUAL: Final = ("alone", "crowd", "memory")
FLOOR: Final = Path(__file__).parent / "floor.py"
USAGE: Final = f"usage: bench_lives.py [N] [ROW=N ...] [--postgresql] [--json]\nrows: {', '.join(ROWS)}"

log = structlog.get_logger()


async def measured(rows: Mapping[str, int], *, postgresql: bool) -> dict[str, object]:
    """The figures of these rows, each of its size."""
    with (
        tempfile.TemporaryDirectory() as home,
        running_cluster(FORGETFUL) if postgresql else nullcontext() as cluster,
    ):
        settings = Settings(home=Path(home), temporal_port=0, ui_port=0, api_port=0)
        if cluster is not None:
            settings = settings.model_copy(update={"database_url": cluster.create()})
        async with AsyncExitStack() as running:
            city = await _city(settings, running)
            await city.crowd(city.floor_life, 8, 4)
            await city.crowd(city.life, 8, 4)
            load = os.getloadavg()[0]
            figures: dict[str, object] = {}
            for name, measure in ROWS.items():
                if name in rows:
                    figures |= await measure(city, rows[name])
            if city.spare is not None:
                city.spare.kill()
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(load, 1),
        "load_after": round(os.getloadavg()[0], 1),
        "records": "postgresql" if postgresql else "sqlite",
        **figures,
    }


async def _city(settings: Settings, running: AsyncExitStack) -> City:
    stack = await running.enter_async_context(LocalStack(settings, say=log.debug))
    client = await connect(stack.settings)
    limits = httpx.Limits(max_connections=64)
    http = await running.enter_async_context(
        httpx.AsyncClient(base_url=stack.api_url, timeout=60, trust_env=False, limits=limits)
    )
    address = f"127.0.0.1:{stack.settings.temporal_port}"
    environment = stack.settings.environment()
    worker = subprocess.Popen([sys.executable, str(FLOOR), address], env=environment)
    running.callback(worker.kill)
    return City(stack, client, http, worker.pid)


def rows_of(words: list[str]) -> dict[str, int] | None:
    """The rows that are asked for, with their sizes; None where nobody knows them."""
    sizes = [int(word) for word in words if word.isdigit()]
    asked = [word.partition("=") for word in words if not word.isdigit()]
    if len(sizes) > 1 or not all(name in ROWS and (n.isdigit() or not n) for name, _, n in asked):
        return None
    usual = sizes[0] if sizes else LIVES
    return {name: int(n or usual) for name, _, n in asked} or dict.fromkeys(USUAL, usual)


def main(arguments: list[str]) -> int:
    """Measure and print."""
    rows = rows_of([word for word in arguments if not word.startswith("--")])
    if rows is None or {word for word in arguments if word.startswith("--")} - {"--json", "--postgresql"}:
        print(USAGE, file=sys.stderr)
        return 2
    result = asyncio.run(measured(rows, postgresql="--postgresql" in arguments))
    if "--json" in arguments:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    for name, value in result.items():
        print(f"{name:24} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
