"""Whose tokens are accepted. A configuration that would accept somebody else's is refused at the start."""

import ssl
from typing import Final
from urllib.parse import urlsplit

from claims.model.terms import Role
from claims.text.file_problems import os_problem
from runtime.settings import Settings

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class MisconfiguredTokens(ValueError):
    """The settings do not say whose tokens are accepted; the message names the variables."""


def has_provider(settings: Settings) -> bool:
    """Return whether an identity provider issues the tokens; otherwise this installation's own key does.

    Raises MisconfiguredTokens for half a provider, for keys that anybody on the way could replace, and in
    production for none.
    """
    given = {
        "ZAOYING_JWKS_URL": settings.jwks_url,
        "ZAOYING_JWT_ISSUER": settings.jwt_issuer,
        "ZAOYING_JWT_AUDIENCE": settings.jwt_audience,
    }
    missing = [name for name, value in given.items() if not value.strip()]
    if len(missing) == len(given) and not settings.production:
        return False
    if missing:
        why = (
            "生产环境（ZAOYING_PRODUCTION）须使用统一身份认证的令牌"
            if settings.production
            else "身份认证的设置不全"
        )
        raise MisconfiguredTokens(f"{why}：请设置 {'、'.join(missing)}")
    _check_roles(settings)
    _check_address("ZAOYING_JWKS_URL", settings.jwks_url, "公钥", settings)
    if settings.oidc_client_id:
        _check_address("ZAOYING_JWT_ISSUER", settings.jwt_issuer, "登录凭证", settings)
    return True


def provider_tls(settings: Settings) -> ssl.SSLContext:
    """Return the TLS settings for the provider. Raises MisconfiguredTokens."""
    authority = settings.jwks_ca_file
    try:
        return ssl.create_default_context(cafile=str(authority) if authority else None)
    except OSError as error:
        why = "不是 PEM 格式的证书" if isinstance(error, ssl.SSLError) else f"无法读取（{os_problem(error)}）"
        raise MisconfiguredTokens(
            f"ZAOYING_JWKS_CA_FILE {authority} {why}：请核对路径、权限和内容"
        ) from error


def _check_roles(settings: Settings) -> None:
    unknown = sorted(set(settings.jwt_roles.values()) - ({*Role} - {Role.CONSOLE}))
    if unknown:
        raise MisconfiguredTokens(
            f"ZAOYING_JWT_ROLES 中的身份 {'、'.join(unknown)} 不存在：请改为本系统的身份"
        )


def _check_address(name: str, url: str, what: str, settings: Settings) -> None:
    """Require https, except from this machine outside production. `what`: what is fetched there."""
    address = urlsplit(url)
    if address.scheme == "https" and address.hostname:
        return
    if address.scheme == "http" and address.hostname in _LOOPBACK and not settings.production:
        return
    raise MisconfiguredTokens(
        f"{name} 须为 https 地址，现为 {address.scheme or '空'}：{what}经明文传输，任何人都能换成自己的"
    )
