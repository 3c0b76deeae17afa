"""Giving out an enterprise's contact data (R70): never before the reading is written down."""

from structlog.contextvars import get_contextvars

from api.http.request_context import current_route
from api.schemas.claim import ClaimView
from api.schemas.serializers import claim_view, reads_contacts
from claims.model.values import Actor
from records.contact_readings import ContactRead, Reading, record_contact_reads
from records.errors import RecordsUnavailable
from service_layer.claim_access import Sighting
from service_layer.clock import now
from service_layer.services import Services


async def view_of(services: Services, sighting: Sighting, actor: Actor) -> ClaimView:
    """What the actor sees of a claim. Raises RecordsUnavailable where the reading cannot be written down."""
    if reads_contacts(actor, sighting.claim.order.enterprise):
        await note_reading(services, actor, sighting.claim.number, Reading.CLAIM)
    return claim_view(sighting.claim, actor, now=sighting.now, stale=sighting.stale)


async def view_after(services: Services, sighting: Sighting, actor: Actor) -> ClaimView:
    """The same for whoever has just changed the claim: where the reading cannot be written down, the contact
    data are masked, for what was done is done and must be told."""
    try:
        return await view_of(services, sighting, actor)
    except RecordsUnavailable:
        return claim_view(sighting.claim, actor, now=sighting.now, stale=sighting.stale, withheld=True)


async def note_reading(
    services: Services, actor: Actor, number: str, what: Reading, *, attachment: str = ""
) -> None:
    """Write down that the actor gets contact data with this answer. Raises RecordsUnavailable."""
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
    await services.book.ask(record_contact_reads, [read])
