"""Whole lives over HTTP beside a floor on the same server: `python bench/bench_lives.py [N] [--postgresql] [--json]`.

The system as `zaoying up` runs it, its records on SQLite or PostgreSQL, and beside it `bench/floor.py`. A life is a
registration and six acts: dispatch, sign-for, contact, reply, feedback, call-back. In one run:

- alone: one act after the other, 0.15 s apart. An act over HTTP to the floor's signal and query, p50 and p95;
- crowd: N lives (60 unless said), 12 at a time, in three rounds after the floor's. Lives per second to the floor's (the
  median of the rounds); processor milliseconds of a life, worker and API to the floor's worker;
- history: events and bytes of the last life, and of the floor's;
- memory: what a cached claim adds to the worker, in KiB: 200 dispatched ones.
"""

import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
import structlog
from temporalio.client import Client

from activities.workflow_ids import workflow_id
from bench.floor import ACTS, QUEUE
from claims.model.terms import Role
from data import load_organisation
from runtime.connection import connect
from runtime.local_stack import LocalStack
from runtime.settings import Settings
from service_layer.identity.tokens import issue_token, load_or_make_key
from tests.support.records.postgres import FORGETFUL, running_cluster

LIVES: Final = 60
AT_ONCE: Final = 12
ROUNDS: Final = 3
APART: Final = 0.15
CACHED: Final = 200
FLOOR: Final = Path(__file__).parent / "floor.py"

log = structlog.get_logger()

Life = Callable[[int], Awaitable[str]]


class Round(NamedTuple):
    """A crowd of lives: how many a second, processor milliseconds of one by program, and their ids."""

    per_second: float
    cpu_ms: dict[str, float]
    ids: list[str]


class City:
    """The system, the people who use it, and the floor beside it."""

    def __init__(self, stack: LocalStack, client: Client, http: httpx.AsyncClient, floor_worker: int) -> None:
        self.client = client
        self.pause = 0.0
        self.acts: list[float] = []
        self.floor_acts: list[float] = []
        self.pids = {"worker": stack.worker.pid or 0, "api": stack.api.pid or 0, "floor": floor_worker}
        self._http = http
        key = load_or_make_key(stack.settings.token_key)
        units = [unit.id for unit in load_organisation().units if unit.kind == "市直部门"][:8]
        self._handlers = [(unit, issue_token(key, roles=[Role.HANDLER], unit=unit)) for unit in units]
        self._operator = issue_token(key, roles=[Role.OPERATOR])
        self._caller = issue_token(key, roles=[Role.CALLER])

    async def life(self, n: int) -> str:
        """One claim from its registration to its end; its workflow's id."""
        number, handler = await self.dispatched(n)
        contacted = {"means": "电话", "person": "王某", "summary": "已了解情况"}
        signed = await self._act(number, handler, "sign-for")
        await self._act(number, handler, "contact", at=signed["now"], **contacted)
        await self._act(number, handler, "reply", text="已安排修复，预计三日内完成")
        await self._act(number, handler, "feedback", outcome="resolved", summary="道路已修复，企业确认")
        said = {"reached": True, "grade": "satisfied", "resolved": True, "contacted": True, "remark": ""}
        closed = await self._act(number, self._caller, "call-back", **said)
        assert closed["closed"], number
        return workflow_id(number)

    async def dispatched(self, n: int) -> tuple[str, str]:
        """A claim at a unit's desk: its number and the token of who handles it."""
        unit, handler = self._handlers[n % len(self._handlers)]
        registered = await self._post("/claims", self._operator, registration(n))
        number = str(registered["number"])
        await self._act(number, self._operator, "dispatch", unit=unit, co_units=[], basis="职责")
        return number, handler

    async def _act(self, number: str, token: str, action: str, **body: object) -> dict[str, object]:
        return await self._post(
            f"/claims/{number}/{action}", token, {"request_id": str(uuid.uuid4()), **body}
        )

    async def _post(self, path: str, token: str, body: dict[str, object]) -> dict[str, object]:
        """Sent again until it is done, as whoever gets a 202 or a 503 does."""
        while True:
            await asyncio.sleep(self.pause)
            began = perf_counter()
            answer = await self._http.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
            if answer.status_code not in (202, 503):
                answer.raise_for_status()
                self.acts.append(perf_counter() - began)
                found: dict[str, object] = answer.json()
                return found
            await asyncio.sleep(0.2)

    async def floor_life(self, n: int) -> str:  # noqa: ARG002  lives are all alike
        """One life of the floor; its workflow's id."""
        handle = await self.client.start_workflow("FloorLife", id=f"floor-{uuid.uuid4()}", task_queue=QUEUE)
        for act in range(ACTS):
            await asyncio.sleep(self.pause)
            began = perf_counter()
            await handle.signal("act", act)
            await handle.query("look")
            self.floor_acts.append(perf_counter() - began)
        await handle.result()
        return handle.id

    async def crowd(self, life: Life, count: int, at_once: int) -> Round:
        """So many lives, so many at a time."""
        numbers, ids = iter(range(count)), list[str]()

        async def one() -> None:
            for n in numbers:
                ids.append(await life(n))

        before = {name: cpu_seconds(pid) for name, pid in self.pids.items()}
        began = perf_counter()
        await asyncio.gather(*(one() for _ in range(at_once)))
        seconds = perf_counter() - began
        spent = {name: (cpu_seconds(pid) - before[name]) / count * 1000 for name, pid in self.pids.items()}
        return Round(count / seconds, spent, ids)


def registration(n: int) -> dict[str, object]:
    """The body of a registration."""
    return {
        "channel": "12345",
        "external_id": str(uuid.uuid4()),
        "enterprise": f"枣庄测试机械{n}有限公司",
        "contact": "王某",
        "phone": "13800000000",
        "enterprise_status": "operating",
        "district": "滕州市",
        "town": "洪绪镇",
        "category": "help",
        "subcategory": "企业全生命周期运行中的困难和问题",
        "matter": f"第{n}号厂区门口道路塌陷，货车进不来",
    }


def cpu_seconds(pid: int) -> float:
    """Processor seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid: int) -> int:
    """Memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)]


async def alone(city: City) -> dict[str, object]:
    """One act after the other, at people's pace, in turn with the floor's."""
    city.pause = APART
    city.acts.clear()
    city.floor_acts.clear()
    for _ in range(2):
        await city.crowd(city.floor_life, 6, 1)
        await city.crowd(city.life, 6, 1)
    city.pause = 0.0
    found: dict[str, object] = {}
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        ours, floor = percentile(city.acts, share), percentile(city.floor_acts, share)
        found |= {f"act_{name}_ms": round(ours * 1000, 1), f"act_{name}_ratio": round(ours / floor, 2)}
    return found


async def crowds(city: City, count: int) -> dict[str, object]:
    """Rounds of lives, each after as many of the floor's."""
    pairs = [
        (await city.crowd(city.floor_life, count, AT_ONCE), await city.crowd(city.life, count, AT_ONCE))
        for _ in range(ROUNDS)
    ]
    floor_cpu = median(floor.cpu_ms["floor"] for floor, _ in pairs)
    cpu = {name: median(ours.cpu_ms[name] for _, ours in pairs) for name in ("worker", "api")}
    await asyncio.sleep(2)
    return {
        "lives_per_s": round(median(ours.per_second for _, ours in pairs), 1),
        "lives_ratio": round(median(ours.per_second / floor.per_second for floor, ours in pairs), 2),
        **{f"{name}_cpu_ms": round(spent) for name, spent in cpu.items()},
        "floor_cpu_ms": round(floor_cpu),
        "cpu_ratio": round(sum(cpu.values()) / floor_cpu, 2),
        **await size_of(city.client, "", pairs[-1][1].ids[-1]),
        **await size_of(city.client, "floor_", pairs[-1][0].ids[-1]),
    }


async def size_of(client: Client, prefix: str, id: str) -> dict[str, object]:
    """Events and bytes of a history."""
    found = await client.get_workflow_handle(id).describe()
    size = found.raw_description.workflow_execution_info.history_size_bytes
    return {f"{prefix}events": found.history_length, f"{prefix}bytes": size}


async def memory(city: City) -> dict[str, object]:
    """What a dispatched claim adds to the worker."""
    before = resident_kib(city.pids["worker"])
    for start in range(0, CACHED, AT_ONCE):
        await asyncio.gather(*(city.dispatched(n) for n in range(start, min(start + AT_ONCE, CACHED))))
    return {"cached_claim_kib": round((resident_kib(city.pids["worker"]) - before) / CACHED)}


async def measured(count: int, *, postgresql: bool) -> dict[str, object]:
    """All figures."""
    with (
        tempfile.TemporaryDirectory() as home,
        running_cluster(FORGETFUL) if postgresql else nullcontext() as cluster,
    ):
        settings = Settings(home=Path(home), temporal_port=0, ui_port=0, api_port=0)
        if cluster is not None:
            settings = settings.model_copy(update={"database_url": cluster.create()})
        async with AsyncExitStack() as running:
            stack = await running.enter_async_context(LocalStack(settings, say=log.debug))
            client = await connect(stack.settings)
            limits = httpx.Limits(max_connections=64)
            http = await running.enter_async_context(
                httpx.AsyncClient(base_url=stack.api_url, timeout=60, trust_env=False, limits=limits)
            )
            worker = subprocess.Popen(
                [sys.executable, str(FLOOR), f"127.0.0.1:{stack.settings.temporal_port}"]
            )
            running.callback(worker.kill)
            city = City(stack, client, http, worker.pid)
            await city.crowd(city.floor_life, 8, 4)
            await city.crowd(city.life, 8, 4)
            load = os.getloadavg()[0]
            figures = {**await alone(city), **await crowds(city, count), **await memory(city)}
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(load, 1),
        "records": "postgresql" if postgresql else "sqlite",
        "lives": count,
        **figures,
    }


def main(arguments: list[str]) -> int:
    """Measure and print."""
    numbers = [argument for argument in arguments if argument.isdigit()]
    if set(arguments) - {"--json", "--postgresql", *numbers} or len(numbers) > 1:
        print("usage: bench_lives.py [N] [--postgresql] [--json]", file=sys.stderr)
        return 2
    count = int(numbers[0]) if numbers else LIVES
    result = asyncio.run(measured(count, postgresql="--postgresql" in arguments))
    if "--json" in arguments:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    for name, value in result.items():
        print(f"{name:24} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
