"""The API's composition root."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version

import structlog
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from pydantic.json_schema import models_json_schema
from starlette.middleware import Middleware

from api.http import problems
from api.http.middleware import Observing
from api.http.request_limits import BodyLimit
from api.routes import (
    actions,
    arrangements,
    attachments,
    audit,
    calendar,
    claims,
    contact_reads,
    directory,
    exports,
    health,
    notices,
    track,
    unit_actions,
    units,
)
from records.database.engine import ping
from records.errors import RecordsUnavailable
from runtime.settings import Settings
from service_layer.calendar_updates import keep_updating
from service_layer.monitoring import keep_watching
from service_layer.registration import keep_sweeping
from service_layer.services import Services, make_services

log = structlog.get_logger()

DESCRIPTION = """“企呼枣（早）应、接诉即办”平台接口。

除 `/track`、`/health` 和文档外，每个请求须带 `Authorization: Bearer` 令牌；操作人以令牌为准。
每个操作带 `request_id`：同一编号重复提交只办一次。200 已办理；202 已收下待办；409 按规则不予办理，
附规则编号和理由。时间为 RFC 3339（带时区），日期为 `YYYY-MM-DD`，单位用编号。
"""


def create_app(settings: Settings) -> FastAPI:
    """The API. Starts whether or not Temporal and the database answer, and says 503 until they do."""
    services = make_services(settings)
    app = FastAPIOffline(
        title="枣应 Zaoying",
        version=_version(),
        description=DESCRIPTION,
        lifespan=_lifespan(services),
        middleware=[
            Middleware(Observing, metrics=services.metrics),
            Middleware(BodyLimit, limit=settings.body_limit, upload_limit=settings.attachment_limit),
        ],
    )
    app.state.services = services
    problems.install(app)
    for part in (
        claims,
        attachments,
        actions,
        audit,
        track,
        unit_actions,
        units,
        directory,
        calendar,
        arrangements,
        notices,
        contact_reads,
        exports,
        health,
    ):
        app.include_router(part.router)
    app.include_router(health.metrics_router)
    _document_problems(app)
    return app


def _version() -> str:
    try:
        return version("zaoying")
    except PackageNotFoundError:
        return "0"


def _lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001
        try:
            await services.book.ask(ping)
        except RecordsUnavailable:
            log.warning("records-unavailable", during="start")
        background = [
            asyncio.create_task(keep(services)) for keep in (keep_sweeping, keep_updating, keep_watching)
        ]
        try:
            yield
        finally:
            for task in background:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            services.book.close()

    return lifespan


def _document_problems(app: FastAPI) -> None:
    """Routes name the problem's schema; FastAPI only adds those of its own models."""
    plain = app.openapi

    def with_problems() -> dict[str, object]:
        document = plain()
        _, definitions = models_json_schema(
            [(problems.ProblemBody, "serialization")], ref_template="#/components/schemas/{model}"
        )
        schemas: dict[str, object] = document["components"]["schemas"]
        for name, schema in definitions["$defs"].items():
            schemas.setdefault(name, schema)
        return document

    # FastAPI's documented way to extend it.
    app.openapi = with_problems  # type: ignore[method-assign]
