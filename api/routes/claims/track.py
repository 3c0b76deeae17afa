"""`/track/{number}`: where a claim stands (R39), without a token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field, StringConstraints

from api.http.dependencies import Number, Used
from api.http.problems import documented
from api.http.requests.client_address import client_address
from api.http.requests.unknown_fields import KnownFieldsOnly
from api.http.routing import PublicRoute
from service_layer.enquiries.tracking import track_claim
from service_layer.views.track import Track

router = APIRouter(
    tags=["企业查询"],
    route_class=PublicRoute,
    responses={status: documented(status) for status in (404, 422, 429, 503)},
)
_DIGITS = "登记电话的后四位或更多位"


class Enquiry(BaseModel):
    """What the enterprise knows."""

    phone: Annotated[str, StringConstraints(max_length=60)] = Field(description=_DIGITS, examples=["0004"])


async def caller_of(request: Request, services: Used) -> str:
    """Return the caller's address."""
    return client_address(request, services.settings.trusted_proxies)


Client = Annotated[str, Depends(caller_of)]


@router.post(
    "/track/{number}", summary="企业查询办理进度", responses={413: documented(413), 415: documented(415)}
)
async def enquire(
    number: Number, enquiry: Annotated[Enquiry, KnownFieldsOnly()], services: Used, client: Client
) -> Track:
    """凭工单编号和登记电话的后四位（或更多位）查询，无需登录。号码不写入网址；查询留痕。"""
    return await track_claim(services, number, enquiry.phone, client=client)


@router.get("/track/{number}", summary="企业查询办理进度（号码在网址中）", deprecated=True)
async def track(
    number: Number,
    services: Used,
    client: Client,
    phone: Annotated[str, Query(description=_DIGITS, examples=["0004"], max_length=60)] = "",
) -> Track:
    """同上；号码会留在浏览器和代理的记录中，请改用 POST。"""
    return await track_claim(services, number, phone, client=client)
