"""Returning an enterprise's contact data: only after the reading is recorded (R70)."""

from structlog.contextvars import get_contextvars

from claims.model.values import Actor
from claims.need_to_know import sees_contacts
from records.contact_readings import ContactRead, Reading, record_contact_reads
from records.errors import RecordsUnavailable
from service_layer.claims.claim_access import ClaimSnapshot
from service_layer.clock import now
from service_layer.request_context import current_route
from service_layer.services import Services
from service_layer.views.claim import ClaimView
from service_layer.views.serializers import claim_view


async def view_of(services: Services, snapshot: ClaimSnapshot, actor: Actor) -> ClaimView:
    """Return the actor's view of a claim. Raises RecordsUnavailable if the reading cannot be recorded."""
    if sees_contacts(snapshot.claim, actor):
        await record_reading(services, actor, snapshot.claim.number, Reading.CLAIM)
    return claim_view(snapshot.claim, actor, now=snapshot.now, stale=snapshot.stale)


async def view_after(services: Services, snapshot: ClaimSnapshot, actor: Actor) -> ClaimView:
    """Return the same for a caller who has just changed the claim. If the reading cannot be recorded, the
    contact data are masked, because the caller must learn that the change was made.
    """
    try:
        return await view_of(services, snapshot, actor)
    except RecordsUnavailable:
        return claim_view(snapshot.claim, actor, now=snapshot.now, stale=snapshot.stale, withheld=True)


async def record_reading(
    services: Services, actor: Actor, number: str, what: Reading, *, attachment: str = ""
) -> None:
    """Record that the actor gets contact data with this answer. Raises RecordsUnavailable."""
    read = ContactRead(
        at=now(),
        number=number,
        what=what,
        attachment=attachment,
        sub=actor.sub,
        name=actor.name,
        roles=actor.roles,
        unit=actor.unit.id if actor.unit else "",
        route=current_route.get(),
        request_id=str(get_contextvars().get("request_id", "")),
    )
    await services.records.run(record_contact_reads, [read])
