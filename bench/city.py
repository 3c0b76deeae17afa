"""The system as `zaoying up` runs it, with users, and a floor for comparison."""

import asyncio
import os
import uuid
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import httpx
from temporalio.client import Client

from activities.workflow_ids import workflow_id
from bench.floor import ACTS, QUEUE
from claims.model.terms import Role
from data import load_organisation
from runtime.local_stack import LocalStack, Program
from service_layer.identity.tokens import issue_token, load_or_make_key

Playing = Callable[[int], Awaitable[str]]


class Round(NamedTuple):
    """A round of concurrent claims: claims per second, processor milliseconds per claim by program, workflow ids."""

    per_second: float
    cpu_ms: dict[str, float]
    ids: list[str]


class City:
    """The running system, its users, and the floor."""

    def __init__(self, stack: LocalStack, client: Client, http: httpx.AsyncClient, floor_worker: int) -> None:
        self.client = client
        self.stack = stack
        self.settings = stack.settings
        self.spare: Program | None = None
        """A second worker, if started."""
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

    async def play_claim(self, n: int) -> str:
        """Play one claim from registration to closing; return its workflow id."""
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
        """Return a claim dispatched to a unit: its number and the handler's token."""
        unit, handler = self._handlers[n % len(self._handlers)]
        registered = await self._post("/claims", self._operator, registration(n))
        number = str(registered["number"])
        await self._act(number, self._operator, "dispatch", unit=unit, co_units=[], basis="职责")
        return number, handler

    async def progress(self, number: str, handler: str) -> None:
        """Return an action that can be repeated."""
        await self._act(number, handler, "progress", summary="已到现场查看")

    async def time_progress(self, claims: Sequence[tuple[str, str]]) -> float:
        """Return seconds of an action (p50), on one claim after the other with pauses."""
        self.acts.clear()
        for _ in range(3):
            for number, handler in claims:
                await asyncio.sleep(0.1)
                await self.progress(number, handler)
        return percentile(self.acts, 0.5)

    async def _act(self, number: str, token: str, action: str, **body: object) -> dict[str, object]:
        return await self._post(
            f"/claims/{number}/{action}", token, {"request_id": str(uuid.uuid4()), **body}
        )

    async def _post(self, path: str, token: str, body: dict[str, object]) -> dict[str, object]:
        """Send until it succeeds, as a client does after a 202 or 503."""
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

    async def play_floor(self, _n: int) -> str:
        """Run one floor workflow; return its workflow id."""
        handle = await self.client.start_workflow("FloorClaim", id=f"floor-{uuid.uuid4()}", task_queue=QUEUE)
        for act in range(ACTS):
            await asyncio.sleep(self.pause)
            began = perf_counter()
            await handle.signal("act", act)
            await handle.query("look")
            self.floor_acts.append(perf_counter() - began)
        await handle.result()
        return handle.id

    async def crowd(self, play: Playing, count: int, at_once: int) -> Round:
        """Run this many claims, this many at a time. The processor's share includes the papers that follow."""
        numbers, ids = iter(range(count)), list[str]()

        async def one() -> None:
            for n in numbers:
                ids.append(await play(n))

        before = {name: cpu_seconds(pid) for name, pid in self.pids.items()}
        began = perf_counter()
        await asyncio.gather(*(one() for _ in range(at_once)))
        seconds = perf_counter() - began
        for id in ids:
            await self._idle(id)
        spent = {name: (cpu_seconds(pid) - before[name]) / count * 1000 for name, pid in self.pids.items()}
        return Round(count / seconds, spent, ids)

    async def _idle(self, id: str) -> None:
        """Wait until a workflow has nothing more to do now."""
        while True:
            found = (await self.client.get_workflow_handle(id).describe()).raw_description
            if not found.pending_activities and not found.HasField("pending_workflow_task"):
                return
            await asyncio.sleep(0.5)


def registration(n: int) -> dict[str, object]:
    """Return a registration's body."""
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
    """Return a process's processor seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(pid: int) -> int:
    """Return a process's memory in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[int(len(values) * share)]
