"""Outcomes for a source system of the claims that it filed (R10)."""

from datetime import datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError

from claims.model.labels import label
from claims.model.messages.field_types import Instant
from claims.model.terms import Channel
from claims.model.values import Actor
from records.queries.channel_outcomes import FiledClaim, filed_claims
from service_layer.enquiries.tracking import public_events
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import CHANNEL_READERS, require_role
from service_layer.services import Services
from service_layer.views.channel import ChannelOutcome, ChannelOutcomes
from service_layer.views.serializers import closed_view

AT_ONCE: Final = 100
_APART: Final = "~"
_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)


async def channel_outcomes(
    services: Services, channel: Channel, actor: Actor, *, since: datetime | None, cursor: str
) -> ChannelOutcomes:
    """Return the channel's claims that changed since an instant. Raises FORBIDDEN for another channel,
    INVALID for a cursor.
    """
    require_role(actor, *CHANNEL_READERS, what="查询渠道诉求的办理结果", rule="R10")
    if actor.channel is not channel and not actor.has(*CHANNEL_READERS[1:]):
        detail = "来源系统只能查询本渠道诉求的办理结果"
        raise ServiceError(ErrorKind.FORBIDDEN, detail, rule="R10", instead="请查询本渠道")
    after = ""
    if cursor:
        since, after = _place(cursor)
    found = await services.records.run(filed_claims, channel, since=since, after=after, limit=AT_ONCE)
    outcomes = [await _outcome(services, one) for one in found]
    last = found[-1] if len(found) == AT_ONCE else None
    following = f"{last.updated_at.isoformat()}{_APART}{last.claim.number}" if last else None
    return ChannelOutcomes(
        channel=channel, channel_name=label(channel), outcomes=outcomes, next_cursor=following
    )


def _place(cursor: str) -> tuple[datetime, str]:
    instant, _, number = cursor.partition(_APART)
    try:
        return _INSTANT.validate_python(instant), number
    except ValidationError as error:
        detail = "cursor：不是上一页给出的"
        raise ServiceError(ErrorKind.INVALID, detail, rule="R10", instead="请从 since 重新查询") from error


async def _outcome(services: Services, found: FiledClaim) -> ChannelOutcome:
    claim = found.claim
    return ChannelOutcome(
        external_id=found.external_id,
        number=claim.number,
        stage=claim.stage,
        stage_name=label(claim.stage),
        closed=closed_view(claim.closed),
        merged_into=claim.merged_into,
        unit_name=claim.dispatch.unit.name if claim.dispatch else "",
        registered_at=claim.registered_at,
        updated_at=found.updated_at,
        events=await public_events(services, claim),
    )
