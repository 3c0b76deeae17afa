"""`GET /track/{number}?phone=…`: where a claim stands (R39), without a token."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.http.dependencies import Number, Used
from api.http.problems import documented
from service_layer.claims.tracking import track_claim
from service_layer.views.track import Track

router = APIRouter(tags=["企业查询"])


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
    return await track_claim(services, number, phone, client=client)
