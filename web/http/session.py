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
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from service_layer.clock import now
from service_layer.identity.tokens import load_or_make_key

COOKIE: Final = "zaoying_session"
SHORTEST_KEY: Final = 32
"""Characters."""
_MAKE_ONE: Final = "请用 openssl rand -base64 32 生成一个写入该文件"
REFRESH_SECONDS: Final = 60
"""A session that was refreshed more recently is not written again."""


class Session(BaseModel):
    """A signed-in person. `csrf` stands in every form; `began` and `seen` are seconds since the epoch; `token_id` names the
    token that it began with."""

    model_config = ConfigDict(frozen=True)

    actor: Actor
    csrf: str
    began: int
    seen: int
    token_id: str = ""


class Sessions:
    """Writes and reads session cookies."""

    def __init__(self, settings: Settings) -> None:
        self._signer = URLSafeSerializer(session_key(settings), salt="session")
        self._idle = settings.session_idle
        self._lifetime = settings.session_lifetime
        self._secure = settings.public.startswith("https:")

    def begin(self, response: Response, actor: Actor, token_id: str = "") -> None:
        """Sign a person in: a new session with a new CSRF token."""
        at = _seconds()
        csrf = secrets.token_urlsafe(24)
        self._write(response, Session(actor=actor, csrf=csrf, began=at, seen=at, token_id=token_id))

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
    """The key that signs cookies: the setting, else one derived from the home's own key. Raises ConfigurationError,
    UnreadableSecret."""
    if given := settings.pages_key:
        return _strong(given)
    if settings.production:
        raise ConfigurationError(
            f"生产环境须设置 ZAOYING_SESSION_KEY_FILE，各接口相同：没有它，一个接口的登录另一个不认，重启即失效；{_MAKE_ONE}"
        )
    key = load_or_make_key(settings.token_key)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return hmac.new(secret, b"zaoying sessions", hashlib.sha256).digest()


def _strong(key: str) -> bytes:
    if len(key) < SHORTEST_KEY:
        raise ConfigurationError(
            f"会话密钥（ZAOYING_SESSION_KEY_FILE）只有 {len(key)} 个字符，容易猜出：{_MAKE_ONE}"
        )
    return key.encode()


def is_token(session: Session, given: str) -> bool:
    """Whether a form carries the session's CSRF token."""
    return hmac.compare_digest(session.csrf.encode(), given.encode())


def expires_at(session: Session, settings: Settings) -> datetime:
    """When the session ends if the person does nothing more."""
    ends = min(session.seen + settings.session_idle, session.began + settings.session_lifetime)
    return datetime.fromtimestamp(ends, UTC)


def _seconds() -> int:
    return int(now().timestamp())
