"""`/claims`: registering, listing and reading claims."""

import asyncio
from typing import Annotated

from fastapi import Body, Depends, Query
from fastapi.responses import JSONResponse, Response
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Number, Used
from api.http.problems import Kind, Problem, documented
from api.http.requests.unknown_fields import KnownFieldsOnly
from api.http.routing import guarded_router
from api.routes.claims.actions import pending
from api.schemas.claim_search import Search, filter_of
from api.schemas.examples import REGISTRATION
from api.schemas.pending import OUTCOME_RESPONSES, RequestOutcome, request_not_received
from claims.model.values import Actor
from claims.need_to_know import sees_contacts
from records.contact_readings import Reading
from records.queries import claims, paging
from service_layer.claims.claim_access import ClaimSnapshot, find, outcome_of
from service_layer.claims.contact_access import record_reading, view_after, view_of
from service_layer.claims.duplicates import likely_duplicates
from service_layer.claims.registration import check_registrar, register
from service_layer.claims.registration_form import Registration
from service_layer.permissions import is_only_enterprise
from service_layer.services import Services
from service_layer.views.claim import ClaimView
from service_layer.views.claim_list import ClaimList
from service_layer.views.journal import JournalView
from service_layer.views.public_journal import public_journal
from service_layer.views.serializers import claim_summary, entry_view

router = guarded_router("工单")


async def may_register(actor: Caller) -> None:
    """Checks the role before the body is validated."""
    check_registrar(actor)


@router.post(
    "/claims",
    status_code=201,
    response_model=ClaimView,
    summary="登记诉求",
    responses={
        200: {"description": "同一渠道编号已登记，返回首次登记的工单", "model": ClaimView},
        **{status: documented(status) for status in (409, 413, 415)},
    },
    dependencies=[Depends(may_register)],
)
async def register_claim(
    sent: Annotated[
        Registration,
        KnownFieldsOnly(),
        Body(openapi_examples={"help": {"summary": "求助类", "value": dict(REGISTRATION)}}),
    ],
    services: Used,
    actor: Caller,
) -> Response:
    """登记一件诉求并编号（R10）。编号落库后才应答；同一渠道同一编号只登记一次。"""
    registered = await register(services, sent, actor)
    status, headers = 201 if registered.is_new else 200, {"Location": f"/claims/{registered.number}"}
    if registered.snapshot is None:
        return JSONResponse({"number": registered.number}, status, headers=headers)
    view = await _shown(services, registered.snapshot, actor)
    return Response(view.model_dump_json(), status, headers, media_type=JSONResponse.media_type)


async def _shown(services: Services, snapshot: ClaimSnapshot, actor: Actor) -> ClaimView:
    view, duplicates = await asyncio.gather(
        view_after(services, snapshot, actor), likely_duplicates(services, snapshot.claim, actor)
    )
    return view.model_copy(update={"possible_duplicates": duplicates})


@router.get("/claims", summary="查询工单")
async def list_claims(search: Annotated[Search, Query()], services: Used, actor: Caller) -> ClaimList:
    """按编号、企业、阶段、单位及其下级、区（市）、类别、渠道、亮灯、截止和登记时间、文字查询；分页，可排序。

    单位只见本单位及下级的工单。按更新时间排序时，翻页期间有变动的工单可能移位。"""
    wanted = filter_of(services, search, actor)
    page = paging.PageRequest(
        sort=search.sort, cursor=search.cursor, limit=search.limit, with_total=search.with_total
    )
    try:
        found = await services.records.run(claims.find_claims, wanted, page)
    except paging.BadCursor as error:
        raise Problem(Kind.INVALID, f"cursor：{error}") from error
    rows = [claim_summary(row, actor) for row in found.rows]
    return ClaimList(claims=rows, next_cursor=found.next_cursor, total=found.total)


@router.get("/claims/{number}", summary="工单现状", responses={404: documented(404)})
async def read_claim(number: Number, services: Used, actor: Caller) -> ClaimView:
    """阶段、派单、时限及逐日说明、亮灯、您可以做的操作。工作进程未应答时给出台账最后的记录（stale）。"""
    found = await find(services, number, actor)
    duplicates = await likely_duplicates(services, found.claim, actor)
    view = await view_of(services, found, actor)
    return view.model_copy(update={"possible_duplicates": duplicates})


@router.get("/claims/{number}/journal", summary="工单日志", responses={404: documented(404)})
async def read_journal(number: Number, services: Used, actor: Caller) -> JournalView:
    """每一事项，按先后顺序，附规则编号。企业只见与其有关的事项。"""
    claim = (await find(services, number, actor)).claim
    if sees_contacts(claim, actor):
        await record_reading(services, actor, number, Reading.JOURNAL)
    entries = await services.records.run(claims.journal, number)
    if is_only_enterprise(actor):
        entries = public_journal(entries)
    return JournalView(number=number, entries=[entry_view(entry, claim, actor) for entry in entries])


class OutcomeView(RequestOutcome):
    """The outcome of a request to a claim."""

    number: str


@router.get(
    "/claims/{number}/outcomes/{request_id:path}",
    summary="操作的办理结果",
    response_model=OutcomeView,
    responses=OUTCOME_RESPONSES,
)
async def read_outcome(number: Number, request_id: str, services: Used, actor: Caller) -> Response:
    """accepted 已办理，refused 不予办理（附规则和理由），pending 尚未办理。"""
    bind_contextvars(request_id=request_id[:128])
    await find(services, number, actor)
    outcome, has_answered = await outcome_of(services, number, request_id)
    if outcome is None and has_answered:
        raise request_not_received()
    if outcome is None:
        return await pending(services, number, request_id)
    shown = OutcomeView(number=number, **outcome.model_dump(include=set(OutcomeView.model_fields)))
    return JSONResponse(shown.model_dump(mode="json"))
