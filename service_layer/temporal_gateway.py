"""The claims' workflows as the API reaches them: start, signal, look.

Connects on first use and again by itself; while the server is away every call says so at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowHandle, WorkflowHistory, WorkflowQueryFailedError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.workflow_ids import signal_name, workflow_id
from claims.model.envelopes import Envelope
from claims.model.labels import label, minute
from claims.model.terms import Action
from claims.ui_summary import title
from runtime.connection import connect
from runtime.settings import Settings
from service_layer.clock import now
from workflows.execution.virtual_clock import clock_of
from workflows.messages import QUERY_LOOK, Look, Opening

WORKFLOW: Final = "Claim"
POLLED_WITHIN: Final = timedelta(seconds=90)
"""A worker's poll lasts a minute; one that has not polled for longer is gone."""
_GRACE: Final = 0.5


class TemporalAway(Exception):
    """The server cannot be reached: nothing was sent, or nobody knows."""


class NotRunning(Exception):
    """There is no such workflow, or it has ended."""


class NumberTaken(Exception):
    """Another claim has this number: the records were lost, and their count began anew."""


class NoAnswer(Exception):
    """The claim is there, but no worker answered in time."""


class ClaimServer:
    """One Temporal client for all claims."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self._has_answered = False

    async def start(self, opening: Opening) -> None:
        """Start a claim's workflow; one that was started before stays as it is. Raises NumberTaken."""
        order = opening.order
        async with self._talking():
            client = await self._connected()
            try:
                await client.start_workflow(
                    WORKFLOW,
                    opening,
                    id=workflow_id(opening.number),
                    task_queue=self._settings.task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    static_summary=title(opening.number, order.category, order.district_name, order.channel),
                    static_details=_details(opening),
                    rpc_timeout=self._patience,
                )
            except WorkflowAlreadyStartedError as error:
                if await self._opening_of(client, opening.number) != opening:
                    raise NumberTaken(opening.number) from error

    async def _opening_of(self, client: Client, number: str) -> Opening | None:
        handle = client.get_workflow_handle(workflow_id(number))
        async for event in handle.fetch_history_events(page_size=1, rpc_timeout=self._patience):
            given = event.workflow_execution_started_event_attributes.input.payloads
            found: list[Opening] = await client.data_converter.decode(given, [Opening])
            return found[0]
        return None

    async def signal(self, number: str, action: Action, envelope: Envelope) -> None:
        """Durable once this returns, with or without a worker."""
        async with self._talking():
            handle = await self._handle(number)
            await handle.signal(signal_name(action), envelope, rpc_timeout=self._patience)

    async def look(self, number: str, request_id: str = "", *, within: float | None = None) -> Look:
        """The claim as it stands, after every signal that was sent before; raises NoAnswer or NotRunning."""
        patience = timedelta(seconds=max(within, 0.1)) if within is not None else self._patience
        try:
            async with self._talking():
                handle = await self._handle(number)
                found: Look = await handle.query(
                    QUERY_LOOK, request_id, result_type=Look, rpc_timeout=patience
                )
                return found.model_copy(update={"now": await self._clock(handle)})
        except WorkflowQueryFailedError as error:
            raise NoAnswer(number) from error

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """The client, for whatever is no claim; Temporal's errors come as ours."""
        async with self._talking():
            yield await self._connected()

    async def is_reachable(self) -> bool:
        """Does the server say that it is serving?"""
        try:
            async with self._talking():
                client = await self._connected()
                return await client.service_client.check_health(timeout=self._patience)
        except (TemporalAway, NoAnswer, NotRunning):
            return False

    async def has_worker(self) -> bool:
        """Has a worker asked for claims' tasks lately?"""
        request = DescribeTaskQueueRequest(
            namespace=self._settings.namespace,
            task_queue=TaskQueue(name=self._settings.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            async with self._talking():
                client = await self._connected()
                found = await client.workflow_service.describe_task_queue(request, timeout=self._patience)
        except (TemporalAway, NoAnswer, NotRunning):
            return False
        oldest = (now() - POLLED_WITHIN).timestamp()
        return any(poller.last_access_time.ToSeconds() >= oldest for poller in found.pollers)

    async def history(self, name: str) -> WorkflowHistory:
        """A workflow's latest history. Raises NotRunning where the server has none (any more), TemporalAway."""
        async with self._talking():
            return await (await self._connected()).get_workflow_handle(name).fetch_history()

    async def _clock(self, handle: "WorkflowHandle[object, object]") -> datetime:
        clock = await clock_of(handle) if self._settings.virtual_time else None
        return clock or now()

    @property
    def _patience(self) -> timedelta:
        return timedelta(seconds=self._settings.action_timeout)

    async def _connected(self) -> Client:
        if self._client is None:
            self._client = await connect(self._settings, lazy=True)
        return self._client

    async def _handle(self, number: str) -> "WorkflowHandle[object, object]":
        return (await self._connected()).get_workflow_handle(workflow_id(number))

    @asynccontextmanager
    async def _talking(self) -> AsyncIterator[None]:
        """Temporal's errors as ours. A lazy client's first connection has no timeout of its own; a server that has
        answered before is slow, not away."""
        try:
            async with asyncio.timeout(self._settings.action_timeout + _GRACE):
                yield
            self._has_answered = True
        except RPCError as error:
            raise _understood(error) from error
        except TimeoutError as error:
            if self._has_answered:
                raise NoAnswer("no answer in time") from error
            raise TemporalAway("no connection in time") from error
        except RuntimeError as error:
            if "client connect" not in str(error):
                raise
            raise TemporalAway("no connection") from error


def _understood(error: RPCError) -> Exception:
    match error.status:
        case RPCStatusCode.NOT_FOUND if "namespace" not in error.message.lower():
            return NotRunning(error.message)
        case (
            RPCStatusCode.FAILED_PRECONDITION
            | RPCStatusCode.DEADLINE_EXCEEDED
            | RPCStatusCode.CANCELLED
            | RPCStatusCode.RESOURCE_EXHAUSTED
            | RPCStatusCode.INVALID_ARGUMENT
        ):
            return NoAnswer(error.message)
        case _:
            return TemporalAway(error.message)


def _details(opening: Opening) -> str:
    """What the Temporal UI says of the claim; no person's data."""
    order = opening.order
    lines = [
        f"类别：{label(order.category)}　{order.subcategory}".rstrip(),
        f"渠道：{order.channel}",
        f"区（市）：{order.district_name or '未写明'}　{order.town}".rstrip(),
    ]
    if opening.received_at is not None:
        lines.append(f"收到：{minute(opening.received_at)}")
    return "\n\n".join(lines)
