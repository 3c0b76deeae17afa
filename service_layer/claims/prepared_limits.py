"""The calendar's answers that travel with an action, for the limits that it is expected to start (R6).

They are worked out from the claim on record, or from a later state of it that this program has seen. A claim that has gone on
since asks for other limits, takes none of them, and asks the calendar itself.
"""

from collections.abc import Callable
from typing import Final

import structlog

from activities.deadlines import prepared
from claims import procedure
from claims.deadlines.scheduling import limits_to_schedule
from claims.model.claim import Claim
from claims.model.limit import PreparedSchedule
from claims.model.messages.envelopes import Envelope
from claims.model.terms import Action
from claims.transition import Transition
from service_layer.clock import now
from service_layer.services import Services
from workflows.messages import Opening

log = structlog.get_logger()

STARTS_NO_LIMIT: Final = frozenset(
    {Action.SIGN_FOR, Action.CONTACT, Action.REPLY, Action.PROGRESS, Action.SUPPLEMENT}
)
"""Actions that need no look ahead: they start no limit in any stage."""


async def with_schedules(services: Services, claim: Claim, action: Action, envelope: Envelope) -> Envelope:
    """Return the envelope with the schedules of the limits that the action will start; as it was where it
    starts none.
    """
    if action in STARTS_NO_LIMIT:
        return envelope
    at = now() if envelope.received_at else await services.temporal.clock(claim.number)
    if at is None:
        return envelope
    latest = services.recent_claims.latest(claim)
    schedules = await _schedules(services, lambda: procedure.act(latest, action, envelope, now=at)[0])
    return envelope.model_copy(update={"schedules": schedules}) if schedules else envelope


async def opening_with_schedules(services: Services, opening: Opening) -> Opening:
    """Return the opening with the schedules of the limits that registration starts. On virtual time nobody
    knows when the workflow will begin.
    """
    if opening.received_at is None:
        return opening
    schedules = await _schedules(services, lambda: opening.registered(now()))
    return opening.model_copy(update={"schedules": schedules})


async def _schedules(services: Services, expected: Callable[[], Transition]) -> dict[str, PreparedSchedule]:
    """Return the schedules, or None if they cannot be foreseen; the claim then requests them itself."""
    try:
        requests = limits_to_schedule(expected().claim)
        if not requests or any(request.calendar_version or request.edition for request in requests):
            return {}
        return prepared(await services.calendar(), requests)
    except Exception:
        log.warning("limits-not-prepared", exc_info=True)
        return {}
