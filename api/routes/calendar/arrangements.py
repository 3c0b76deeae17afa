"""`/calendar/arrangements` and `/calendar/updates`: publishing a holiday arrangement, and its progress (R1, R6)."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final

from fastapi import Body, Depends, Path, Request
from fastapi.openapi.models import Example
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, JsonValue
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Used, actor_of
from api.http.problems import Kind, Problem, documented
from api.http.requests.unknown_fields import KnownFieldsOnly
from api.http.routing import guarded_router
from calendar_rules.model import Arrangement
from records.arrangements import Published, all_published, calendar_of
from records.database.engine import Records
from records.queries.affected_claims import AffectedClaims
from service_layer.calendar.calendar_updates import progress_of
from service_layer.calendar.publication import (
    ArrangementBody,
    Publication,
    check_publisher,
    publish_arrangement,
)
from service_layer.permissions import refuse_enterprises
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable
from workflows.sweeps import Progress

router = guarded_router("日历与时限")

_EXAMPLE: Final[Mapping[str, JsonValue]] = {
    "request_id": "arrangement-2027",
    "dry_run": True,
    "published": "2026-11-25",
    "source": "国办发明电〔2026〕××号《国务院办公厅关于2027年部分节假日安排的通知》（示例）",
    "document": "",
    "year": 2027,
    "days_off": [{"date": "2027-01-01", "name": "元旦"}, {"date": "2027-01-04", "name": "元旦（调休）"}],
    "make_up_days": [{"date": "2027-01-09", "name": "元旦"}],
}


class State(StrEnum):
    """The state of an update."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SUPERSEDED = "superseded"


STATE_NAMES: Final = {
    State.WAITING: "待启动",
    State.RUNNING: "进行中",
    State.DONE: "已完成",
    State.SUPERSEDED: "已有更新的日历",
}


class PublishedView(BaseModel):
    """An arrangement that led to this calendar."""

    revision: int
    id: str
    source: str
    published: date
    document: str
    entered_at: datetime
    entered_by: str


class PublicationView(Publication):
    """The changes of an arrangement, and the address of its progress."""

    status_url: str | None = Field(description="查询重新计算进度的地址")


class UpdateView(BaseModel):
    """The progress of a recalculation."""

    version: str
    state: State = Field(
        description="waiting 待启动 · running 进行中 · done 已完成 · superseded 已有更新的日历"
    )
    state_name: str = Field(description="状态的名称")
    sweep: int = Field(description="第几遍查找")
    told: int = Field(description="已通知的工单（件次）")
    ended: int = Field(description="通知时已办结的工单")
    remaining: int = Field(description="台账上尚未按此日历核对的受影响工单")
    finished_at: datetime | None
    arrangements: list[PublishedView]


async def _may_publish(request: Request) -> None:
    check_publisher(actor_of(request))


@router.post(
    "/calendar/arrangements",
    summary="公布放假安排或更正",
    status_code=201,
    response_model=PublicationView,
    responses={
        200: {"description": "此前已公布，或只是核对", "model": PublicationView},
        **{status: documented(status) for status in (409, 413, 415)},
    },
    dependencies=[Depends(_may_publish)],
)
async def post_arrangement(
    body: Annotated[
        ArrangementBody,
        KnownFieldsOnly(beside=(Arrangement,)),
        Body(openapi_examples={"2027": Example(summary="一年的安排（先核对）", value=dict(_EXAMPLE))}),
    ],
    services: Used,
    actor: Caller,
) -> Response:
    """除请求编号外填写：year（整年的安排；只更正个别日期时不填）、published（公布日期）、source（文号和标题）、
    days_off 放假日、make_up_days 调休上班日、ordinary_days 恢复为平常的日子、note、id（可不填）。
    公布后立即生效；受影响的未办结工单逐件重新计算时限并记入流水（R6）。"""
    bind_contextvars(request_id=body.request_id)
    publication, is_new = await publish_arrangement(services, body, actor)
    url = None if publication.dry_run else f"/calendar/updates/{publication.version}"
    shown = PublicationView(**dict(publication), status_url=url)
    headers = {"Location": url} if url else {}
    return JSONResponse(shown.model_dump(mode="json"), 201 if is_new else 200, headers=headers)


@router.get("/calendar/updates/{version}", summary="按新日历重新计算的进度", responses={404: documented(404)})
async def read_update(
    version: Annotated[str, Path(description="日历版本", examples=["cn-0123456789ab"], max_length=40)],
    services: Used,
    actor: Caller,
) -> UpdateView:
    """已通知多少工单，台账上还有多少未按此日历核对。"""
    refuse_enterprises(actor, what="查看日历更新进度")
    known = await services.records.run(all_published)
    arrangements = [item for item in known if item.version == version]
    current = calendar_of(known).version
    if not arrangements and version != current:
        raise Problem(
            Kind.NOT_FOUND,
            f"没有版本为{version}的日历",
            rule="R1",
            instead="请核对 GET /calendar/{year} 的版本",
        )
    state, progress = await _state(services, version, arrangements)
    if version != current:
        state = State.SUPERSEDED
    return UpdateView(
        version=version,
        state=state,
        state_name=STATE_NAMES[state],
        remaining=await services.records.run(_remaining) if version == current else 0,
        arrangements=[_view(item) for item in arrangements],
        **progress.model_dump(include={"sweep", "told", "ended", "finished_at"}),
    )


async def _state(services: Services, version: str, arrangements: list[Published]) -> tuple[State, Progress]:
    finished = arrangements[-1].finished_at if arrangements else None
    in_records = Progress(sweep=0, finished_at=finished)
    try:
        progress = await progress_of(services, version)
    except NotRunning:
        return State.DONE if finished else State.WAITING, in_records
    except (NoAnswer, TemporalUnavailable):
        return State.DONE if finished else State.RUNNING, in_records
    return State.DONE if progress.finished_at else State.RUNNING, progress


def _remaining(records: Records) -> int:
    known = all_published(records)
    return AffectedClaims(records, known, calendar_of(known)).count()


def _view(item: Published) -> PublishedView:
    return PublishedView(
        revision=item.revision,
        id=item.arrangement.id,
        source=item.arrangement.source,
        published=item.arrangement.published,
        document=item.document,
        entered_at=item.entered_at,
        entered_by=item.actor.name or item.actor.sub,
    )
