"""Whole claims over HTTP compared with a floor on the same server: `python bench/bench_lives.py [N] [ROW=N
…] [--postgresql] [--json]`.

Runs the system like `zaoying up`, with records on SQLite or PostgreSQL, and `bench/floor.py` beside it. Each
claim has a registration and six actions: dispatch, sign-for, contact, reply, feedback, call-back. Without a
ROW, runs the first three; a ROW may have its own size (`limits=1000`):

- alone: consecutive actions, 0.15 s apart. An action over HTTP compared with the floor's signal and query,
  p50 and p95;
- crowd: N claims (default 60), 12 at a time, in three rounds after the floor's. Claims per second compared
  with the floor (median of the rounds); processor milliseconds per claim, worker and API compared with the
  floor's worker; events and bytes of the last claim, and of the floor's;
- memory: KiB that a cached claim adds to the worker: 200 dispatched ones, after 200 others; compared with a
  floor workflow after one action;
- limits: N limits that end in the same second, until all letters are recorded, compared with the floor's
  timers with an activity;
- open: an action with N open claims compared with N / 30, p50; from 10,000 on also with N / 10;
- killed: kill -9 of the worker until another one answers the first action, compared with the SDK's default
  sticky timeout.
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

CLAIM_TRACES: Final = 60
USUAL: Final = ("alone", "crowd", "memory")
FLOOR: Final = Path(__file__).parent / "floor.py"
USAGE: Final = f"usage: bench_lives.py [N] [ROW=N ...] [--postgresql] [--json]\nrows: {', '.join(ROWS)}"

log = structlog.get_logger()


async def measured(rows: Mapping[str, int], *, postgresql: bool) -> dict[str, object]:
    """Return the figures of these rows, each with its size."""
    with (
        tempfile.TemporaryDirectory() as home,
        running_cluster(FORGETFUL) if postgresql else nullcontext() as cluster,
    ):
        settings = Settings(home=Path(home), temporal_port=0, ui_port=0, api_port=0)
        if cluster is not None:
            settings = settings.model_copy(update={"database_url": cluster.create()})
        async with AsyncExitStack() as running:
            city = await _city(settings, running)
            await city.crowd(city.play_floor, 8, 4)
            await city.crowd(city.play_claim, 8, 4)
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
    """Return the requested rows with their sizes, or None if one is unknown."""
    sizes = [int(word) for word in words if word.isdigit()]
    asked = [word.partition("=") for word in words if not word.isdigit()]
    if len(sizes) > 1 or not all(name in ROWS and (n.isdigit() or not n) for name, _, n in asked):
        return None
    usual = sizes[0] if sizes else CLAIM_TRACES
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
