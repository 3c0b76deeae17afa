"""`GET /track/{number}?phone=…`: the enterprise sees where its claim stands (R39), without a token."""

import hmac
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from api.http.problems import Kind, Problem, documented
from api.http.routing import Number
from api.schemas.claim import ClosedView
from api.schemas.public_journal import public_journal
from claims.limits import status_name
from claims.model.claim import Claim
from claims.model.labels import end_of, label
from claims.model.terms import LimitKind, LimitStatus, Stage
from records.queries import claims
from service_layer.claim_access import recorded
from service_layer.registration import digits_of
from service_layer.services import Services, Used

router = APIRouter(tags=["企业查询"])

FEWEST_DIGITS: Final = 4
PROMISED: Final = (LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE, LimitKind.REDO)
"""The limits that are promises to the enterprise."""


class PublicEvent(BaseModel):
    """What happened."""

    at: datetime
    text: str


class PublicLimit(BaseModel):
    """Until when something is promised."""

    kind: LimitKind
    kind_name: str
    due_at: datetime
    last_day: date
    due_text: str
    status: LimitStatus
    status_name: str


class Track(BaseModel):
    """Where a claim stands."""

    number: str
    stage: Stage
    stage_name: str
    closed: ClosedView | None
    registered_at: datetime
    unit_name: str = Field(description="承办单位；尚未派单时为空")
    events: list[PublicEvent]
    limits: list[PublicLimit]


@router.get(
    "/track/{number}",
    summary="企业查询办理进度",
    responses={status: documented(status) for status in (404, 422, 429, 503)},
)
async def track(
    request: Request,
    number: Number,
    services: Used,
    phone: Annotated[
        str, Query(description="登记电话的后四位或更多位", examples=["0004"], max_length=40)
    ] = "",
) -> Track:
    """凭工单编号和登记电话的后四位（或更多位）查询，无需登录。"""
    client = request.client.host if request.client else ""
    _count_try(services, number, client)
    found = await recorded(services, number)
    if found is None or not _knows_phone(found.claim, phone):
        detail = "没有找到工单，或电话后四位不符"
        raise Problem(Kind.NOT_FOUND, detail, rule="R39", instead="请核对工单编号和登记的联系电话")
    services.wrong_tries.give_back(f"{client} {number}")
    entries = public_journal(await services.book.ask(claims.journal, number))
    events = [PublicEvent(at=entry.at, text=entry.text) for entry in entries]
    return _track(found.claim, events)


def _count_try(services: Services, number: str, client: str) -> None:
    """So many wrong tries a minute for a number and a caller, so many of any kind for a caller."""
    if not (services.wrong_tries.take(f"{client} {number}") and services.all_tries.take(client)):
        headers = {"Retry-After": str(int(services.wrong_tries.seconds))}
        raise Problem(Kind.TOO_MANY, "查询过于频繁", rule="R39", instead="请一分钟后再试", headers=headers)


def _knows_phone(claim: Claim, phone: str) -> bool:
    given, real = digits_of(phone), digits_of(claim.order.phone)
    if not FEWEST_DIGITS <= len(given) <= len(real):
        return False
    return hmac.compare_digest(given, real[-len(given) :])


def _track(claim: Claim, events: list[PublicEvent]) -> Track:
    closed = claim.closed
    return Track(
        number=claim.number,
        stage=claim.stage,
        stage_name=label(claim.stage),
        closed=ClosedView(reason=closed.reason, reason_name=label(closed.reason), at=closed.at)
        if closed
        else None,
        registered_at=claim.registered_at,
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
