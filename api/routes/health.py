"""`/health` and `/metrics`: liveness, readiness with alarms, Prometheus metrics."""

import asyncio
from typing import Literal

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from api.http.dependencies import Caller, Counted, Used
from api.http.routing import guarded_router
from records.database.engine import ping
from records.errors import RecordsUnavailable
from records.outbox import OutboxState, outbox_state
from service_layer.background.monitoring import (
    archive_state,
    claims_workers,
    current_alarms,
    differing_workers,
    failing_activities,
    stalled_workflows,
    stopped_workflows,
)
from service_layer.clock import now
from service_layer.permissions import refuse_enterprises
from service_layer.services import Services

router = APIRouter(tags=["运行"])
metrics_router = guarded_router("运行")

log = structlog.get_logger()


class Live(BaseModel):
    """The API runs."""

    status: Literal["live"] = "live"


class Ready(BaseModel):
    """Whether each part answers. `worker`: whether the build that takes most claims has one.
    `archive`: whether no history is about to be lost; None: not known.

    An alarm does not change the status: claims are accepted meanwhile.
    """

    status: Literal["ready", "not-ready"]
    temporal: bool
    worker: bool
    records: bool
    archive: bool | None = None
    alarms: tuple[str, ...] = ()


@router.get("/health/live", summary="接口是否在运行")
async def live() -> Live:
    """只说明接口进程在运行。"""
    return Live()


@router.get(
    "/health/ready",
    summary="系统是否就绪",
    response_model=Ready,
    responses={503: {"description": "有部分尚未就绪", "model": Ready}},
)
async def ready(services: Used) -> Response:
    """流程引擎、工作进程和台账数据库是否都有应答；`alarms` 列出须尽快处理、但不妨碍受理的事项。"""
    temporal, records, alarms = await asyncio.gather(
        services.temporal.is_reachable(),
        _has_records(services),
        current_alarms(services),
    )
    is_ready = temporal and alarms.has_worker and records
    found = Ready(
        status="ready" if is_ready else "not-ready",
        temporal=temporal,
        worker=alarms.has_worker,
        records=records,
        archive=None if alarms.archive is None else not alarms.archive.alarm,
        alarms=alarms.words,
    )
    headers = {} if is_ready else {"Retry-After": "5"}
    return JSONResponse(found.model_dump(), 200 if is_ready else 503, headers=headers)


async def _has_records(services: Services) -> bool:
    try:
        await services.records.run(ping)
    except RecordsUnavailable as error:
        log.error("records-not-ready", reason=str(error))
        return False
    return True


@metrics_router.get("/metrics", summary="运行指标（Prometheus）", response_class=Response)
async def metrics(services: Used, counted: Counted, actor: Caller) -> Response:
    """请求数、时延、操作结果、通知台账、归档、被停止或停滞的流程、反复失败的活动、无人办理的工单；不含个人信息。"""
    refuse_enterprises(actor, what="查看运行指标")
    counted.observe_outbox(await _outbox(services), now())
    counted.observe_archive(await archive_state(services))
    counted.observe_stopped(await stopped_workflows(services))
    counted.observe_stalled(await stalled_workflows(services))
    counted.observe_failing(await failing_activities(services))
    counted.observe_differing(await differing_workers(services))
    counted.observe_workers(await claims_workers(services))
    return Response(counted.text(), media_type=CONTENT_TYPE_LATEST)


async def _outbox(services: Services) -> OutboxState | None:
    try:
        return await services.records.run(outbox_state)
    except RecordsUnavailable:
        return None
