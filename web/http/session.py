"""Who is signed in: a signed cookie that holds the actor, ended by idleness and at the latest after some hours."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, ValidationError

from claims.model.values import Actor
from runtime.settings import Settings
from service_layer.clock import now
from service_layer.identity.tokens import load_or_make_key

COOKIE: Final = "zaoying_session"
REFRESH_SECONDS: Final = 60
"""A session that was refreshed more recently is not written again."""


class Session(BaseModel):
    """A signed-in person. `csrf` stands in every form; `began` and `seen` are seconds since the epoch."""

    model_config = ConfigDict(frozen=True)

    actor: Actor
    csrf: str
    began: int
    seen: int


class Sessions:
    """Writes and reads session cookies."""

    def __init__(self, settings: Settings) -> None:
        self._signer = URLSafeSerializer(session_key(settings), salt="session")
        self._idle = settings.session_idle
        self._lifetime = settings.session_lifetime
        self._secure = settings.public.startswith("https:")

    def begin(self, response: Response, actor: Actor) -> None:
        """Sign a person in: a new session with a new CSRF token."""
        at = _seconds()
        self._write(response, Session(actor=actor, csrf=secrets.token_urlsafe(24), began=at, seen=at))

    def read(self, request: Request) -> Session | None:
        """The session of a request; None where there is none, it was altered or it has ended."""
        try:
            session = Session.model_validate(self._signer.loads(request.cookies.get(COOKIE, "")))
        except (BadSignature, ValidationError):
            return None
        at = _seconds()
        has_ended = at - session.seen > self._idle or at - session.began > self._lifetime
        return None if has_ended else session

    def refresh(self, response: Response, session: Session) -> None:
        """Note that the person is still there."""
        at = _seconds()
        if at - session.seen >= REFRESH_SECONDS:
            self._write(response, session.model_copy(update={"seen": at}))

    def end(self, response: Response) -> None:
        """Sign the person out."""
        response.delete_cookie(COOKIE, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _write(self, response: Response, session: Session) -> None:
        response.set_cookie(
            COOKIE,
            str(self._signer.dumps(session.model_dump(mode="json"))),
            max_age=self._lifetime,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )


def session_key(settings: Settings) -> bytes:
    """The key that signs cookies: the setting, else one derived from the home's own key."""
    if settings.session_key:
        return settings.session_key.encode()
    key = load_or_make_key(settings.token_key)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return hmac.new(secret, b"zaoying sessions", hashlib.sha256).digest()


def is_token(session: Session, given: str) -> bool:
    """Whether a form carries the session's CSRF token."""
    return hmac.compare_digest(session.csrf.encode(), given.encode())


def expires_at(session: Session, settings: Settings) -> datetime:
    """When the session ends if the person does nothing more."""
    ends = min(session.seen + settings.session_idle, session.began + settings.session_lifetime)
    return datetime.fromtimestamp(ends, UTC)


def _seconds() -> int:
    return int(now().timestamp())
