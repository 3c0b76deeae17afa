"""Signed cookies."""

import hashlib
import hmac
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeVar

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import BaseModel, ValidationError

from runtime.errors import ConfigurationError
from runtime.settings import Settings
from service_layer.identity.tokens import load_or_make_key

SHORTEST_KEY: Final = 32
"""Characters."""
_MAKE_ONE: Final = "请用 openssl rand -base64 32 生成一个写入该文件"
Content = TypeVar("Content", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class SignedCookie:
    """A cookie whose content we have signed. Its holder can read it. The signature has no date: the content says when it
    ends. `salt` keeps the content of one cookie from being accepted in another."""

    name: str
    salt: str
    path: str = "/"
    samesite: Literal["lax", "strict"] = "lax"

    def write(self, response: Response, settings: Settings, content: BaseModel, *, seconds: int) -> None:
        """Set the cookie. `seconds`: how long the browser keeps it."""
        response.set_cookie(
            self.name,
            str(self._signer(settings).dumps(content.model_dump(mode="json"))),
            max_age=seconds,
            path=self.path,
            secure=_is_secure(settings),
            httponly=True,
            samesite=self.samesite,
        )

    def read(self, request: Request, settings: Settings, kind: type[Content]) -> Content | None:
        """Return the content; None if there is no cookie or it was altered."""
        try:
            return kind.model_validate(self._signer(settings).loads(request.cookies.get(self.name, "")))
        except (BadSignature, ValidationError):
            return None

    def delete(self, response: Response, settings: Settings) -> None:
        """Remove the cookie."""
        response.delete_cookie(
            self.name, path=self.path, secure=_is_secure(settings), httponly=True, samesite=self.samesite
        )

    def _signer(self, settings: Settings) -> URLSafeSerializer:
        return URLSafeSerializer(signing_key(settings), salt=self.salt)


def session_key(token: str) -> str:
    """Return a session's key in the records, a one-way hash of the token in its forms."""
    return hashlib.sha256(token.encode()).hexdigest()


def _is_secure(settings: Settings) -> bool:
    return settings.public.startswith("https:")


def signing_key(settings: Settings) -> bytes:
    """Return the setting, else a key derived from the home's own. Raises ConfigurationError, UnreadableSecret."""
    if given := settings.pages_key:
        return _strong(given)
    if settings.production:
        raise ConfigurationError(
            f"生产环境须设置 ZAOYING_SESSION_KEY_FILE，各接口相同：没有它，一个接口的登录另一个不认，重启即失效；{_MAKE_ONE}"
        )
    return _derived_key(settings.token_key)


def phone_account_key(settings: Settings) -> bytes:
    """Return the key from which accounts by phone are derived; separate from the session key, so that a new
    one does not change them. Raises ConfigurationError, UnreadableSecret.
    """
    if key := settings.phone_key:
        return _strong(key, "电话账户密钥（ZAOYING_PHONE_KEY_FILE）")
    return signing_key(settings)


def _strong(key: str, what: str = "会话密钥（ZAOYING_SESSION_KEY_FILE）") -> bytes:
    if len(key) < SHORTEST_KEY:
        raise ConfigurationError(f"{what}只有 {len(key)} 个字符，容易猜出：{_MAKE_ONE}")
    return key.encode()


@cache
def _derived_key(token_key: Path) -> bytes:
    key = load_or_make_key(token_key)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return hmac.new(secret, b"zaoying sessions", hashlib.sha256).digest()
