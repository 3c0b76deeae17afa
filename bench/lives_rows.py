"""The rows of `bench_lives.py`: each measures one thing in a running city."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter
from types import MappingProxyType
from typing import Final

from sqlalchemy import func, select
from temporalio.client import Client

from activities.deadlines import prepared
from activities.workflow_ids import signal_name, workflow_id
from bench.city import City, percentile, resident_kib
from bench.floor import QUEUE
from calendar_rules.loader import load_calendar
from claims import procedure
from claims.deadlines.scheduling import limits_to_schedule
from claims.model.events import EventKind
from claims.model.messages.envelopes import Envelope
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, LimitKind
from claims.papers.requests import PaperKind
from claims.units.limits import MOST_LIGHTS
from records.accounts import unit_account
from records.database.engine import Records, open_records
from records.tables import ATTACHMENT, JOURNAL
from runtime.local_stack import Program
from service_layer import clock
from tests.support.claims.people import OPERATOR, order, ref, usual
from workflows.messages import CURRENT_PROTOCOL, Opening

AT_ONCE: Final = 12
LIGHTS_WITHIN: Final = 300
"""Seconds."""
ROUNDS: Final = 3
APART: Final = 0.15
CACHED: Final = 200
MANY: Final = 10_000
STICKY_DEFAULT: Final = 10.0
"""The SDK's default sticky timeout in seconds, after which a killed worker's claims move to another."""
UNIT: Final = "ZZ-FGW"


async def alone(city: City, _: int) -> dict[str, object]:
    """Measure consecutive actions with pauses, alternating with the floor's."""
    city.pause = APART
    city.acts.clear()
    city.floor_acts.clear()
    for _ in range(2):
        await city.crowd(city.play_floor, 6, 1)
        await city.crowd(city.play_claim, 6, 1)
    city.pause = 0.0
    found: dict[str, object] = {}
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        ours, floor = percentile(city.acts, share), percentile(city.floor_acts, share)
        found |= {f"act_{name}_ms": round(ours * 1000, 1), f"act_{name}_ratio": round(ours / floor, 2)}
    return found


async def crowds(city: City, count: int) -> dict[str, object]:
    """Measure rounds of concurrent claims, each after as many of the floor's."""
    pairs = [
        (await city.crowd(city.play_floor, count, AT_ONCE), await city.crowd(city.play_claim, count, AT_ONCE))
        for _ in range(ROUNDS)
    ]
    floor_cpu = median(floor.cpu_ms["floor"] for floor, _ in pairs)
    cpu = {name: median(ours.cpu_ms[name] for _, ours in pairs) for name in ("worker", "api")}
    await asyncio.sleep(2)
    return {
        "claims_per_s": round(median(ours.per_second for _, ours in pairs), 1),
        "claims_ratio": round(median(ours.per_second / floor.per_second for floor, ours in pairs), 2),
        **{f"{name}_cpu_ms": round(spent) for name, spent in cpu.items()},
        "floor_cpu_ms": round(floor_cpu),
        "cpu_ratio": round(sum(cpu.values()) / floor_cpu, 2),
        **await size_of(city.client, "", pairs[-1][1].ids[-1]),
        **await size_of(city.client, "floor_", pairs[-1][0].ids[-1]),
    }


async def size_of(client: Client, prefix: str, id: str) -> dict[str, object]:
    """Return events and bytes of a history."""
    found = await client.get_workflow_handle(id).describe()
    size = found.raw_description.workflow_execution_info.history_size_bytes
    return {f"{prefix}events": found.history_length, f"{prefix}bytes": size}


async def memory(city: City, _: int) -> dict[str, object]:
    """Measure the memory that a dispatched claim, and a floor workflow after one action, add to a warm worker."""
    return {
        "cached_claim_kib": await _added_kib(city.pids["worker"], city.dispatched),
        "cached_floor_kib": await _added_kib(city.pids["floor"], lambda _: _open_floor(city.client)),
    }


async def _added_kib(pid: int, open_one: Callable[[int], Awaitable[object]]) -> int:
    await in_lots(CACHED, open_one)
    before = resident_kib(pid)
    await in_lots(CACHED, open_one)
    await asyncio.sleep(2)
    return round((resident_kib(pid) - before) / CACHED)


async def limits(city: City, count: int) -> dict[str, object]:
    """Measure limits that end at once, until the last letter, compared with the floor's timers.

    Excludes the claims' wait for actions in transit (`arrival_seconds`).
    """
    received = clock.now()
    ends = received + timedelta(seconds=20 + count / 5)
    await in_lots(count, lambda n: open_claim(city, n, received, ends))
    with open_records(city.settings.records_url) as records:
        fires = ends + timedelta(seconds=DEFAULT_POLICY.arrival_seconds)
        ours = await seconds_after(fires, lambda: all_letters(records, count))
        await all_lights(records, count)
    await asyncio.sleep(10)  # waits for the letters' papers
    floor_ends = clock.now() + timedelta(seconds=10 + count / 10)
    await in_lots(count, lambda _: floor_limit(city.client, floor_ends))
    floor = await seconds_after(floor_ends, lambda: none_runs(city.client))
    return {
        "limits": count,
        "limits_per_s": round(count / ours, 1),
        "limits_floor_per_s": round(count / floor, 1),
        "limits_ratio": round(floor / ours, 2),
    }


async def in_lots(count: int, start: Callable[[int], Awaitable[object]]) -> None:
    for first in range(0, count, AT_ONCE):
        await asyncio.gather(*(start(n) for n in range(first, min(first + AT_ONCE, count))))


async def open_claim(city: City, n: int, received: datetime, contact_ends: datetime | None = None) -> None:
    """Return a dispatched claim. `contact_ends` overrides the end of its contact limit."""
    number = f"QH{uuid.uuid4().hex[:6]}{n:06}"
    opening = Opening(
        number=number, order=order(), actor=OPERATOR, received_at=received, protocol=CURRENT_PROTOCOL
    )
    body = {"request_id": "dispatch", **usual(Action.DISPATCH, received), "unit": UNIT}
    envelope = Envelope.model_validate(
        {"actor": OPERATOR, "units": {UNIT: ref(UNIT)}, "body": body, "received_at": received}
    )
    registered = opening.registered(received).claim
    answers = prepared(load_calendar(), limits_to_schedule(registered))
    opening = opening.model_copy(update={"schedules": answers})
    registered = opening.registered(received).claim
    step, _ = procedure.act(registered, Action.DISPATCH, envelope, now=received)
    schedules = prepared(load_calendar(), limits_to_schedule(step.claim))
    for id, given in schedules.items():
        if contact_ends is not None and id.endswith(f"/{LimitKind.CONTACT}"):
            soon = given.schedule.model_copy(update={"due_at": contact_ends, "warn_at": None})
            schedules[id] = given.model_copy(update={"schedule": soon})
    signal = signal_name(Action.DISPATCH)
    sealed = envelope.model_copy(update={"schedules": schedules}).addressed(workflow_id(number), signal)
    await city.client.start_workflow(
        "Claim",
        opening,
        id=workflow_id(number),
        task_queue=city.settings.task_queue,
        start_signal=signal,
        start_signal_args=[sealed],
    )


async def floor_limit(client: Client, ends: datetime) -> None:
    await client.start_workflow("FloorLimit", ends, id=f"floor-{uuid.uuid4()}", task_queue=QUEUE)


async def seconds_after(instant: datetime, is_done: Callable[[], Awaitable[bool]]) -> float:
    """Return the seconds from a future instant until everything is done."""
    left = (instant - clock.now()).total_seconds()
    if left < 0:
        raise SystemExit("the limits ended before all claims were there: fewer, or a quieter machine")
    await asyncio.sleep(left)
    began = perf_counter()
    while not await is_done():
        await asyncio.sleep(0.1)
    return perf_counter() - began


async def work_orders(city: City) -> int:
    """Return how many work orders are on record."""

    def counted() -> int:
        orders = select(func.count()).where(ATTACHMENT.c.kind == PaperKind.DISPATCH_ORDER)
        with open_records(city.settings.records_url) as records, records.reading() as connection:
            return connection.scalar(orders) or 0

    return await asyncio.to_thread(counted)


async def all_papers(city: City, claims: int) -> None:
    """Wait until so many claims have their work orders, which means that their workflows are idle."""
    while await work_orders(city) < claims:
        await asyncio.sleep(1)
    await asyncio.sleep(2)


async def all_letters(records: Records, count: int) -> bool:
    def counted() -> int:
        with records.reading() as connection:
            letters = select(func.count()).where(JOURNAL.c.kind == EventKind.LETTER_ISSUED)
            return connection.scalar(letters) or 0

    return await asyncio.to_thread(counted) >= count


async def all_lights(records: Records, count: int) -> None:
    """Wait until the unit's account has as many lights as it holds: a crowd of them must not stall it."""
    wanted = min(count, MOST_LIGHTS)

    def counted() -> int:
        account = unit_account(records, UNIT)
        return len(account.lights) if account else 0

    try:
        async with asyncio.timeout(LIGHTS_WITHIN):
            while await asyncio.to_thread(counted) < wanted:
                await asyncio.sleep(1)
    except TimeoutError:
        raise SystemExit(f"the unit's account has {counted()} of {wanted} lights: it is stalled") from None


async def none_runs(client: Client) -> bool:
    found = await client.count_workflows("WorkflowType = 'FloorLimit' AND ExecutionStatus = 'Running'")
    return found.count == 0


async def killed(city: City, _: int) -> dict[str, object]:
    """Kill (SIGKILL) the worker that caches a claim while another runs; measure until an action is answered."""
    number, handler = await city.dispatched(0)
    await city.progress(number, handler)
    other = Program("worker", city.settings.environment(), city.settings.home / "logs" / "other-worker.log")
    other.start()
    while "worker-ready" not in other.log_tail():
        await asyncio.sleep(0.2)
    await city.progress(number, handler)
    await asyncio.sleep(2)
    city.stack.worker.kill()
    began = perf_counter()
    await city.progress(number, handler)
    took = perf_counter() - began
    city.spare = other
    return {"killed_s": round(took, 2), "killed_to_default": round(took / STICKY_DEFAULT, 2)}


async def crowded(city: City, count: int) -> dict[str, object]:
    """Measure an action among this many open claims compared with a thirtieth of them (1,500 to 50), p50;
    from 10,000 on also with a tenth; and the floor's signal and query. All but ten claims are started through
    Temporal.
    """
    tenth = count // 10 if count >= MANY else 0
    sizes = [size for size in (max(count // 30, 10), tenth, count) if size]
    earlier = await work_orders(city)
    acted_on = [await city.dispatched(n) for n in range(10)]
    opened, took, floor = len(acted_on), dict[int, float](), dict[int, float]()
    for size in sorted(sizes):
        await in_lots(size - opened, lambda n: open_claim(city, n, clock.now()))
        opened = size
        await all_papers(city, earlier + opened)
        took[size] = await city.time_progress(acted_on)
        floor[size] = await _floor_act(city)
    found: dict[str, object] = {}
    for kind, seconds in (("open", took), ("open_floor", floor)):
        found |= {f"{kind}_{size}_ms": round(seconds[size] * 1000, 1) for size in sorted(sizes)}
        for fewer in sorted(sizes)[:-1]:
            found[f"{kind}_{count}_to_{fewer}"] = round(seconds[count] / seconds[fewer], 2)
    return found


async def _floor_act(city: City) -> float:
    """Return seconds of the floor's signal and query (p50), with pauses."""
    city.floor_acts.clear()
    city.pause = 0.1
    await city.crowd(city.play_floor, 5, 1)
    city.pause = 0.0
    return percentile(city.floor_acts, 0.5)


async def _open_floor(client: Client) -> None:
    """Return a floor workflow after its first signal, with its three timers running."""
    handle = await client.start_workflow("FloorClaim", id=f"floor-{uuid.uuid4()}", task_queue=QUEUE)
    await handle.signal("act", 0)
    await handle.query("look")


ROWS: Final[Mapping[str, Callable[[City, int], Awaitable[dict[str, object]]]]] = MappingProxyType(
    {
        "alone": alone,
        "crowd": crowds,
        "memory": memory,
        "limits": limits,
        "open": crowded,
        "killed": killed,
    }
)
"""In order of measurement: the last one kills the worker."""
