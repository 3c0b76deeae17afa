"""The identity provider's published keys (RFC 7517), fetched by one task at a time.

A token whose key is known never waits for the provider: keys are fetched again in the background. A token that names an
unknown key makes us look once, and no more often than every `COOL_DOWN`, however many such tokens come.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK

from service_layer.errors import ServiceError, unavailable

ALGORITHMS: Final = frozenset({"RS256", "ES256", "EdDSA"})
"""Accepted algorithms: no shared secrets, and not `none`."""
SMALLEST_RSA: Final = 2048
"""Minimum bits of an RSA key."""
TIMEOUT: Final = 3.0
COOL_DOWN: Final = timedelta(seconds=5).total_seconds()
FRESH: Final = timedelta(minutes=5).total_seconds()
"""After this the keys are fetched again, while the known ones are in use."""
LONGEST_USE: Final = timedelta(hours=12).total_seconds()
"""After this, keys that could not be fetched again are no longer trusted."""
LARGEST_PAGE: Final = 256 * 1024
"""Maximum bytes of the key set."""

log = structlog.get_logger()


class UnknownKey(ValueError):
    """The provider publishes no such key."""


class ProviderKeys:
    """The keys at one address. `tls`: whose certificate the provider may have; None: what this machine trusts."""

    def __init__(
        self, url: str, *, tls: ssl.SSLContext | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._tls = tls or ssl.create_default_context()
        self._clock = clock
        self._keys: Mapping[str, PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def prefetch(self) -> None:
        """Fetch the keys before anybody asks. What hinders it is logged: a wrong address at the start, not at the first
        sign-in."""
        await self._refresh_unless_cooling()

    async def key_of(self, token: str) -> PyJWK:
        """Return the key that a token names. Raises UnknownKey, jwt.DecodeError, ServiceError (UNAVAILABLE)."""
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str):
            raise UnknownKey("the token names no key")
        known = self._trusted().get(kid)
        if known is not None:
            self._refresh_if_stale()
            return known
        await self._refresh_unless_cooling()
        if (found := self._trusted().get(kid)) is not None:
            return found
        if self._is_without_keys():
            raise self._away()
        raise UnknownKey(kid)

    def _trusted(self) -> Mapping[str, PyJWK]:
        return {} if self._is_without_keys() else self._keys

    def _is_without_keys(self) -> bool:
        return self._fetched_at is None or self._clock() - self._fetched_at > LONGEST_USE

    def _refresh_if_stale(self) -> None:
        if self._fetched_at is not None and self._clock() - self._fetched_at > FRESH:
            self._start_unless_cooling()

    async def _refresh_unless_cooling(self) -> None:
        if (task := self._start_unless_cooling()) is not None:
            await asyncio.shield(task)

    def _start_unless_cooling(self) -> "asyncio.Task[None] | None":
        """Return the fetch under way, or a new one; None during the cool-down after the last."""
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        if self._tried_at is not None and self._clock() - self._tried_at < COOL_DOWN:
            return None
        self._tried_at = self._clock()
        self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        """Replace the keys. If they cannot be fetched or read, nothing changes."""
        try:
            async with asyncio.timeout(TIMEOUT):
                page = await self._page()
            self._keys = dict(_usable(page))
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            why = f"身份认证的公钥（ZAOYING_JWKS_URL {self._url}）取不到：{_reason(error)}"
            log.error("provider-keys-unavailable", reason=f"{why}；请核对地址、证书和身份认证服务")
            return
        self._fetched_at = self._clock()

    async def _page(self) -> object:
        async with (
            httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=TIMEOUT) as client,
            client.stream("GET", self._url) as answer,
        ):
            answer.raise_for_status()
            content = bytearray()
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > LARGEST_PAGE:
                    raise ValueError("the page of keys is too large")
        return httpx.Response(200, content=bytes(content)).json()

    def _away(self) -> ServiceError:
        return unavailable("身份认证服务暂时无法访问，请求没有办理")


def _reason(error: Exception) -> str:
    match error:
        case httpx.HTTPStatusError():
            return f"答复 HTTP {error.response.status_code}"
        case TimeoutError() | httpx.TimeoutException():
            return f"{TIMEOUT:g} 秒内没有答复"
        case httpx.HTTPError():
            return f"无法连接（{error}）"
    return "答复的不是公钥集（JWKS）"


def _usable(page: object) -> Iterable[tuple[str, PyJWK]]:
    """Yield the signing keys that are strong enough; the others are logged and left out."""
    listed = page.get("keys") if isinstance(page, dict) else None
    if not isinstance(listed, list):
        raise ValueError("this is no page of keys")
    for entry in listed:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if not isinstance(kid, str) or entry.get("use", "sig") != "sig":
            continue
        if (key := _strong(entry)) is not None:
            yield kid, key
        else:
            log.warning("provider-key-refused", kid=kid)


def _strong(entry: dict[str, object]) -> PyJWK | None:
    try:
        key = PyJWK.from_dict(entry)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < SMALLEST_RSA:
        return None
    return key if key.algorithm_name in ALGORITHMS else None
