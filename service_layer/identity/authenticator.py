"""Verifying tokens. The actor of every journal entry comes from a token, never from what a caller sends in a body.

Embedded default: tokens signed by this installation's own key. Production: an identity provider's tokens,
checked against its published keys, issuer and audience.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt import PyJWK, PyJWKClient
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from claims.model.labels import label
from claims.model.organisation import Organisation, UnitRef, UnknownUnit
from claims.model.terms import Channel, Role
from claims.model.values import Actor
from claims.text.credit_code import NotACreditCode, credit_code
from claims.text.normalisation import one_line
from runtime.settings import Settings
from service_layer.errors import ErrorKind, ServiceError, unavailable
from service_layer.identity.tokens import ALGORITHM, load_or_make_key
from service_layer.permissions import ROLES_RULE

PROVIDER_ALGORITHMS: Final = ("RS256", "ES256", ALGORITHM)
"""Never a shared secret, never none."""
PROVIDER_SKEW: Final = timedelta(seconds=30)
PROVIDER_TIMEOUT: Final = 3.0
UNIT_ROLES: Final = frozenset({Role.HANDLER, Role.HEAD})

Key = Ed25519PublicKey | PyJWK
Text = Annotated[str, StringConstraints(max_length=200)]


class MisconfiguredTokens(ValueError):
    """An identity provider without the issuer and audience that its tokens must carry."""


class TokenClaims(BaseModel):
    """The claims of a token. Roles and unit are looked up before they are trusted."""

    model_config = ConfigDict(extra="ignore", strict=True)

    sub: Text = Field(min_length=1)
    name: Text = ""
    roles: list[Text] = Field(min_length=1, max_length=len(Role))
    unit: Text | None = None
    credit_code: Text = ""
    channel: Text = ""


class Authenticator:
    """Verifies tokens and turns them into actors."""

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

    async def authenticate(self, token: str) -> Actor:
        """The actor that a token stands for. Raises NOT_SIGNED_IN, FORBIDDEN, UNAVAILABLE."""
        if not token.strip():
            raise not_signed_in("没有令牌", "请登录")
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
            raise not_signed_in("令牌已过期", "请重新登录或另取令牌") from error
        except ValidationError as error:
            raise not_signed_in(
                "令牌内容不完整：须有 sub、name、roles、unit", "请重新登录或另取令牌"
            ) from error
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise not_signed_in("令牌无效", "请重新登录或另取令牌") from error

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
        if Role.ENTERPRISE in roles and not one_line(said.name):
            raise _not_entitled("企业的令牌没有写明企业名称（name）")
        return Actor(
            sub=said.sub,
            name=one_line(said.name),
            roles=roles,
            unit=unit,
            credit_code=_code(said.credit_code) if Role.ENTERPRISE in roles else "",
            channel=_channel(said.channel) if Role.CHANNEL in roles else None,
        )

    def _unit(self, unit_id: str) -> UnitRef:
        """A district's platform acts for its district (R21)."""
        try:
            return self._organisation.ref(self._organisation.acts_for(unit_id))
        except UnknownUnit as error:
            raise _not_entitled(f"令牌中的单位“{unit_id}”不在组织目录中") from error


def _role(name: str) -> Role:
    """No token holds the console's role."""
    try:
        role = Role(name)
    except ValueError:
        role = Role.CONSOLE
    if role is Role.CONSOLE:
        raise _not_entitled(f"令牌中的身份“{name}”不存在")
    return role


def _code(text: str) -> str:
    """The enterprise's code; empty for one that has none yet (已签约待落地)."""
    try:
        return credit_code(text) if text else ""
    except NotACreditCode as error:
        raise _not_entitled(f"令牌中的 credit_code {error}") from error


def _channel(name: str) -> Channel:
    try:
        return Channel(name)
    except ValueError as error:
        raise _not_entitled("来源系统的令牌没有写明渠道（channel），或没有这个渠道") from error


def not_signed_in(detail: str, instead: str) -> ServiceError:
    """There is no token, or it is not valid."""
    return ServiceError(ErrorKind.NOT_SIGNED_IN, detail, rule=ROLES_RULE, instead=instead)


def _not_entitled(detail: str) -> ServiceError:
    instead = "请联系系统管理员核对账号"
    return ServiceError(ErrorKind.FORBIDDEN, detail, rule=ROLES_RULE, instead=instead)
