"""Who is calling: a bearer token becomes the actor of every journal entry; a body never does.

Embedded default: tokens signed by this installation's own key. Production: an identity provider's,
checked against its published keys, issuer and audience.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi.security import HTTPBearer
from jwt import PyJWK, PyJWKClient
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import Request

from api.http.cited_rules import WHO_ACTS
from api.http.problems import Kind, Problem, unavailable
from api.http.tokens import ALGORITHM, load_or_make_key
from claims.model.labels import label
from claims.model.organisation import Organisation, UnitRef, UnknownUnit
from claims.model.terms import Role
from claims.model.values import Actor
from runtime.settings import Settings

PROVIDER_ALGORITHMS: Final = ("RS256", "ES256", ALGORITHM)
"""Never a shared secret, never none."""
PROVIDER_SKEW: Final = timedelta(seconds=30)
PROVIDER_TIMEOUT: Final = 3.0
UNIT_ROLES: Final = frozenset({Role.HANDLER, Role.HEAD})
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}

BEARER: Final = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="令牌由 `zaoying token` 或统一身份认证签发"
)
"""Shows the scheme in the documentation; `Gate` checks the token."""

Key = Ed25519PublicKey | PyJWK
Word = Annotated[str, StringConstraints(max_length=200)]


class MisconfiguredTokens(ValueError):
    """An identity provider without the issuer and audience that its tokens must carry."""


class TokenClaims(BaseModel):
    """What a token says. Roles and unit are looked up before they are believed."""

    model_config = ConfigDict(extra="ignore", strict=True)

    sub: Word = Field(min_length=1)
    name: Word = ""
    roles: list[Word] = Field(min_length=1, max_length=len(Role))
    unit: Word | None = None


class Gate:
    """Checks tokens and turns them into actors."""

    def __init__(self, settings: Settings, organisation: Organisation) -> None:
        self._organisation = organisation
        self._find_key: Callable[[str], Key]
        if settings.jwks_url:
            if not (settings.jwt_issuer and settings.jwt_audience):
                raise MisconfiguredTokens(
                    "使用 ZAOYING_JWKS_URL 须同时设置 ZAOYING_JWT_ISSUER 和 ZAOYING_JWT_AUDIENCE"
                )
            provider = PyJWKClient(settings.jwks_url, timeout=PROVIDER_TIMEOUT)
            self._find_key = provider.get_signing_key_from_jwt
            self._algorithms: tuple[str, ...] = PROVIDER_ALGORITHMS
            self._leeway = PROVIDER_SKEW
        else:
            own = load_or_make_key(settings.token_key).public_key()
            self._find_key = lambda _token: own
            self._algorithms = (ALGORITHM,)
            self._leeway = timedelta()
        self._is_provider = bool(settings.jwks_url)
        self._issuer = settings.jwt_issuer if self._is_provider else None
        self._audience = settings.jwt_audience if self._is_provider else None

    async def admit(self, request: Request) -> Actor:
        """The actor who calls; raises a 401, 403 or 503 problem."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unknown("请求没有令牌", "请在 Authorization 头中提供 Bearer 令牌")
        return self._actor(await self._verified(token.strip()))

    async def _verified(self, token: str) -> TokenClaims:
        try:
            key = (
                await asyncio.to_thread(self._find_key, token) if self._is_provider else self._find_key(token)
            )
            return TokenClaims.model_validate(self._decoded(token, key))
        except jwt.PyJWKClientConnectionError as error:
            raise unavailable("身份认证服务暂时无法访问，请求没有办理") from error
        except jwt.ExpiredSignatureError as error:
            raise _unknown("令牌已过期", "请重新登录或另取令牌") from error
        except ValidationError as error:
            raise _unknown("令牌内容不完整：须有 sub、name、roles、unit", "请重新登录或另取令牌") from error
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _unknown("令牌无效", "请重新登录或另取令牌") from error

    def _decoded(self, token: str, key: Key) -> dict[str, object]:
        return jwt.decode(
            token,
            key,
            algorithms=list(self._algorithms),
            issuer=self._issuer,
            audience=self._audience,
            leeway=self._leeway,
            options={"require": ["exp", "sub"], "verify_aud": self._audience is not None},
        )

    def _actor(self, said: TokenClaims) -> Actor:
        roles = tuple(dict.fromkeys(_role(name) for name in said.roles))
        unit = self._unit(said.unit) if said.unit else None
        if unit is None and (lacking := [role for role in roles if role in UNIT_ROLES]):
            raise _not_entitled(f"{label(lacking[0])}的令牌没有写明单位（unit）")
        if Role.ENTERPRISE in roles and not said.name.strip():
            raise _not_entitled("企业的令牌没有写明企业名称（name）")
        return Actor(sub=said.sub, name=said.name.strip(), roles=roles, unit=unit)

    def _unit(self, unit_id: str) -> UnitRef:
        """A district's platform receives for its district (R21)."""
        try:
            return self._organisation.ref(self._organisation.acts_for(unit_id))
        except UnknownUnit as error:
            raise _not_entitled(f"令牌中的单位“{unit_id}”不在组织目录中") from error


def _role(name: str) -> Role:
    """The console's role is nobody's token."""
    try:
        role = Role(name)
    except ValueError:
        role = Role.CONSOLE
    if role is Role.CONSOLE:
        raise _not_entitled(f"令牌中的身份“{name}”不存在")
    return role


def _unknown(detail: str, instead: str) -> Problem:
    return Problem(Kind.NOT_SIGNED_IN, detail, rule=WHO_ACTS, instead=instead, headers=_CHALLENGE)


def _not_entitled(detail: str) -> Problem:
    return Problem(Kind.FORBIDDEN, detail, rule="§1", instead="请联系系统管理员核对账号")
