"""Speed of applying a published calendar to open claims: `python bench/bench_calendar_update.py [N]
[--json]`.

N claims (default 1,000) wait at a unit on a real server with one worker. Measures in one run, on the same
claims:

- raw: the floor, an empty signal. `sent`: until the server has accepted all; `handled`: until all claims have
  processed it;
- retimed: publishes one arrangement and waits until every claim has recalculated and recorded its limits and
  moved its timers;
- people: milliseconds of an action with its answer, alone and during the recalculation.

Ratios are rates: recalculated claims to raw signals.
"""

import asyncio
import json
import os
import platform
import sys
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import func, select
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from activities.updates.calendar_updates import AT_ONCE, RECOMPUTE
from activities.workflow_ids import signal_name, workflow_id
from calendar_rules.loader import load_calendar
from claims.deadlines.recalculation import NewCalendar
from claims.model.events import EventKind
from claims.model.messages.action_bodies import BODIES, units_named
from claims.model.messages.envelopes import Envelope
from claims.model.terms import Action
from claims.model.values import Actor
from records.arrangements import ArrangementRequest, all_published, calendar_of, publish
from records.database.engine import Records, open_records
from records.queries.affected_claims import AffectedClaims
from records.tables import JOURNAL
from runtime.connection import connect
from runtime.local_stack import Program
from runtime.settings import Settings, load_settings
from service_layer import clock
from tests.support.claims.people import COORDINATOR, HANDLER, OPERATOR, order, ref, usual
from tools.dev_server import DevServer, DevServerOptions
from tools.temporal_cli import find_or_build
from workflows.calendar_update import CALENDAR_UPDATE, CalendarUpdate, update_id
from workflows.messages import CURRENT_PROTOCOL, QUERY_STATE, Opening
from workflows.search_attributes import SEARCH_ATTRIBUTES

CLAIMS: Final = 1000
POLL: Final = 0.1

Handle = WorkflowHandle[object, object]


def envelope(action: Action, actor: Actor, request_id: str) -> Envelope:
    body = {"request_id": request_id, **usual(action, clock.now())}
    units = {unit: ref(unit) for unit in units_named(BODIES[action].model_validate(body))}
    return Envelope.model_validate({"actor": actor, "units": units, "body": body})


async def open_claim(client: Client, queue: str, n: int) -> Handle:
    number = f"QH{uuid.uuid4().hex[:6]}{n:06}"
    return await client.start_workflow(
        "Claim",
        Opening(number=number, order=order(), actor=OPERATOR, protocol=CURRENT_PROTOCOL),
        id=workflow_id(number),
        task_queue=queue,
        start_signal=signal_name(Action.DISPATCH),
        start_signal_args=[_sealed(number, envelope(Action.DISPATCH, OPERATOR, "dispatch"), Action.DISPATCH)],
    )


def _sealed(number: str, sent: Envelope, action: Action) -> Envelope:
    return sent.addressed(workflow_id(number), signal_name(action))


async def in_lots(handles: Sequence[Handle], send: Callable[[Handle], Awaitable[None]]) -> None:
    for start in range(0, len(handles), AT_ONCE):
        await asyncio.gather(*(send(handle) for handle in handles[start : start + AT_ONCE]))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    while not await condition():
        await asyncio.sleep(POLL)


def count_entries(records: Records, kind: EventKind) -> int:
    with records.reading() as connection:
        return connection.scalar(select(func.count()).where(JOURNAL.c.kind == kind)) or 0


async def on_record(records: Records, kind: EventKind, count: int) -> None:
    async def all_there() -> bool:
        return await asyncio.to_thread(count_entries, records, kind) >= count

    await until(all_there)


async def time_raw(handles: Sequence[Handle]) -> tuple[float, float]:
    """Return seconds until all signals were sent, and until all were handled: a query waits for the messages
    before it.
    """
    news = NewCalendar(version=load_calendar().version)
    began = perf_counter()
    await in_lots(handles, lambda handle: handle.signal(RECOMPUTE, news))
    sent = perf_counter() - began
    await asyncio.gather(*(answer(handle) for handle in handles[-AT_ONCE:]))
    return sent, perf_counter() - began


async def answer(handle: Handle) -> None:
    """Wait until the claim answers, however long it is busy."""
    while True:
        try:
            await handle.query(QUERY_STATE)
        except RPCError as error:
            if (
                error.status is not RPCStatusCode.CANCELLED
                and error.status is not RPCStatusCode.DEADLINE_EXCEEDED
            ):
                raise
        else:
            return


async def people_act(handles: Sequence[Handle], what: str, until: asyncio.Event) -> list[float]:
    """Return the milliseconds of each of several consecutive actions with their answers."""
    took: list[float] = []
    for handle in cycle(handles):
        began = perf_counter()
        sent = envelope(Action.PROGRESS, HANDLER, f"{what}-{len(took)}")
        signal = signal_name(Action.PROGRESS)
        await handle.signal(signal, sent.addressed(handle.id, signal))
        await handle.query(QUERY_STATE)
        took.append((perf_counter() - began) * 1000)
        if until.is_set():
            break
        await asyncio.sleep(0.2)
    return took


async def time_update(client: Client, queue: str, records: Records, count: int) -> float:
    """Return seconds until all claims were recalculated and recorded."""
    calendar = load_calendar()
    off = calendar.nth_working_day_after(clock.now().date(), 5)
    raw = {"published": f"{clock.now():%Y-%m-%d}", "source": "虚构的通知，仅供测量", "days_off": [str(off)]}
    began = perf_counter()
    wish = ArrangementRequest(request_id="bench", raw=raw, document="", actor=COORDINATOR, at=clock.now())
    published, _ = await asyncio.to_thread(publish, records, wish)
    update = CalendarUpdate(version=published.version, reason="测量", settle=timedelta(hours=1))
    await client.start_workflow(CALENDAR_UPDATE, update, id=update_id(published.version), task_queue=queue)
    await on_record(records, EventKind.LIMITS_RECOMPUTED, count)
    retimed = perf_counter() - began
    known = all_published(records)
    if AffectedClaims(records, known, calendar_of(known)).count():
        raise SystemExit("claims were left behind")
    return retimed


async def with_people(handles: Sequence[Handle], retiming: Awaitable[float]) -> tuple[float, list[float]]:
    done = asyncio.Event()
    acting = asyncio.create_task(people_act(handles, "meanwhile", done))
    took = await retiming
    done.set()
    return took, await acting


async def measured(count: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as home:
        given = load_settings()
        cli = find_or_build(explicit=given.temporal_cli, cache_dir=given.cache, say=print)
        options = DevServerOptions(
            cli=cli,
            log_path=Path(home) / "temporal.log",
            db_filename=Path(home) / "temporal.db",
            search_attributes=SEARCH_ATTRIBUTES,
        )
        async with DevServer(options) as server:
            settings = Settings(home=Path(home), temporal_address=server.target)
            worker = Program("worker", settings.environment(), Path(home) / "worker.log")
            worker.start()
            try:
                return await _measured(settings, count)
            finally:
                worker.kill()


async def open_claims(client: Client, queue: str, count: int) -> list[Handle]:
    handles: list[Handle] = []
    for start in range(0, count, AT_ONCE):
        batch = range(start, min(start + AT_ONCE, count))
        handles += await asyncio.gather(*(open_claim(client, queue, n) for n in batch))
    return handles


async def _measured(settings: Settings, count: int) -> dict[str, object]:
    client = await connect(settings)
    with open_records(settings.records_url) as records:
        began = perf_counter()
        handles = await open_claims(client, settings.task_queue, count)
        await on_record(records, EventKind.DISPATCHED, count)
        opened = perf_counter() - began
        await asyncio.sleep(5)  # waits for the papers of the dispatches
        sent, handled = await time_raw(handles)
        alone = asyncio.Event()
        asyncio.get_running_loop().call_later(5, alone.set)
        quiet = await people_act(handles[:20], "alone", alone)
        update = time_update(client, settings.task_queue, records, count)
        retimed, busy = await with_people(handles[:20], update)
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "claims": count,
        "open_s": round(opened, 1),
        "raw_sent_s": round(sent, 2),
        "raw_handled_s": round(handled, 2),
        "retimed_s": round(retimed, 2),
        "retimed_to_raw_sent": round(sent / retimed, 2),
        "retimed_to_raw_handled": round(handled / retimed, 2),
        "people_alone_ms": round(median(quiet)),
        "people_meanwhile_ms": round(median(busy)),
        "people_meanwhile_longest_ms": round(max(busy)),
    }


def main(arguments: list[str]) -> int:
    numbers = [argument for argument in arguments if argument.isdigit()]
    if set(arguments) - {"--json", *numbers} or len(numbers) > 1:
        print("usage: bench_calendar_update.py [N] [--json]", file=sys.stderr)
        return 2
    result = asyncio.run(measured(int(numbers[0]) if numbers else CLAIMS))
    if "--json" in arguments:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    for name, value in result.items():
        print(f"{name:16} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
