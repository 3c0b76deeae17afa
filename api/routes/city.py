"""`/city`: changes of directory, knowledge base and standard texts, with a second person's approval (R12, R14)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

from fastapi import Body, Depends, Path
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Used
from api.http.problems import documented
from api.http.requests.unknown_fields import KnownFieldsOnly
from api.http.routing import guarded_router
from claims.model.messages.field_types import RequestId
from records.people.city_entries import KIND_NAMES, STATE_NAMES, CityKind, CityVersion, VersionState
from service_layer.city.changes import changes_of, decide_change, entries_of, propose_change, require_editor

router = guarded_router("派单目录与知识库")

Kind = Annotated[
    CityKind,
    Path(
        description="directory 派单目录，knowledge 知识库，standard-text 常用语，channels 通知通道，units 组织机构"
    ),
]
_EXAMPLE: dict[str, JsonValue] = {
    "id": "CY-001",
    "action": "reply",
    "text": "已与您约定上门时间。",
    "effective_from": "2026-12-01",
}


class ProposedChange(BaseModel):
    """A version of an entry."""

    model_config = ConfigDict(frozen=True)

    request_id: RequestId = Field(description="请求编号；同一编号重复提交只办一次", examples=["kb-2026-12-1"])
    content: dict[str, JsonValue] = Field(
        description="条目的全部内容，字段与现行条目相同", examples=[_EXAMPLE]
    )
    reason: str = Field(description="修改的理由", min_length=1, max_length=2000, examples=["一线常用"])


class Decision(BaseModel):
    """What the second person decides."""

    model_config = ConfigDict(frozen=True)

    approve: bool = Field(description="是否核准")
    text: str = Field(default="", description="核准意见", max_length=2000)


class VersionView(BaseModel):
    """A version and its outcome."""

    id: str = Field(description="修改编号")
    kind: CityKind = Field(description="类别")
    kind_name: str = Field(description="类别的名称")
    entry: str = Field(description="条目编号")
    content: dict[str, JsonValue] = Field(description="条目的全部内容")
    in_force_from: date = Field(description="核准后从该日起施行")
    reason: str = Field(description="修改的理由")
    state: VersionState = Field(description="proposed 待核准，approved 已核准，refused 未核准")
    state_name: str = Field(description="状态的中文名称")
    proposer: str = Field(description="提出人")
    proposed_at: datetime = Field(description="提出时间")
    decider: str = Field(description="核准人；尚未核定时为空")
    decided_at: datetime | None = Field(description="核定时间")
    decision: str = Field(description="核准意见")


class CityEntries(BaseModel):
    """What is in force, and every change."""

    entries: list[dict[str, JsonValue]] = Field(description="现行条目")
    changes: list[VersionView] = Field(description="各次修改，新的在前")


async def may_edit(actor: Caller) -> None:
    """Checks the role (§1)."""
    require_editor(actor)


@router.get("/city/{kind}", summary="现行条目和修改记录", dependencies=[Depends(may_edit)])
async def read_city(kind: Kind, services: Used, actor: Caller) -> CityEntries:
    """派单目录、知识库或常用语的现行条目，以及待核准、已核准和未核准的各次修改。"""
    changes = await changes_of(services, kind, actor)
    entries: Sequence[BaseModel] = entries_of(services, kind)
    return CityEntries(
        entries=[entry.model_dump(mode="json") for entry in entries], changes=[_view(one) for one in changes]
    )


@router.post(
    "/city/{kind}",
    summary="提出修改",
    status_code=201,
    dependencies=[Depends(may_edit)],
    responses={status: documented(status) for status in (409, 413, 415)},
)
async def propose_city_change(
    kind: Kind, body: Annotated[ProposedChange, KnownFieldsOnly(), Body()], services: Used, actor: Caller
) -> VersionView:
    """新编号为新增，已有编号为修改，写明失效日期为停用；由另一人核准后施行。"""
    bind_contextvars(request_id=body.request_id)
    version = await propose_change(
        services, kind, body.content, reason=body.reason, request_id=body.request_id, actor=actor
    )
    return _view(version)


@router.post(
    "/city/changes/{change}/decide",
    summary="核准修改",
    dependencies=[Depends(may_edit)],
    responses={status: documented(status) for status in (404, 409, 413, 415)},
)
async def decide_city_change(
    change: Annotated[str, Path(description="修改编号", max_length=40)],
    body: Annotated[Decision, KnownFieldsOnly(), Body()],
    services: Used,
    actor: Caller,
) -> VersionView:
    """由提出人以外的另一人核准或不核准；只能核定一次。"""
    return _view(await decide_change(services, change, actor, approve=body.approve, text=body.text))


def _view(version: CityVersion) -> VersionView:
    given = version.model_dump(exclude={"proposed_by", "decided_by"})
    return VersionView(**given, kind_name=KIND_NAMES[version.kind], state_name=STATE_NAMES[version.state])
