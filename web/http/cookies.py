"""Signed cookies."""

import hashlib
import hmac
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import BaseModel, ValidationError

from runtime.settings import Settings
from service_layer.identity.tokens import load_or_make_key

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
        """The content; None if there is no cookie or it was altered."""
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
        return URLSafeSerializer(session_key(settings), salt=self.salt)


def _is_secure(settings: Settings) -> bool:
    return settings.public.startswith("https:")


def session_key(settings: Settings) -> bytes:
    """The setting, or a key derived from the home's own."""
    return settings.session_key.encode() if settings.session_key else _derived_key(settings.token_key)


@cache
def _derived_key(token_key: Path) -> bytes:
    key = load_or_make_key(token_key)
    secret = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return hmac.new(secret, b"zaoying sessions", hashlib.sha256).digest()
