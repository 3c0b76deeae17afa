"""The outermost middleware: request ids, one log line and metrics for each request, an answer to every error."""

import re
import time
import traceback
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from api.http.cited_rules import current, rule_of_path
from api.http.metrics import Metrics
from api.http.problems import answer, unexpected

HEADER: Final = "X-Request-ID"
HSTS: Final = "max-age=31536000; includeSubDomains"
_SANE_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")

log = structlog.get_logger()


class RequestMiddleware:
    """Logs and counts every request by its route template, never by path or query."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, is_tls: bool = False) -> None:
        """`is_tls`: whether people reach the platform over TLS, here or at the proxy."""
        self._app = app
        self._metrics = metrics
        self._is_tls = is_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _SANE_ID.fullmatch(given) else uuid4().hex
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        current.set(rule_of_path(scope["path"]))
        exchange = _Exchange(send, request_id, is_tls=self._is_tls)
        try:
            await self._answered(scope, receive, exchange)
            self._note(scope, exchange)
        finally:
            clear_contextvars()

    async def _answered(self, scope: Scope, receive: Receive, exchange: "_Exchange") -> None:
        try:
            await self._app(scope, receive, exchange.send)
        except Exception as error:  # noqa: BLE001  the last resort: logged, and answered without a trace
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("request-failed", error=type(error).__qualname__, frames=frames)
            if exchange.status == 0:
                await answer(unexpected(error))(scope, receive, exchange.send)

    def _note(self, scope: Scope, exchange: "_Exchange") -> None:
        method, route = str(scope["method"]), _template(scope)
        seconds = time.perf_counter() - exchange.started
        self._metrics.requests.labels(_known(method), route, exchange.status).inc()
        self._metrics.seconds.labels(_known(method), route).observe(seconds)
        milliseconds = round(seconds * 1000, 1)
        log.info("request", method=method, route=route, status=exchange.status, milliseconds=milliseconds)


class _Exchange:
    """The response to one request, with the headers that every response has."""

    def __init__(self, send: Send, request_id: str, *, is_tls: bool) -> None:
        self._send = send
        self._request_id = request_id
        self._is_tls = is_tls
        self.status = 0
        self.started = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers = MutableHeaders(scope=message)
            headers[HEADER] = self._request_id
            headers["X-Content-Type-Options"] = "nosniff"
            headers.setdefault("Referrer-Policy", "no-referrer")
            headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
            headers.setdefault("Cache-Control", "no-store")
            if self._is_tls:
                headers["Strict-Transport-Security"] = HSTS
        await self._send(message)


def _template(scope: Scope) -> str:
    """Return the route's template, such as `/claims/{number}`; `unmatched` where there is none."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _known(method: str) -> str:
    return method if method in ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE") else "other"
