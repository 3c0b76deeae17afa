"""Verifying tokens. The actor of every journal entry comes from a token, never from what a caller sends in a body.

Embedded default: tokens signed by this installation's own key. Production: an identity provider's tokens,
checked against its published keys, issuer and audience.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt import PyJWK
from pydantic import ValidationError

from claims.lookup.unit_tree import Organisation
from claims.model.labels import label
from claims.model.organisation import UnitRef, UnknownUnit
from claims.model.terms import Channel, Role
from claims.model.values import Actor
from claims.text.credit_code import NotACreditCode, credit_code
from claims.text.normalisation import one_line
from runtime.settings import Settings
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from service_layer.identity.configuration import has_provider, provider_tls
from service_layer.identity.provider_keys import ALGORITHMS, ProviderKeys, UnknownKey
from service_layer.identity.revocation_list import RevocationList
from service_layer.identity.token_claims import TokenClaims, ValidTooLong, read_claims
from service_layer.identity.tokens import ALGORITHM, load_or_make_key
from service_layer.permissions import ROLES_RULE

SKEW_SECONDS: Final = 30
"""Maximum difference between the provider's clock and ours: a revoked person's token may be dated this much later."""
UNIT_ROLES: Final = frozenset({Role.HANDLER, Role.HEAD})
OUTSIDE_ROLES: Final = frozenset({Role.ENTERPRISE, Role.CHANNEL})
"""Roles from outside. They see only public information; combined with an official's role that limit would not hold (§1)."""


class SignedIn(NamedTuple):
    """An actor, and the id of their token; empty if it has none."""

    actor: Actor
    token_id: str


class Authenticator:
    """Verifies tokens and turns them into actors. Raises MisconfiguredTokens where the settings do not say whose."""

    def __init__(
        self, settings: Settings, organisation: Callable[[], Organisation], revoked: RevocationList
    ) -> None:
        self._settings = settings
        self._organisation = organisation
        self._revoked = revoked
        self._provider: ProviderKeys | None = None
        self._own: Ed25519PublicKey | None = None
        self._skew = timedelta(seconds=SKEW_SECONDS if has_provider(settings) else 0)
        if has_provider(settings):
            self._provider = ProviderKeys(settings.jwks_url, tls=provider_tls(settings))
        else:
            self._own = load_or_make_key(settings.token_key).public_key()

    async def prefetch_keys(self) -> None:
        """Fetch the provider's keys, where there is one."""
        if self._provider is not None:
            await self._provider.prefetch()

    async def authenticate(self, token: str) -> Actor:
        """Return the actor that a token stands for. Raises NOT_SIGNED_IN, FORBIDDEN, UNAVAILABLE."""
        return (await self.sign_in(token)).actor

    async def sign_in(self, token: str) -> SignedIn:
        """Return the actor, and the token by which a session started with it can be revoked. Raises as
        `authenticate`.
        """
        if not token.strip():
            raise not_signed_in("没有令牌", "请登录")
        said = await self._verified(token.strip())
        if await self._revoked.has(sub=said.sub, jti=said.jti, issued_at=said.issued_at - self._skew):
            raise not_signed_in("令牌已被撤销", "请重新登录或另取令牌")
        return SignedIn(self._actor(said), said.jti)

    async def is_revoked(self, signed_in: SignedIn, since: datetime) -> bool:
        """Return whether what somebody signed in with at an instant has been revoked. Raises UNAVAILABLE."""
        sub = signed_in.actor.sub
        return await self._revoked.has(sub=sub, jti=signed_in.token_id, issued_at=since)

    async def has_ended(self, session: str) -> bool:
        """Return whether somebody has signed out of a session. Raises UNAVAILABLE."""
        return await self._revoked.has_ended(session)

    async def end_session(self, session: str, until: datetime) -> None:
        """Somebody signs out of a session, which would have lasted `until`. Raises RecordsUnavailable."""
        await self._revoked.end(session, until)

    async def _verified(self, token: str) -> TokenClaims:
        again = "请重新登录或另取令牌"
        try:
            content = await self._decoded(token)
            return read_claims(content, self._settings)
        except jwt.ExpiredSignatureError as error:
            fresh = f"{again}；刚取得的令牌也如此的，请校准签发方与本机的时钟（本机现为{now():%Y-%m-%dT%H:%M:%SZ}）"
            raise not_signed_in("令牌已过期", fresh) from error
        except jwt.ImmatureSignatureError as error:
            cure = f"请校准签发方与本机的时钟后重新登录（本机现为{now():%Y-%m-%dT%H:%M:%SZ}）"
            raise not_signed_in("令牌尚未生效：签发方与本机的时钟不一致", cure) from error
        except ValidTooLong as error:
            cure = "请系统管理员在签发方改短令牌的有效期后重新登录"
            raise not_signed_in("令牌的有效期超过12小时", cure) from error
        except ValidationError as error:
            raise not_signed_in(f"令牌内容不完整或有误：{_lacking(error)}", _MAPPING) from error
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise not_signed_in(*_foreign(error)) from error

    async def _decoded(self, token: str) -> dict[str, object]:
        key: PyJWK | Ed25519PublicKey
        if self._provider is not None:
            key = await self._provider.key_of(token)
        elif self._own is not None:
            key = self._own
        else:
            raise TypeError("the authenticator has no key")
        is_provided = self._provider is not None
        return jwt.decode(
            token,
            key,
            algorithms=sorted(ALGORITHMS) if is_provided else [ALGORITHM],
            issuer=self._settings.jwt_issuer if is_provided else None,
            audience=self._settings.jwt_audience if is_provided else None,
            leeway=self._skew,
            options={"require": ["exp", "iat", "sub"], "verify_aud": is_provided},
        )

    def _actor(self, said: TokenClaims) -> Actor:
        roles = tuple(dict.fromkeys(_role(name) for name in said.roles))
        if len(roles) > 1 and (outside := [role for role in roles if role in OUTSIDE_ROLES]):
            raise _not_entitled(f"令牌中的身份“{label(outside[0])}”不能与其他身份并用，请分别登录")
        unit = self._unit(said.unit) if said.unit else None
        if unit is None and (lacking := [role for role in roles if role in UNIT_ROLES]):
            raise _not_entitled(f"{label(lacking[0])}的令牌没有写明单位（unit）")
        if unit is not None and any(role in UNIT_ROLES for role in roles):
            self._check_handles(unit)
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
        organisation = self._organisation()
        try:
            return organisation.ref(organisation.acts_for(unit_id))
        except UnknownUnit as error:
            raise _not_entitled(f"令牌中的单位“{unit_id}”不在组织目录中") from error

    def _check_handles(self, unit: UnitRef) -> None:
        """R14: leadership, platforms and the arbiter have no handlers and no heads of their own. Those of a merged unit end what
        they have."""
        found = self._organisation().get(unit.id)
        if not (found.handles or found.merged_into):
            name = found.short
            raise _not_entitled(f"{name}不是承办单位，没有承办经办人和承办单位负责人")


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
    """Return the enterprise's code; empty for one that has none yet (已签约待落地)."""
    try:
        return credit_code(text) if text else ""
    except NotACreditCode as error:
        raise _not_entitled(f"令牌中的 credit_code {error}") from error


def _channel(name: str) -> Channel:
    try:
        return Channel(name)
    except ValueError as error:
        raise _not_entitled("来源系统的令牌没有写明渠道（channel），或没有这个渠道") from error


_MAPPING: Final = (
    "请系统管理员核对签发方为此账号写入的内容，以及 ZAOYING_JWT_NAME_CLAIM、ZAOYING_JWT_ROLES_CLAIM、ZAOYING_JWT_UNIT_CLAIM 和 "
    "ZAOYING_JWT_ROLES"
)


def _lacking(error: ValidationError) -> str:
    """Return the names of wrong claims, never their values."""
    return "、".join(
        dict.fromkeys(str(one["loc"][0]) for one in error.errors(include_input=False) if one["loc"])
    )


def _foreign(error: Exception) -> tuple[str, str]:
    """Return why a token was not issued for this system, and what to do."""
    settings = "请经本系统登录；仍不能登录的，请系统管理员核对"
    match error:
        case jwt.InvalidIssuerError():
            return "令牌由另一签发方签发（iss 不符）", f"{settings} ZAOYING_JWT_ISSUER"
        case jwt.InvalidAudienceError():
            return "令牌是签发给另一系统的（aud 不符）", f"{settings} ZAOYING_JWT_AUDIENCE"
        case UnknownKey() | jwt.InvalidSignatureError():
            return "令牌的签名不是本系统认可的签发方所签", f"{settings}签发方及其公钥（ZAOYING_JWKS_URL）"
        case jwt.MissingRequiredClaimError():
            return f"令牌没有写明 {error.claim}", "请系统管理员在签发方补上后重新登录"
    return "令牌无效", "请重新登录或另取令牌"


def not_signed_in(detail: str, instead: str) -> ServiceError:
    """There is no token, or it is not valid."""
    return ServiceError(ErrorKind.NOT_SIGNED_IN, detail, rule=ROLES_RULE, instead=instead)


def _not_entitled(detail: str) -> ServiceError:
    instead = "请联系系统管理员核对账号"
    return ServiceError(ErrorKind.FORBIDDEN, detail, rule=ROLES_RULE, instead=instead)
