"""Public enquiry about a claim by its number and the phone that was registered (R39); no sign-in."""

import hmac
from typing import Final

from claims.limits import status_name
from claims.model.claim import Claim
from claims.model.labels import end_of, label
from claims.model.terms import LimitKind, LimitStatus
from records.queries import claims
from service_layer.claims.claim_access import recorded
from service_layer.claims.merged_claims import living_claim
from service_layer.claims.registration_form import digits_of
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services
from service_layer.views.claim import ClosedView
from service_layer.views.public_journal import public_journal
from service_layer.views.track import PublicEvent, PublicLimit, Track

FEWEST_DIGITS: Final = 4
PROMISED: Final = (LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE, LimitKind.REDO)
"""The limits that are promises to the enterprise."""


async def track_claim(services: Services, number: str, phone: str, *, client: str) -> Track:
    """Where the claim stands. `client` is who asks, for the rate limits. Raises NOT_FOUND, TOO_MANY."""
    _count_try(services, number, client)
    found = await recorded(services, number)
    if found is None or not _knows_phone(found.claim, phone):
        detail = "没有找到工单，或电话后四位不符"
        raise ServiceError(ErrorKind.NOT_FOUND, detail, rule="R39", instead="请核对工单编号和登记的联系电话")
    services.tracking_per_claim.give_back(_key(client, number))
    entries = public_journal(await services.records.run(claims.journal, number))
    living = await living_claim(services, found.claim)
    return _track(found.claim, living, [PublicEvent(at=entry.at, text=entry.text) for entry in entries])


def _count_try(services: Services, number: str, client: str) -> None:
    """Limits wrong tries for a claim and a client, and all tries of a client."""
    per_claim, per_client = services.tracking_per_claim, services.tracking_per_client
    if not (per_claim.take(_key(client, number)) and per_client.take(client)):
        raise ServiceError(
            ErrorKind.TOO_MANY,
            "查询过于频繁",
            rule="R39",
            instead="请一分钟后再试",
            retry_after=int(per_claim.seconds),
        )


def _key(client: str, number: str) -> str:
    return f"{client} {number}"


def _knows_phone(claim: Claim, phone: str) -> bool:
    given, real = digits_of(phone), digits_of(claim.order.phone)
    if not FEWEST_DIGITS <= len(given) <= len(real):
        return False
    return hmac.compare_digest(given, real[-len(given) :])


def _track(claim: Claim, living: Claim, events: list[PublicEvent]) -> Track:
    closed = claim.closed
    return Track(
        number=claim.number,
        stage=claim.stage,
        stage_name=label(claim.stage),
        closed=ClosedView(reason=closed.reason, reason_name=label(closed.reason), at=closed.at)
        if closed
        else None,
        registered_at=claim.registered_at,
        merged_into=living.number if claim.merged_into else "",
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
