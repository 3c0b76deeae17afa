"""Messages between claims."""

from typing import Final

from pydantic import BaseModel
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.delivery import NotTaken, deliver
from activities.workflow_ids import TAKE_OVER, TAKE_OVER_ANSWERED, signal_name, workflow_id
from claims.actions.merging import not_running
from claims.model.linked_claims import TakeOver, TakeOverAnswer
from claims.model.messages.envelopes import RemindClaim
from claims.model.terms import Action, BackgroundTaskKind

NOBODY: Final = (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT)
"""There is no such claim, it has ended, or no claim can have such a number."""


class ClaimActivities:
    """Reaches claims through one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name=BackgroundTaskKind.REMIND_CLAIM.value)
    async def remind_claim(self, errand: RemindClaim) -> bool:
        """R48: a duplicate reminds the claim that it was merged into; idempotent by the request id in the
        envelope. False where that claim has ended meanwhile: then there is nobody to remind."""
        signal = signal_name(Action.REMIND)
        envelope = errand.envelope.addressed(workflow_id(errand.number), signal)
        return await self._signal(errand.number, signal, envelope)

    @activity.defn(name=BackgroundTaskKind.ASK_TO_TAKE_OVER.value)
    async def ask_to_take_over(self, request: TakeOver) -> bool:
        """R48: a claim asks another to take over its matter; idempotent by the request id. Where that claim does not
        run, this answers in its place."""
        if await self._signal(request.into, TAKE_OVER, request):
            return True
        await self._signal(request.number, TAKE_OVER_ANSWERED, not_running(request))
        return False

    @activity.defn(name=BackgroundTaskKind.ANSWER_TAKE_OVER.value)
    async def answer_take_over(self, answer: TakeOverAnswer) -> bool:
        """R48: the answer to the claim that asked. False where that claim has ended meanwhile."""
        return await self._signal(answer.asked_by, TAKE_OVER_ANSWERED, answer)

    async def _signal(self, number: str, signal: str, message: BaseModel) -> bool:
        """Return whether there is such a claim to signal."""
        try:
            await deliver(self._client.get_workflow_handle(workflow_id(number)), signal, message)
        except NotTaken:
            return True
        except RPCError as error:
            if error.status not in NOBODY:
                raise
            return False
        return True
