"""Composes the API: settings, services, middleware, routes, background tasks."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import structlog
from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware

from api import document
from api.http import problems
from api.http.codec_access import CodecAccess
from api.http.metrics import Metrics
from api.http.middleware import RequestMiddleware
from api.http.requests.address_limit import AddressLimit
from api.http.requests.request_limits import BodyLimit
from api.routes import attachments, city, directory, editions, health, inbox
from api.routes.assessment import (
    assessments,
    briefs,
    clues,
    exclusions,
    meetings,
    period_actions,
    reinterviews,
)
from api.routes.calendar import arrangements, days
from api.routes.claims import actions, channels, claims, track
from api.routes.oversight import audit, codec, contact_reads, exports, notices
from api.routes.units import unit_actions, units
from records.database.engine import ping
from records.errors import RecordsUnavailable
from runtime.settings import Settings
from service_layer.background.tasks import background_tasks
from service_layer.identity.authenticator import Authenticator
from service_layer.identity.revocation_list import RevocationList
from service_layer.services import Services, make_services

log = structlog.get_logger()

DESCRIPTION = """“企呼枣（早）应、接诉即办”平台接口。

除 `/track`、`/health` 和文档外，每个请求须带 `Authorization: Bearer` 令牌；操作人以令牌为准。
每个操作带 `request_id`：同一编号重复提交只办一次。200 已办理；202 已收下待办；409 按规则不予办理，
附规则编号和理由。时间为 RFC 3339（带时区），日期为 `YYYY-MM-DD`，单位用编号。
"""

ROUTES: Final = (
    claims,
    attachments,
    exclusions,  # before the actions, because it is not one of them
    actions,
    inbox,
    audit,
    channels,
    track,
    unit_actions,
    units,
    assessments,
    period_actions,
    meetings,
    briefs,
    reinterviews,
    clues,
    directory,
    city,
    days,
    arrangements,
    editions,
    notices,
    contact_reads,
    exports,
    codec,
    health,
)


def create_app(settings: Settings, *, first: Sequence[APIRouter] = ()) -> FastAPI:
    """Return the API. Starts whether or not Temporal and the database answer, and says 503 until they do.
    `first`: what is asked before the API's own routes.
    """
    metrics = Metrics()
    services = make_services(settings, metrics)
    app = FastAPIOffline(
        title="枣应 Zaoying",
        version=_version(),
        description=DESCRIPTION,
        openapi_tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
        lifespan=_lifespan(services),
        generate_unique_id_function=lambda route: route.name,  # names of functions in generated clients
        redirect_slashes=False,  # a redirect would lead to whatever host the request names
        middleware=[
            Middleware(RequestMiddleware, metrics=metrics, is_tls=settings.public.startswith("https:")),
            Middleware(AddressLimit, most=settings.address_connections, trusted=settings.trusted_proxies),
            Middleware(CodecAccess, origins=settings.temporal_ui_origins),
            Middleware(BodyLimit, limit=settings.body_limit, upload_limit=settings.attachment_limit),
        ],
    )
    app.state.services = services
    app.state.authenticator = Authenticator(
        settings, lambda: services.organisation, RevocationList(services.records)
    )
    app.state.metrics = metrics
    problems.install(app)
    for router in (*first, *(routes.router for routes in ROUTES)):
        app.include_router(router)
    app.include_router(health.metrics_router)
    app.include_router(codec.page_router)
    document.install(app)
    return app


@cache
def _version() -> str:
    try:
        return version("zaoying")
    except PackageNotFoundError:
        return "0"


def _lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            await services.records.run(ping)
        except RecordsUnavailable:
            log.warning("records-unavailable", during="start")
        await app.state.authenticator.prefetch_keys()
        try:
            async with background_tasks(services):
                yield
        finally:
            services.records.close()

    return lifespan


_TAGS: Final = {
    "工单": "登记、查询和查看工单，工单日志与操作的办理结果",
    "办理": "对一件工单的各项操作；同一 request_id 重复提交只办理一次",
    "附件": "上传和下载签字件、盖章件和其他附件",
    "待办": "查看人所在单位的待办事项和通知",
    "派单目录与知识库": "派单建议、知识库条目，以及组织、目录、知识库和常用语的修改",
    "日历与时限": "工作日历、放假安排，逐日说明一个时限",
    "规定版本": "实施方案各项参数的版本，公布前可核对影响",
    "单位": "承办单位的亮牌、约谈、问责和撤销",
    "考核": "各周期的指标、得分、异议、剔除和公布",
    "联席会议": "联席会议的议程、纪要和落实",
    "简报": "日报和周报",
    "企业查询": "凭工单编号和电话末位查询，不需要令牌",
    "来源渠道": "来源系统读回其工单的办理结果",
    "通知": "通知台账",
    "导出": "工单、单位、通知和读取记录的 CSV、XLSX",
    "审计": "由历史重演的全过程、核对和联系信息读取记录",
    "Temporal UI": "为 Temporal UI 解密历史",
    "运行": "健康状况和指标",
}
"""The contents of each part of the document."""
