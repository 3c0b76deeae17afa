"""Starting the claims of the other matters of a call that was split (R49)."""

import structlog

from records.errors import RecordsUnavailable
from service_layer.claims.claim_access import ClaimSnapshot, snapshot_of, state_with_matters
from service_layer.claims.starting import start_if_waiting
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer

log = structlog.get_logger()


async def start_split_matters(services: Services, split: ClaimSnapshot) -> ClaimSnapshot:
    """Start them once they have their numbers, and tell the claim with these. What is not done in time is left to the
    background task that starts claims."""
    state = await state_with_matters(services, split.claim.number)
    if state is None or state.claim.split is None:
        return split
    for number in state.claim.split.numbers:
        try:
            await start_if_waiting(services, number)
        except (NoAnswer, RecordsUnavailable):
            log.warning("claim-not-started", claim=number)
    return snapshot_of(state)
