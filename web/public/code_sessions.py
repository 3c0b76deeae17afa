"""A session by a claim's one-time code: a signed cookie that lasts half an hour, for that claim's pages only."""

import hmac
import secrets
from datetime import UTC, datetime
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from api.http.dependencies import authenticator_of, services_of
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from web.http.cookies import SignedCookie, session_key
from web.http.page_route import end_session

COOKIE: Final = SignedCookie(name="zaoying_claim", salt="claim by code", path="/track", samesite="strict")
LASTS: Final = 30 * 60
"""Seconds, however busy its holder is."""


class CodeSession(BaseModel):
    """Somebody acts for the enterprise of one claim. `token` is in every form; `ends` is in seconds since the
    epoch.
    """

    model_config = ConfigDict(frozen=True)

    number: str
    token: str
    ends: int


def begin(request: Request, response: Response, number: str) -> None:
    """The code was right: from now on, and for this claim alone."""
    settings = services_of(request).settings
    session = CodeSession(number=number, token=secrets.token_urlsafe(24), ends=_seconds() + LASTS)
    COOKIE.write(response, settings, session, seconds=LASTS)


async def read(request: Request, number: str) -> CodeSession | None:
    """Return the session for this claim; None where there is none, it was altered or it has ended."""
    session = COOKIE.read(request, services_of(request).settings, CodeSession)
    if session is None or session.number != number or session.ends <= _seconds():
        return None
    has_left = await authenticator_of(request).has_ended(session_key(session.token))
    return None if has_left else session


async def end(request: Request, response: Response, session: CodeSession | None) -> None:
    """End the session; copies of the cookie become invalid."""
    COOKIE.delete(response, services_of(request).settings)
    if session is not None:
        await end_session(request, session.token, datetime.fromtimestamp(session.ends, UTC))


def check_token(session: CodeSession, given: str) -> None:
    """Raise FORBIDDEN for a form that does not come from a page of this session."""
    if not hmac.compare_digest(session.token.encode(), given.encode()):
        detail = "这个表单不是从本页提交的，或者页面已经失效，没有办理"
        raise ServiceError(ErrorKind.FORBIDDEN, detail, instead="请返回原页面刷新后重新提交")


def _seconds() -> int:
    return int(now().timestamp())
