"""Public enquiry about a claim by its number and the phone that was registered (R39); no sign-in."""

import math
from datetime import timedelta
from typing import Final

from claims.limits import status_name
from claims.model.claim import Claim
from claims.model.labels import end_of, label
from claims.model.terms import LimitKind, LimitStatus
from claims.model.values import Actor
from claims.papers.redaction import redact_identity
from claims.text.phones import knows
from records.access.tracking_tries import SLOWED, give_back, take_try
from records.contact_readings import Reading
from records.queries import claims
from service_layer.claims.claim_access import recorded
from service_layer.claims.contact_access import record_reading
from service_layer.claims.merged_claims import merge_target
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services
from service_layer.views.public_journal import public_journal
from service_layer.views.serializers import closed_view
from service_layer.views.track import PublicEvent, PublicLimit, Track

PUBLIC: Final = Actor(sub="track", name="公开查询")
"""The actor of an enquiry without sign-in."""
PROMISED: Final = (LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE, LimitKind.REDO)
"""The limits that are promises to the enterprise."""


async def track_claim(services: Services, number: str, phone: str, *, client: str) -> Track:
    """Return the claim's state. `client` is the caller's address, whose wrong tries are counted together. The
    reading is recorded first. Raises NOT_FOUND, TOO_MANY, RecordsUnavailable.
    """
    claim = await checked_claim(services, number, phone, client=client)
    return await track_of(services, claim, PUBLIC)


async def checked_claim(services: Services, number: str, phone: str, *, client: str) -> Claim:
    """Return the claim if the caller knows the last digits of its phone. Raises NOT_FOUND, TOO_MANY,
    RecordsUnavailable.
    """
    if not services.tracking_per_client.take(client):
        raise too_many(timedelta(seconds=services.tracking_per_client.seconds))
    await services.caught_up()
    found = await recorded(services, number)
    if found is None or not await _knows_phone(services, found.claim, phone):
        detail = "没有找到工单，或电话后四位不符"
        raise ServiceError(ErrorKind.NOT_FOUND, detail, rule="R39", instead="请核对工单编号和登记的联系电话")
    services.tracking_per_client.give_back(client)
    return found.claim


async def track_of(services: Services, claim: Claim, reader: Actor) -> Track:
    """Return a claim's state; the reading is recorded first. Raises RecordsUnavailable."""
    await record_reading(services, reader, claim.number, Reading.TRACK)
    target = await merge_target(services, claim)
    return _track(claim, target, await public_events(services, claim))


async def public_events(services: Services, claim: Claim) -> list[PublicEvent]:
    """Return the claim's events in public words (R39)."""
    entries = public_journal(await services.records.run(claims.journal, claim.number))
    return [PublicEvent(at=entry.at, text=str(redact_identity(entry.text, claim.order))) for entry in entries]


async def _knows_phone(services: Services, claim: Claim, phone: str) -> bool:
    """Counts a try for the claim before checking it; a right one is given back."""
    at = now()
    wait = await services.records.run(take_try, claim.number, at)
    if wait is not None:
        raise too_many(wait)
    if not knows(phone, claim.order.phone):
        return False
    await services.records.run(give_back, claim.number, at)
    return True


def too_many(wait: timedelta) -> ServiceError:
    """Return the refusal after too many tries, with the time to wait."""
    seconds = max(1, math.ceil(wait.total_seconds()))
    is_locked = wait > SLOWED[-1].within
    detail = "查询过于频繁" if not is_locked else "多次输错电话号码，本工单的公开查询已暂停"
    instead = "请稍后再试，或致电12345" if not is_locked else "请致电12345查询"
    return ServiceError(ErrorKind.TOO_MANY, detail, rule="R39", instead=instead, retry_after=seconds)


def _track(claim: Claim, target: Claim, events: list[PublicEvent]) -> Track:
    return Track(
        number=claim.number,
        stage=claim.stage,
        stage_name=label(claim.stage),
        closed=closed_view(claim.closed),
        registered_at=claim.registered_at,
        merged_into=target.number if claim.merged_into else "",
        same_call=[*filter(None, [claim.order.split_from]), *(claim.split.numbers if claim.split else ())],
        unit_name=claim.dispatch.unit.name if claim.dispatch else "",
        events=events,
        limits=[
            PublicLimit(
                kind=limit.kind,
                kind_name=label(limit.kind),
                due_at=limit.schedule.due_at,
                last_day=limit.schedule.last_day,
                due_text=end_of(limit.schedule.last_day, limit.schedule.due_at),
                status=limit.status,
                status_name=status_name(limit),
            )
            for limit in claim.limits
            if limit.kind in PROMISED and limit.schedule is not None and limit.status is not LimitStatus.VOID
        ],
    )
