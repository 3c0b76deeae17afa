"""Signing in at an identity provider: OpenID Connect's code flow with PKCE."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from typing import Final
from urllib.parse import urlencode

import httpx
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError

from api.http.dependencies import authenticator_of, services_of
from runtime.settings import Settings
from service_layer.clock import now
from service_layer.errors import ServiceError, unavailable
from service_layer.identity.authenticator import SignedIn, not_signed_in
from service_layer.identity.configuration import provider_tls
from web.http.cookies import SignedCookie
from web.http.page_route import see_other

CALLBACK: Final = "/app/login/callback"
_COOKIE: Final = SignedCookie(name="zaoying_sign_in", salt="sign-in", path=CALLBACK)
_WITHIN_SECONDS: Final = 600
_TIMEOUT: Final = 5.0


class _Attempt(BaseModel):
    """The cookie while the person is at the provider. `ends` is in seconds since the epoch."""

    state: str
    verifier: str
    to: str
    ends: int


class _Metadata(BaseModel):
    """The provider's own description of itself."""

    model_config = ConfigDict(extra="ignore")

    authorization_endpoint: str
    token_endpoint: str


class _Tokens(BaseModel):
    """The provider's tokens for a code."""

    model_config = ConfigDict(extra="ignore")

    access_token: str = ""
    id_token: str = ""


def is_offered(settings: Settings) -> bool:
    """Return whether people sign in at a provider."""
    return bool(settings.jwt_issuer and settings.oidc_client_id)


async def go_to_provider(request: Request, to: str) -> Response:
    """Send the person to the provider. `to`: where they go when they come back signed in."""
    settings = services_of(request).settings
    metadata = await _metadata(settings)
    attempt = _Attempt(
        state=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        to=to,
        ends=int(now().timestamp()) + _WITHIN_SECONDS,
    )
    asked = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": f"{settings.public}{CALLBACK}",
        "scope": settings.oidc_scope,
        "state": attempt.state,
        "code_challenge": _challenge(attempt.verifier),
        "code_challenge_method": "S256",
    }
    separator = "&" if "?" in metadata.authorization_endpoint else "?"
    response = see_other(f"{metadata.authorization_endpoint}{separator}{urlencode(asked)}")
    _COOKIE.write(response, settings, attempt, seconds=_WITHIN_SECONDS)
    return response


async def come_back(request: Request) -> tuple[SignedIn, str]:
    """Return the person who came back from the provider, and where they wanted to go. Raises ServiceError."""
    settings = services_of(request).settings
    attempt = _attempt(request, settings)
    if attempt is None or not secrets.compare_digest(request.query_params.get("state", ""), attempt.state):
        raise not_signed_in("登录没有完成，或等待过久", "请重新登录")
    if "code" not in request.query_params:
        raise not_signed_in("统一身份认证没有确认登录", "请重新登录")
    tokens = await _exchanged(settings, request.query_params["code"], attempt.verifier)
    return await _authenticated(request, settings, tokens), attempt.to


async def _exchanged(settings: Settings, code: str, verifier: str) -> _Tokens:
    """Return the provider's tokens for a code and its verifier."""
    metadata = await _metadata(settings)
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": f"{settings.public}{CALLBACK}",
        "client_id": settings.oidc_client_id,
        "code_verifier": verifier,
    }
    secret = settings.pages_client_secret
    try:
        async with _client(settings) as client:
            if secret:
                client.auth = httpx.BasicAuth(settings.oidc_client_id, secret)
            answer = await client.post(metadata.token_endpoint, data=sent)
    except httpx.HTTPError as error:
        raise _away() from error
    try:
        return _Tokens.model_validate(answer.raise_for_status().json())
    except (httpx.HTTPError, ValidationError, ValueError) as error:
        raise not_signed_in("统一身份认证没有确认登录", "请重新登录") from error


def _challenge(verifier: str) -> str:
    """RFC 7636: return the challenge, which the provider compares with the verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


async def _authenticated(request: Request, settings: Settings, tokens: _Tokens) -> SignedIn:
    """Return the identity token where it is meant for us, else the access token, which is for the API."""
    is_for_us = settings.jwt_audience == settings.oidc_client_id
    return await authenticator_of(request).sign_in(tokens.id_token if is_for_us else tokens.access_token)


async def _metadata(settings: Settings) -> _Metadata:
    url = f"{settings.jwt_issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        async with _client(settings) as client:
            answer = await client.get(url)
        return _Metadata.model_validate(answer.raise_for_status().json())
    except (httpx.HTTPError, ValidationError, ValueError) as error:
        raise _away() from error


def _client(settings: Settings) -> httpx.AsyncClient:
    """Return an HTTP client that trusts the provider's certificate authority, as for fetching its keys."""
    return httpx.AsyncClient(verify=provider_tls(settings), trust_env=False, timeout=_TIMEOUT)


def _attempt(request: Request, settings: Settings) -> _Attempt | None:
    attempt = _COOKIE.read(request, settings, _Attempt)
    return attempt if attempt is not None and attempt.ends > now().timestamp() else None


def _away() -> ServiceError:
    return unavailable("统一身份认证暂时无法访问，没有登录")
