"""Routes of pages: who is signed in, forms that came from our own pages, and errors as Chinese pages."""

import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

import structlog
from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from api.http.dependencies import authenticator_of, services_of
from api.http.problems import Kind, Problem, problem_of, unexpected
from api.http.routing import Handler, count_person, counted
from claims.model.organisation import UnknownUnit
from records.errors import RecordsUnavailable
from service_layer.errors import ErrorKind, ServiceError, unavailable
from service_layer.identity.authenticator import SignedIn
from service_layer.request_context import current_route
from web.http.cookies import session_key
from web.http.forms import MOST_FIELDS, MOST_FILES, kept_fields
from web.http.rendering import render, session_of
from web.http.session import Session, Sessions, is_token

log = structlog.get_logger()

LOGIN: Final = "/app/login"
RESUME: Final = f"{LOGIN}/resume"
"""It does nothing but show what was typed, in a session that began after the page was made."""
_FOREIGN: Final = ("cross-site", "same-site")


class PublicPageRoute(APIRoute):
    """A page for everybody. A form from another site is refused; so is one without the session's token."""

    needs_session = False
    sign_in_at = "/app/login"

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            current_route.set(f"{request.method} {self.path}")
            try:
                return await self._answered(request, handle)
            except _EXPECTED as error:
                return error_page(request, error)
            except Exception as error:  # noqa: BLE001  the last resort: logged, and answered without a trace
                frames = "".join(traceback.format_tb(error.__traceback__))
                log.error("page-failed", error=type(error).__qualname__, frames=frames)
                return error_page(request, unexpected(error))

        return guarded

    async def _answered(self, request: Request, handle: Handler) -> Response:
        session = await _current(request, sessions_of(request))
        request.state.session = session
        if session is None:
            return await self._handled(request, handle, None)
        request.state.actor = session.actor
        if self.needs_session:
            with counted(request, session.actor):
                return await self._handled(request, handle, session)
        count_person(request, session.actor)  # enquiries about a claim are not acts on it
        return await self._handled(request, handle, session)

    async def _handled(self, request: Request, handle: Handler, session: Session | None) -> Response:
        if request.method == "POST":
            async with request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS) as form:
                if self.needs_session and session is None:
                    return session_ended(request, form)
                _check_origin(request, form)
                response = await handle(request)
        elif self.needs_session and session is None:
            return _to_sign_in(request, self.sign_in_at)
        else:
            await services_of(request).caught_up()
            response = await handle(request)
        if session is not None and request.url.path != f"{LOGIN}/out":
            sessions_of(request).refresh(response, session)
        return response


class PageRoute(PublicPageRoute):
    """A page for people who are signed in."""

    needs_session = True


def page_router(route: type[APIRoute] = PageRoute) -> APIRouter:
    """Return a router of pages."""
    return APIRouter(route_class=route, include_in_schema=False)


async def _current(request: Request, sessions: Sessions) -> Session | None:
    """Return the request's session, unless its holder has ended it, or what it began with has been revoked since."""
    session = sessions.read(request)
    if session is None or await authenticator_of(request).has_ended(session_key(session.csrf)):
        return None
    began = datetime.fromtimestamp(session.began, UTC)
    signed_in = SignedIn(session.actor, session.token_id)
    return None if await authenticator_of(request).is_revoked(signed_in, began) else session


async def end_session(request: Request, token: str, until: datetime) -> None:
    """Sign out: copies of the cookie become invalid. `token` is the one in the session's forms. While the
    records do not answer, the session has ended here and in this browser.
    """
    try:
        await authenticator_of(request).end_session(session_key(token), until)
    except RecordsUnavailable:
        log.warning("session-end-not-recorded")


def sessions_of(request: Request) -> Sessions:
    """Return the app's sessions."""
    found = request.app.state.sessions
    if not isinstance(found, Sessions):
        raise TypeError("the app has no sessions: use create_site")
    return found


def see_other(url: str) -> RedirectResponse:
    """Redirect after a form, so that going back or reloading sends nothing again."""
    return RedirectResponse(url, HTTPStatus.SEE_OTHER)


def _to_sign_in(request: Request, at: str) -> Response:
    query = f"?{request.url.query}" if request.url.query else ""
    return see_other(f"{at}?next={quote(request.url.path + query, safe='')}")


def session_ended(request: Request, form: FormData) -> Response:
    """Show that the session has ended; the page keeps the input until the person has signed in again."""
    context = {"kept": kept_fields(form), "to": request.url.path}
    return render(request, "session_ended.html", context, status=HTTPStatus.UNAUTHORIZED)


def _check_origin(request: Request, form: FormData) -> None:
    """CSRF: check that the form comes from this site, and carries the session's token if there is a session."""
    session = session_of(request)
    token = form.get("csrf")
    is_ours = (
        session is None or request.url.path == RESUME or (isinstance(token, str) and is_token(session, token))
    )
    if not (is_ours and _is_same_origin(request)):
        detail = "这个表单不是从本系统的页面提交的，或者页面已经失效，没有办理"
        raise ServiceError(ErrorKind.FORBIDDEN, detail, instead="请返回原页面刷新后重新提交")


def _is_same_origin(request: Request) -> bool:
    site = request.headers.get("sec-fetch-site", "")
    if site in (*_FOREIGN, "same-origin"):
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    if not origin:
        return True
    known = {request.headers.get("host", ""), urlsplit(services_of(request).settings.public).netloc}
    return urlsplit(origin).netloc in known


_EXPECTED: Final = (
    *(ServiceError, Problem, HTTPException, RequestValidationError, UnknownUnit, RecordsUnavailable),
)


def error_page(request: Request, error: Exception) -> Response:
    """Return a page with the error, its rule and the remedy."""
    problem = _problem_of(error)
    kind = problem.kind
    context = {"problem": problem, "title": kind.title}
    response = render(request, "error.html", context, status=kind.status)
    response.headers.update(_without_challenge(problem.headers))
    return response


def _without_challenge(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "www-authenticate"}


def _problem_of(error: Exception) -> Problem:
    match error:
        case Problem(kind=Kind.TOO_LARGE):
            found = Problem(
                Kind.TOO_LARGE,
                "提交的文件和文字合计过大，没有办理",
                instead="请按浏览器的后退键回到表单，压缩文件或分几次提交",
                headers=error.headers,
            )
        case Problem():
            found = error
        case ServiceError():
            found = problem_of(error)
        case UnknownUnit():
            found = Problem(Kind.INVALID, error.reason, rule=error.rule, instead=error.instead)
        case RecordsUnavailable():
            found = problem_of(unavailable("台账数据库暂时没有应答，没有办理"))
        case HTTPException():
            found = Problem(Kind.MALFORMED, "表单无法解析，没有办理", instead="请返回上一页重新提交")
        case _:
            found = Problem(Kind.INVALID, "填写的内容有误", instead="请返回上一页改正")
    return found
