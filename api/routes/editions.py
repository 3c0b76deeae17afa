"""`/editions`: publishing editions of the policy, and what each changes (R7, R8)."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Body, Depends, Query, Request
from fastapi.openapi.models import Example
from fastapi.responses import JSONResponse, Response
from pydantic import Field, JsonValue
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Used, actor_of
from api.http.problems import Kind, Problem, documented
from api.http.requests.unknown_fields import KnownFieldsOnly, StrictQuery
from api.http.routing import guarded_router
from api.http.validation_messages import plus_hint
from claims.editions.edition import Edition
from service_layer.editions.publication import (
    EditionBody,
    PolicyEditionView,
    check_edition_publisher,
    list_editions,
    publish_or_preview,
)
from service_layer.permissions import refuse_enterprises

router = guarded_router("规定版本")

_EXAMPLE: Final[Mapping[str, JsonValue]] = {
    "request_id": "edition-2027-1",
    "id": "2027-1",
    "source": "枣办发〔2026〕××号《关于调整企业诉求办理时限的通知》（示例）",
    "document": "",
    "in_force_from": "2027-01-01T00:00:00+08:00",
    "reaches": "open",
    "changes": {"resolve_days": 8, "extended_resolve_days": 20},
    "channels": {"province-hotline": {"resolve_days": 7}},
    "categories": {},
    "note": "",
}


class DryRun(StrictQuery):
    """Whether to publish."""

    dry_run: bool = Field(default=False, description="只核对并说明影响，不公布")


async def _may_publish(request: Request) -> None:
    check_edition_publisher(actor_of(request))


@router.get("/editions", summary="方案和已公布的各规定版本")
async def read_editions(services: Used, actor: Caller) -> list[PolicyEditionView]:
    """每个版本改变哪些参数、适用于谁、从何时起，以及尚未办结的工单有多少适用。"""
    refuse_enterprises(actor, what="查看规定版本")
    return await list_editions(services)


@router.post(
    "/editions",
    summary="公布规定版本",
    status_code=201,
    response_model=PolicyEditionView,
    responses={
        200: {"description": "此前已公布，或只是核对", "model": PolicyEditionView},
        **{status: documented(status) for status in (409, 413, 415)},
    },
    dependencies=[Depends(_may_publish)],
)
async def post_edition(
    body: Annotated[
        EditionBody,
        KnownFieldsOnly(beside=(Edition,)),
        Body(openapi_examples={"2027-1": Example(summary="缩短解决时限", value=dict(_EXAMPLE))}),
    ],
    query: Annotated[DryRun, Query()],
    services: Used,
    actor: Caller,
) -> Response:
    """id 编号、source 依据（文号和标题）、in_force_from 生效时间（不溯及既往）、reaches 适用范围（new 只适用于新登记的，
    open 也适用于未办结的）、changes 参数和新的数值；channels、categories 按渠道、类别另定的数值（两者都适用的从严）。
    未办结的工单逐件采用并记入流水，时限逐件重新计算（R6），已作的决定不变。"""
    bind_contextvars(request_id=body.request_id)
    if hint := plus_hint((body.model_extra or {}).get("in_force_from")):
        raise Problem(Kind.INVALID, "in_force_from：应为时间，例如 2027-01-01T00:00:00+08:00", instead=hint)
    view, is_new = await publish_or_preview(services, body, actor, dry_run=query.dry_run)
    return JSONResponse(view.model_dump(mode="json"), 201 if is_new else 200)
