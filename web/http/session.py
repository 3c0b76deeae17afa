"""Sessions: a signed cookie with the actor, which expires when idle and at the latest after some hours."""

import hmac
import secrets
from datetime import UTC, datetime
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from claims.model.values import Actor
from runtime.settings import Settings
from service_layer.clock import now
from web.http.cookies import SignedCookie, phone_account_key, signing_key

COOKIE: Final = SignedCookie(name="zaoying_session", salt="session")
REFRESH_SECONDS: Final = 60
"""A session that was refreshed more recently is not written again."""


class Session(BaseModel):
    """A signed-in person. `csrf` is in every form; `began` and `seen` are seconds since the epoch; `token_id`
    is the id of the token used to sign in.
    """

    model_config = ConfigDict(frozen=True)

    actor: Actor
    csrf: str
    began: int
    seen: int
    token_id: str = ""


class Sessions:
    """Writes and reads session cookies."""

    def __init__(self, settings: Settings) -> None:
        """Raises ConfigurationError, UnreadableSecret."""
        self._settings = settings
        for key in (signing_key, phone_account_key):
            key(settings)

    def begin(self, response: Response, actor: Actor, token_id: str = "") -> None:
        """Sign a person in: a new session with a new CSRF token."""
        at = _seconds()
        csrf = secrets.token_urlsafe(24)
        self._write(response, Session(actor=actor, csrf=csrf, began=at, seen=at, token_id=token_id))

    def read(self, request: Request) -> Session | None:
        """Return the session of a request; None where there is none, it was altered or it has ended."""
        session = COOKIE.read(request, self._settings, Session)
        if session is None:
            return None
        at, settings = _seconds(), self._settings
        has_ended = (
            at - session.seen > settings.session_idle or at - session.began > settings.session_lifetime
        )
        return None if has_ended else session

    def refresh(self, response: Response, session: Session) -> None:
        """Note that the person is still there."""
        at = _seconds()
        if at - session.seen >= REFRESH_SECONDS:
            self._write(response, session.model_copy(update={"seen": at}))

    def end(self, response: Response) -> None:
        """Sign the person out."""
        COOKIE.delete(response, self._settings)

    def _write(self, response: Response, session: Session) -> None:
        COOKIE.write(response, self._settings, session, seconds=self._settings.session_lifetime)


def is_token(session: Session, given: str) -> bool:
    """Return whether a form carries the session's CSRF token."""
    return hmac.compare_digest(session.csrf.encode(), given.encode())


def ends_at(session: Session, settings: Settings) -> datetime:
    """When the session ends, however busy the person is."""
    return datetime.fromtimestamp(session.began + settings.session_lifetime, UTC)


def expires_at(session: Session, settings: Settings) -> datetime:
    """When the session ends if the person does nothing more."""
    ends = min(session.seen + settings.session_idle, session.began + settings.session_lifetime)
    return datetime.fromtimestamp(ends, UTC)


def _seconds() -> int:
    return int(now().timestamp())
