"""Plays a claim on the real server: signals, queries, and control of time."""

import asyncio
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from activities.workflow_ids import signal_name, workflow_id
from calendar_rules import due_at, local_day
from calendar_rules.loader import load_calendar
from claims.model.claim import Claim
from claims.model.claim_parts import Closure, WorkOrder
from claims.model.events import EventKind
from claims.model.journal import Entry, Outcome
from claims.model.limit import Limit
from claims.model.messages.envelopes import Envelope
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Action, Category, LimitKind
from claims.model.values import Actor
from records.database.engine import Records
from records.queries.claims import journal
from tests.support.claims.people import HANDLER, OPERATOR, envelope, usual
from tests.support.claims.people import order as usual_order
from tests.support.polling import patience, pauses, until
from workflows.execution.virtual_clock import clock_of
from workflows.messages import CURRENT_PROTOCOL, QUERY_STATE, ClaimState, Opening

A_MOMENT = timedelta(minutes=1)
POLL = 0.02
_TOO_BUSY = (
    RPCStatusCode.CANCELLED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.UNAVAILABLE,
)
"""Temporary errors: an RPC or a workflow task timed out, or the server is away for a moment."""


def end_of_working_day(n: int, after: datetime) -> datetime:
    """Return 24:00 of the n-th working day after the day of an instant (R2, R3)."""
    return due_at(load_calendar().nth_working_day_after(local_day(after), n))


@contextmanager
def suppress_timeouts() -> Iterator[None]:
    """Ignore timeouts of a busy machine."""
    try:
        yield
    except RPCError as error:
        if error.status not in _TOO_BUSY:
            raise


class Play:
    """One claim on the server."""

    def __init__(
        self, handle: WorkflowHandle[object, Closure], client: Client, number: str, records: Records
    ) -> None:
        self.handle = handle
        self.number = number
        self._skipper = TimeSkipper(client)
        self._records = records

    async def look(self, request_id: str = "") -> ClaimState:
        """Return the claim once its limits are scheduled and the request has an outcome, with the server's clock."""
        look = await self.settled(request_id)
        return look.model_copy(update={"now": await clock_of(self.handle) or look.now})

    async def settled(self, request_id: str = "") -> ClaimState:
        """As `look`, with the claim's clock at its last activation."""
        async with patience():
            while True:
                with suppress_timeouts():
                    look = await self._look(request_id)
                    if look.is_settled and not (request_id and look.outcome is None):
                        return look
                await asyncio.sleep(POLL)

    async def _look(self, request_id: str) -> ClaimState:
        look: ClaimState = await self.handle.query(QUERY_STATE, request_id, result_type=ClaimState)
        return look

    async def claim(self) -> Claim:
        """Return the claim's state."""
        return (await self.look()).claim

    async def limit(self, kind: LimitKind, of: LimitKind | None = None) -> Limit:
        """Return the newest limit of a kind."""
        limit = (await self.claim()).limit(kind, of)
        assert limit is not None, kind
        return limit

    async def due(self, kind: LimitKind, of: LimitKind | None = None) -> datetime:
        """Return the end of the newest limit of a kind."""
        schedule = (await self.limit(kind, of)).schedule
        assert schedule is not None
        return schedule.due_at

    async def lights(self) -> list[tuple[str, datetime]]:
        """Return `limit/colour` and instant of every light, in order of issue."""
        return [(f"{light.limit}/{light.colour}", light.at) for light in (await self.claim()).lights]

    async def send(self, action: Action, actor: Actor, *, request_id: str, now: datetime) -> None:
        """Send the usual action with a given request id, without waiting for its outcome."""
        await self._signal(action, actor, {"request_id": request_id, **usual(action, now)})

    async def send_merge(self, request_id: str, into: str) -> None:
        """Send a merge without waiting for its outcome, which may take long (R48)."""
        await self._signal(Action.MERGE, OPERATOR, {"request_id": request_id, "into": into})

    async def do(
        self, action: Action, actor: Actor, received_at: datetime | None = None, /, **fields: object
    ) -> Outcome:
        """Perform an action and return it with its outcome; received now or at an instant."""
        request_id = str(uuid.uuid4())
        now = (await self.look()).now
        body = {"request_id": request_id, **usual(action, now), **fields}
        await self._signal(action, actor, body, received_at)
        outcome = (await self.look(request_id)).outcome
        assert outcome is not None
        return outcome

    async def must(
        self, action: Action, actor: Actor, received_at: datetime | None = None, /, **fields: object
    ) -> None:
        """Perform an action that must be accepted."""
        outcome = await self.do(action, actor, received_at, **fields)
        assert outcome.status == "accepted", (action, outcome.rule, outcome.reason)

    async def wait(self, duration: timedelta) -> None:
        """Advance the claim's time."""
        await self._skipper.fast_forward(self.handle, duration)

    async def until(self, instant: datetime) -> None:
        """Advance the claim's time to an instant."""
        await self.wait(instant - (await self.look()).now)

    async def wait_a_day(self) -> None:
        """Advance to the same time tomorrow."""
        await self.wait(timedelta(days=1))

    async def wait_out(self, kind: LimitKind, of: LimitKind | None = None) -> Limit:
        """Advance until a limit has ended, plus a minute; return the limit as it was."""
        limit = await self.limit(kind, of)
        assert limit.schedule is not None
        await self.until(limit.schedule.due_at + A_MOMENT)
        return limit

    async def entries(self, *kinds: EventKind) -> list[Entry]:
        """Return the journal in the records once it is complete, optionally of some kinds."""
        seq = (await self.claim()).seq
        async with patience():
            while len(found := journal(self._records, self.number)) < seq:
                await asyncio.sleep(POLL)
        return [entry for entry in found if not kinds or entry.kind in kinds]

    async def asleep(self) -> None:
        """Wait until no activity and no workflow task is in progress."""

        async def is_asleep() -> bool:
            found = (await self.handle.describe()).raw_description
            return not (found.pending_activities or found.HasField("pending_workflow_task"))

        await until(is_asleep)

    async def dispatched(self, **fields: object) -> "Play":
        """Advance to the unit."""
        await self.must(Action.DISPATCH, OPERATOR, **fields)
        return self

    async def handled(self, actors: Iterable[Actor] = (HANDLER, HANDLER, HANDLER)) -> "Play":
        """Advance from the unit to the hotline's call-back."""
        for action, actor in zip((Action.CONTACT, Action.REPLY, Action.FEEDBACK), actors, strict=True):
            await self.must(action, actor)
        return self

    async def _signal(
        self, action: Action, actor: Actor, body: dict[str, object], received_at: datetime | None = None
    ) -> None:
        """Return a signal as the API sends it."""
        await self.send_sealed(signal_name(action), envelope(action, actor, body, received_at))

    async def send_sealed(self, signal: str, sent: Envelope) -> None:
        """Send an envelope as the API does; retry if the server is away for a moment: the request id makes it
        one action.
        """
        async with patience():
            for pause in pauses():
                try:
                    await self.handle.signal(signal, sent.addressed(self.handle.id, signal))
                except RPCError as error:
                    if error.status is not RPCStatusCode.UNAVAILABLE:
                        raise
                    await asyncio.sleep(pause)
                else:
                    return


@dataclass
class Stage:
    """A worker, and what is needed to start claims on it."""

    client: Client
    task_queue: str
    records: Records

    async def register(
        self,
        category: Category = Category.HELP,
        *,
        received_at: datetime | None = None,
        policy: Policy = DEFAULT_POLICY,
        order: WorkOrder | None = None,
    ) -> Play:
        """Register a claim as the API does, with the usual work order by default."""
        number = f"QH2{uuid.uuid4().int % 10**15:015}"  # random like real ones, and unlike a phone number
        opening = Opening(
            number=number,
            order=order or usual_order(category),
            actor=OPERATOR,
            received_at=received_at,
            policy=policy,
            protocol=CURRENT_PROTOCOL,
        )
        handle = await self.client.start_workflow(
            "Claim", opening, id=workflow_id(number), task_queue=self.task_queue, result_type=Closure
        )
        return Play(handle, self.client, number, self.records)
