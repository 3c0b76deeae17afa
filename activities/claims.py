"""What one claim asks of another."""

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.workflow_ids import signal_name, workflow_id
from claims.model.envelopes import RemindClaim
from claims.model.terms import Action, BackgroundTaskKind


class ClaimActivities:
    """Reaches claims through one client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @activity.defn(name=BackgroundTaskKind.REMIND_CLAIM.value)
    async def remind_claim(self, errand: RemindClaim) -> bool:
        """R48: a duplicate reminds the claim that it was merged into; idempotent by the request id in the
        envelope. False where that claim has ended meanwhile: then there is nobody to remind."""
        handle = self._client.get_workflow_handle(workflow_id(errand.number))
        try:
            await handle.signal(signal_name(Action.REMIND), errand.envelope)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True
