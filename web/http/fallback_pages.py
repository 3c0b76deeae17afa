"""Pages for addresses without one: those that forms are sent to, those of the API, and unknown ones."""

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope

from service_layer.errors import ErrorKind, ServiceError
from web.http.page_route import PublicPageRoute, page_router, see_other

FORM_PAGES: Final = (
    ("/app/login/out", "/"),
    ("/app/login/resume", "/"),
    ("/app/desk/alike", "/app/desk"),
    ("/app/desk/lookup", "/app/desk"),
    ("/app/inbox/sign", "/app/inbox?group=for-the-head"),
    ("/app/filters", "/"),
    ("/app/audits/assessments", "/app/audits"),
    ("/app/settings/editions", "/app/settings#edition"),
    ("/app/settings/arrangements", "/app/settings#arrangement"),
    ("/app/city/{kind}/{change}", "/app/city/{kind}"),
    ("/app/units/{unit}/{action}", "/app/units/{unit}"),
    ("/app/assessments/{period}/{action}", "/app/assessments/{period}"),
    ("/app/reinterviews/{period}", "/app/reinterviews"),
    ("/app/meetings/{meeting}/{action}", "/app/meetings/{meeting}"),
    ("/app/clues/{clue}/{action}", "/app/clues/{clue}"),
    ("/app/claims/{number}/files", "/app/claims/{number}#h-files"),
    ("/app/claims/{number}/exclusion/{action}", "/app/claims/{number}/exclusion"),
    ("/app/claims/{number}/{action}", "/app/claims/{number}?act={action}#act"),
    ("/app/claims/{number}/{action}/draft", "/app/claims/{number}?act={action}#act"),
    ("/track/{number}/enter", "/track/{number}/code"),
    ("/track/{number}/leave", "/track"),
    ("/track/{number}/acts/{action}", "/track/{number}/acts?act={action}#act"),
    ("/report/phone/code", "/report/phone"),
    ("/report/phone/enter", "/report/phone"),
)
"""The page of the form that is sent to an address, for browsers that open the address itself: a phone that
restores a tab, or Enter in the address bar after a refusal.
"""
_HOMES: Final = (("/app", "/"), ("/app/", "/"), ("/track/", "/track"), ("/report/", "/report"))
_OF_THE_API: Final = (
    ("/track/{number}", "/track?number={number}"),
    ("/claims/{number}", "/app/claims/{number}"),
)
"""Addresses that answer programs, and the page that shows people the same."""


class _BrowserRoute(PublicPageRoute):
    """Answers browsers alone: programs have a token, or do not ask for a page."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or not _is_browser(Headers(scope=scope)):
            return Match.NONE, {}
        return super().matches(scope)


def _is_browser(headers: Headers) -> bool:
    return "text/html" in headers.get("accept", "") and "authorization" not in headers


def _lead(router: APIRouter, path: str, page: str) -> None:
    async def lead(request: Request) -> Response:
        given = {name: quote(str(value), safe="") for name, value in request.path_params.items()}
        return see_other(page.format_map(given))

    router.add_api_route(path, lead, methods=["GET"])


async def _no_such_page() -> Response:
    raise ServiceError(ErrorKind.NOT_FOUND, "没有这个页面", instead="请核对网址，或从首页进入")


router: Final = page_router(PublicPageRoute)
"""The last of the pages."""
before_api: Final = page_router(_BrowserRoute)
after_all: Final = page_router(_BrowserRoute)

for _path, _page in (*FORM_PAGES, *_HOMES):
    _lead(router, _path, _page)
for _path in ("/app/{rest:path}", "/report/{rest:path}", "/track/{number}/{rest:path}"):
    router.add_api_route(_path, _no_such_page, methods=["GET", "POST"])
for _path, _page in _OF_THE_API:
    _lead(before_api, _path, _page)
after_all.add_api_route("/{rest:path}", _no_such_page, methods=["GET"])
