"""Registering the other matters of a call that was split (R49)."""

import asyncio
from collections.abc import Mapping

from pydantic import JsonValue
from temporalio import activity
from temporalio.client import Client

from activities.workflow_ids import MATTERS_REGISTERED, workflow_id
from calendar_rules import local_day
from claims.model.claim_parts import WorkOrder
from claims.model.linked_claims import MattersRegistered
from claims.model.messages.envelopes import MattersToRegister
from claims.model.terms import BackgroundTaskKind
from records import intake
from records.database.engine import Records


class SplitActivities:
    """Takes claims in, and tells the claim that was split. `protocol` is what claims begin with."""

    def __init__(self, client: Client, records: Records, protocol: int) -> None:
        self._client = client
        self._records = records
        self._protocol = protocol

    @activity.defn(name=BackgroundTaskKind.REGISTER_MATTERS.value)
    async def register_matters(self, request: MattersToRegister) -> list[str]:
        """Give each matter a number, stored durably (R10), and send them to the claim; idempotent by the
        claim's number. The API's background task starts their workflows, as for any claim with a number and
        no workflow.
        """
        numbers = [await asyncio.to_thread(self._take_in, request, order) for order in request.orders]
        word = MattersRegistered(request_id=request.request_id, numbers=tuple(numbers))
        await self._client.get_workflow_handle(workflow_id(request.number)).signal(MATTERS_REGISTERED, word)
        return numbers

    def _take_in(self, request: MattersToRegister, order: WorkOrder) -> str:
        def opening(number: str) -> Mapping[str, JsonValue]:
            return {
                **request.model_dump(mode="json", include={"actor", "received_at", "policy"}),
                "number": number,
                "order": order.model_dump(mode="json"),
                "protocol": self._protocol,
                "is_on_record": True,
            }

        return intake.register_intake(
            self._records,
            day=local_day(request.received_at),
            channel=order.channel,
            external_id=order.external_id,
            payload=opening,
            received_at=request.received_at,
        ).number
