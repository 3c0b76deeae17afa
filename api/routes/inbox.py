"""`GET /inbox`: what waits for the caller's unit, the most urgent first."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from api.http.dependencies import Caller, Used
from api.http.problems import documented
from api.http.requests.unknown_fields import KnownFieldsOnly
from api.http.routing import guarded_router
from service_layer.worklists.inbox import NAMES, InboxTab, note_notices_as_seen, unit_inbox, unit_notices
from service_layer.worklists.items import WorkItem

router: APIRouter = guarded_router("待办")


class InboxGroup(BaseModel):
    """A group of claims; a claim may be in several."""

    group: InboxTab
    group_name: str
    claims: list[str] = Field(description="工单编号，最紧急的在前")


class NoticeRead(BaseModel):
    """A notice that the unit received."""

    id: str
    number: str | None
    at: datetime
    text: str
    unread: bool = Field(description="对您是不是新的；看过单位待办页或标为已读之后为 false")


class SeenBody(BaseModel):
    """Up to where somebody has read."""

    until: AwareDatetime = Field(description="看到的最新一条通知的时间；到此为止都标为已读")


class Inbox(BaseModel):
    """What waits for the caller."""

    groups: list[InboxGroup]
    claims: list[WorkItem] = Field(description="各组的工单，每件一次，最紧急的在前")
    notices: list[NoticeRead] = Field(description="本单位收到的通知，新的在前")


@router.get("/inbox", summary="单位待办")
async def read_inbox(services: Used, actor: Caller) -> Inbox:
    """已超期未反馈的在前；每件列出计时中和超期未办的全部时限、现在轮到谁、您可以做的操作。"""
    groups = await unit_inbox(services, actor)
    notices = await unit_notices(services, actor)
    claims = {item.number: item for items in groups.values() for item in items}
    return Inbox(
        groups=[
            InboxGroup(group=group, group_name=NAMES[group], claims=[item.number for item in items])
            for group, items in groups.items()
        ],
        claims=list(claims.values()),
        notices=[NoticeRead(**one.model_dump(exclude={"kind"})) for one in notices],
    )


@router.post(
    "/inbox/seen",
    summary="把单位通知标为已读",
    status_code=204,
    response_class=Response,
    responses={status: documented(status) for status in (413, 415)},
)
async def mark_notices_seen(
    body: Annotated[SeenBody, KnownFieldsOnly(), Body()], services: Used, actor: Caller
) -> None:
    """只对您本人生效，各人各有已读标记。"""
    await note_notices_as_seen(services, actor, body.until)
