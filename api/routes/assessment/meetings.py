"""`/meetings`: the joint meeting (R63)."""

from typing import Annotated

from fastapi import Body, Depends, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Used
from api.http.problems import documented
from api.http.requests.unknown_fields import KnownFieldsOnly, StrictQuery
from api.http.routing import guarded_router
from api.schemas.pending import pending_answer
from assessment.cases.model import CaseBody
from assessment.meetings.model import Convene, FinishItem, MeetingAction, RecordMinutes
from claims.model.values import Actor
from documents.uploads.media_types import MediaType
from service_layer.assessment import meetings
from service_layer.assessment.meetings import MeetingList, MeetingView
from service_layer.services import Services

router = guarded_router("联席会议")
MeetingId = Annotated[str, Path(description="会议编号", examples=["2026-11-3f2a1c"], max_length=40)]


async def may_read(actor: Caller) -> None:
    """Checks the role (§1)."""
    meetings.require_meeting_reader(actor)


async def may_convene(actor: Caller) -> None:
    """Checks the role (§1)."""
    meetings.require_meeting_role(actor, MeetingAction.CONVENE)


def _answer(view: MeetingView | None, body: CaseBody, status: int = 200) -> Response:
    if view is not None:
        return JSONResponse(view.model_dump(mode="json"), status)
    return pending_answer("/meetings", body.request_id)


@router.get("/meetings", summary="联席会议列表", dependencies=[Depends(may_read)])
async def list_meetings(services: Used, actor: Caller) -> MeetingList:
    """新的在前；单位只看到涉及本单位的议题和事项（R63）。"""
    return await meetings.list_meetings(services, actor)


@router.get(
    "/meetings/{meeting}",
    summary="一次联席会议",
    dependencies=[Depends(may_read)],
    responses={404: documented(404)},
)
async def read_meeting(meeting: MeetingId, services: Used, actor: Caller) -> MeetingView:
    """议题、纪要、议定事项及落实情况（R63）。"""
    return await meetings.read_meeting(services, meeting, actor)


class PaperQuery(StrictQuery):
    """Which paper."""

    minutes: bool = Field(default=False, description="true 为会议纪要，false 为议程")


@router.get(
    "/meetings/{meeting}/paper",
    summary="联席会议议程、会议纪要",
    dependencies=[Depends(may_read)],
    response_class=Response,
    responses={404: documented(404), 409: documented(409)},
)
async def read_paper(
    meeting: MeetingId, wanted: Annotated[PaperQuery, Query()], services: Used, actor: Caller
) -> Response:
    """Word 公文（R63）。"""
    content = await meetings.meeting_paper(services, meeting, actor, minutes=wanted.minutes)
    return Response(content, media_type=MediaType.DOCX.value)


@router.post(
    "/meetings",
    summary="召集联席会议",
    status_code=201,
    response_model=MeetingView,
    dependencies=[Depends(may_convene)],
)
async def convene(
    body: Annotated[Convene, KnownFieldsOnly(), Body()], services: Used, actor: Caller
) -> Response:
    """由该周期的超期、争议、裁定、责成、多次重办、多次退单的工单和平台延误形成议程（R63）。"""
    bind_contextvars(request_id=body.request_id)
    return _answer(await meetings.convene(services, body, actor), body, 201)


@router.post(
    "/meetings/{meeting}/record-minutes",
    summary="登记会议纪要",
    response_model=MeetingView,
    dependencies=[Depends(may_convene)],
    responses={404: documented(404), 409: documented(409)},
)
async def record_minutes(
    meeting: MeetingId,
    body: Annotated[RecordMinutes, KnownFieldsOnly(), Body()],
    services: Used,
    actor: Caller,
) -> Response:
    """议定事项按完成日期跟踪，到期未落实的提醒责任单位和综合协调组（R63）。"""
    return await _act(services, meeting, MeetingAction.RECORD_MINUTES, body, actor)


@router.post(
    "/meetings/{meeting}/finish-item",
    summary="登记落实情况",
    response_model=MeetingView,
    dependencies=[Depends(may_convene)],
    responses={404: documented(404), 409: documented(409)},
)
async def finish_item(
    meeting: MeetingId,
    body: Annotated[FinishItem, KnownFieldsOnly(), Body()],
    services: Used,
    actor: Caller,
) -> Response:
    """一项议定事项已落实（R63）。"""
    return await _act(services, meeting, MeetingAction.FINISH_ITEM, body, actor)


async def _act(services: Services, id: str, action: MeetingAction, body: CaseBody, actor: Actor) -> Response:
    bind_contextvars(request_id=body.request_id, action=action.value)
    return _answer(await meetings.act_on_meeting(services, id, action, body, actor), body)
