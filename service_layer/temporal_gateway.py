"""Starting, signalling and querying workflows.

Connects on first use and reconnects by itself. Temporal's errors are raised as those of `temporal_errors`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog
from pydantic import ValidationError
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowHistory,
    WorkflowQueryFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities.delivery import NotTaken, deliver
from activities.monitoring.stalled_workflows import PROBLEMS
from activities.workflow_ids import CLAIM, signal_name, unit_workflow_id, workflow_id
from assessment.cases.model import CaseEnvelope, CaseSnapshot
from claims.model.messages.envelopes import Envelope
from claims.model.messages.unit_action_bodies import UnitEnvelope
from claims.model.terms import Action
from claims.ui_summary import fixed_details, title
from runtime.connection import connect
from runtime.errors import ConfigurationError
from runtime.payloads.key_registry import check_keys
from runtime.settings import Settings
from service_layer.clock import now
from service_layer.temporal_errors import NoAnswer, NotRunning, NumberTaken, TemporalUnavailable, translated
from workflows.cases.case_runner import CaseOpening
from workflows.execution.virtual_clock import clock_of
from workflows.messages import QUERY_STATE, ClaimState, Opening
from workflows.search_attributes import starting_attributes
from workflows.unit_messages import UnitSnapshot

UNIT_SIGNAL: Final = "act"
_GRACE: Final = 0.5
_FIELDS_NAMED: Final = 5

log = structlog.get_logger()


class TemporalGateway:
    """One Temporal client for all workflows."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self._has_answered = False
        self._has_right_keys = False

    async def start(self, opening: Opening) -> None:
        """Start a claim's workflow; one that was started before stays as it is. Raises NumberTaken."""
        order = opening.order
        async with self._translated_errors():
            client = await self._connected()
            try:
                await client.start_workflow(
                    CLAIM,
                    opening,
                    id=workflow_id(opening.number),
                    task_queue=self._settings.task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    static_summary=title(opening.number, order.category, order.district_name, order.channel),
                    static_details=fixed_details(opening.order, opening.received_at),
                    search_attributes=starting_attributes(opening.registered(now()).claim),
                    rpc_timeout=self._timeout,
                )
            except WorkflowAlreadyStartedError as error:
                if await self._is_of_another(client, opening):
                    raise NumberTaken(opening.number) from error

    async def is_of_another(self, opening: Opening) -> bool:
        """Return whether another claim's workflow has the number. Raises NotRunning where none has it, NoAnswer,
        TemporalUnavailable."""
        async with self._translated_errors():
            return await self._is_of_another(await self._connected(), opening)

    async def _is_of_another(self, client: Client, opening: Opening) -> bool:
        known = await self._opening_of(client, opening.number)
        return known is None or not known.is_same_as(opening)

    async def _opening_of(self, client: Client, number: str) -> Opening | None:
        handle = client.get_workflow_handle(workflow_id(number))
        async for event in handle.fetch_history_events(page_size=1, rpc_timeout=self._timeout):
            given = event.workflow_execution_started_event_attributes.input.payloads
            found: list[Opening] = await client.data_converter.decode(given, [Opening])
            return found[0]
        return None

    async def signal(self, number: str, action: Action, envelope: Envelope) -> None:
        """Send a signal. It is durable once this returns, with or without a worker."""
        async with self._translated_errors():
            handle = await self._handle(number)
            sealed = envelope.addressed(handle.id, signal_name(action))
            await deliver(handle, signal_name(action), sealed, timeout=self._timeout)

    async def claim_state(
        self, number: str, request_id: str = "", *, within: float | None = None
    ) -> ClaimState:
        """Return the claim after every signal that was sent before. Raises NoAnswer, NotRunning,
        TemporalUnavailable.
        """
        async with self._translated_errors(within):
            handle = await self._handle(number)
            found: ClaimState = await handle.query(
                QUERY_STATE, request_id, result_type=ClaimState, rpc_timeout=self._timeout_of(within)
            )
            return found.model_copy(update={"now": await self._clock(handle)})

    async def clock(self, number: str) -> datetime | None:
        """Return the claim's clock on virtual time; None where it is not known."""
        try:
            async with self._translated_errors():
                return await clock_of(await self._handle(number))
        except (TemporalUnavailable, NoAnswer, NotRunning):
            return None

    async def signal_unit(self, unit: str, envelope: UnitEnvelope) -> None:
        """Send a signal. It is durable once this returns, with or without a worker."""
        async with self._translated_errors():
            client = await self._connected()
            handle = client.get_workflow_handle(unit_workflow_id(unit))
            await handle.signal(
                UNIT_SIGNAL, envelope.addressed(handle.id, UNIT_SIGNAL), rpc_timeout=self._timeout
            )

    async def unit_state(
        self, unit: str, request_id: str = "", *, within: float | None = None
    ) -> UnitSnapshot:
        """Return the unit's account after every signal that was sent before. Raises as `claim_state` does."""
        async with self._translated_errors():
            client = await self._connected()
            handle = client.get_workflow_handle(unit_workflow_id(unit))
            found: UnitSnapshot = await handle.query(
                QUERY_STATE, request_id, result_type=UnitSnapshot, rpc_timeout=self._timeout_of(within)
            )
            return found

    async def start_case(self, workflow: str, opening: CaseOpening, *, id: str, summary: str) -> bool:
        """Start a period's assessment, once for each id. False: it was started before."""
        async with self._translated_errors():
            client = await self._connected()
            try:
                await client.start_workflow(
                    workflow,
                    opening,
                    id=id,
                    task_queue=self._settings.task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    static_summary=summary,
                    rpc_timeout=self._timeout,
                )
            except WorkflowAlreadyStartedError:
                return False
            return True

    async def signal_with_start(
        self,
        workflow: str,
        opening: CaseOpening,
        signal: str,
        envelope: CaseEnvelope,
        *,
        id: str,
        summary: str,
    ) -> None:
        """Send an act to a case that need not run; durable once this returns."""
        async with self._translated_errors():
            client = await self._connected()
            await client.start_workflow(
                workflow,
                opening,
                id=id,
                task_queue=self._settings.task_queue,
                start_signal=signal,
                start_signal_args=[envelope.addressed(id, signal)],
                static_summary=summary,
                rpc_timeout=self._timeout,
            )

    async def signal_case(self, id: str, signal: str, envelope: CaseEnvelope) -> None:
        """Send an act to a case; durable once this returns. Raises NotRunning."""
        async with self._translated_errors():
            client = await self._connected()
            sealed = envelope.addressed(id, signal)
            await client.get_workflow_handle(id).signal(signal, sealed, rpc_timeout=self._timeout)

    async def case_snapshot(
        self, id: str, request_id: str = "", *, within: float | None = None
    ) -> CaseSnapshot:
        """Return a case after every signal that was sent before. Raises as `claim_state` does."""
        async with self._translated_errors():
            client = await self._connected()
            found: CaseSnapshot = await client.get_workflow_handle(id).query(
                QUERY_STATE, request_id, result_type=CaseSnapshot, rpc_timeout=self._timeout_of(within)
            )
            return found

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """The client itself, for other calls; Temporal's errors are raised as ours."""
        async with self._translated_errors():
            yield await self._connected()

    async def is_reachable(self) -> bool:
        """Return whether the server answers its health check."""
        try:
            async with self._translated_errors():
                client = await self._connected()
                return await client.service_client.check_health(timeout=self._timeout)
        except (TemporalUnavailable, NoAnswer, NotRunning):
            return False

    async def is_stalled(self, number: str) -> bool:
        """Return whether a claim's workflow tasks keep failing, so that it does nothing until a worker's
        build can; False where the server does not say.
        """
        try:
            async with self._translated_errors():
                found = await (await self._handle(number)).describe(rpc_timeout=timedelta(seconds=1))
        except (TemporalUnavailable, NoAnswer, NotRunning):
            return False
        # Not the number of attempts, which each waiting signal resets.
        return bool(found.typed_search_attributes.get(PROBLEMS))

    async def history(self, name: str) -> WorkflowHistory:
        """Return a workflow's latest history. Raises NotRunning where the server keeps none, TemporalUnavailable."""
        async with self._translated_errors():
            return await (await self._connected()).get_workflow_handle(name).fetch_history()

    async def _clock(self, handle: "WorkflowHandle[object, object]") -> datetime:
        clock = await clock_of(handle) if self._settings.virtual_time else None
        return clock or now()

    def _timeout_of(self, within: float | None) -> timedelta:
        return timedelta(seconds=max(within, 0.1)) if within is not None else self._timeout

    @property
    def _timeout(self) -> timedelta:
        return timedelta(seconds=self._settings.action_timeout)

    async def _connected(self) -> Client:
        if self._client is None:
            self._client = await connect(self._settings, lazy=True)
        if not self._has_right_keys:
            await check_keys(self._client)
            self._has_right_keys = True
        return self._client

    async def _handle(self, number: str) -> "WorkflowHandle[object, object]":
        return (await self._connected()).get_workflow_handle(workflow_id(number))

    @asynccontextmanager
    async def _translated_errors(self, within: float | None = None) -> AsyncIterator[None]:
        """Raise Temporal's errors as ours. A lazy client's first connection has no timeout of its own. A server that
        has answered before counts as slow, not as away."""
        try:
            async with asyncio.timeout(max(within or 0, self._settings.action_timeout) + _GRACE):
                yield
            self._has_answered = True
        except (NotTaken, WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowQueryFailedError) as error:
            raise NoAnswer(type(error).__name__) from error
        except ValidationError as error:  # a worker of another version has answered
            fields = [".".join(map(str, one["loc"])) for one in error.errors(include_input=False)]
            log.error("answer-not-readable", answer=error.title, fields=fields[:_FIELDS_NAMED])
            raise NoAnswer("not readable") from error
        except RPCError as error:
            raise translated(error) from error
        except TimeoutError as error:
            if self._has_answered:
                raise NoAnswer("no answer in time") from error
            raise TemporalUnavailable("no connection in time") from error
        except ConfigurationError as error:
            log.error("temporal-not-usable", reason=str(error))
            raise TemporalUnavailable(str(error)) from error
        except RuntimeError as error:
            if "client connect" not in str(error):
                raise
            raise TemporalUnavailable("no connection") from error
