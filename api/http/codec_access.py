"""How the Temporal UI, a page of another origin, reaches `/codec`: CORS for that origin alone, and a cookie.

The UI sends the token of its own sign-in where it has one. The embedded UI has none: the browser then sends the token
that was given to `POST /codec/session`, in a cookie that no script reads and that no other site's page sends.
"""

from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE: Final = "zaoying-codec"
PREFIX: Final = "/codec/"


class CodecAccess:
    """Leaves every other path alone."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._across = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["POST"],
            allow_headers=["Authorization", "Content-Type", "X-Namespace"],
            allow_credentials=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        scope["headers"] = [*scope["headers"]]
        if self._is_from_the_ui(scope):
            _take_token(scope)
        await self._across(scope, receive, send)

    def _is_from_the_ui(self, scope: Scope) -> bool:
        """No page of another site spends the cookie, whatever its browser sends along."""
        origin = Headers(scope=scope).get("origin")
        return origin is None or origin in self._origins


def _take_token(scope: Scope) -> None:
    """The cookie's token, where the request brings none itself."""
    headers = Headers(scope=scope)
    if "authorization" in headers:
        return
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(headers.get("cookie", ""))
    except CookieError:
        return
    if COOKIE in cookies:
        MutableHeaders(scope=scope)["Authorization"] = f"Bearer {cookies[COOKIE].value}"
