"""The embedded default's own signing key, and issuing tokens with it.

Production uses an identity provider instead (`settings.jwks_url`).
"""

import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from filelock import FileLock

from claims.model.terms import Role
from claims.text.normalisation import name_key
from runtime.errors import ConfigurationError
from service_layer.clock import now
from service_layer.identity.token_claims import LONGEST_LIFE

ALGORITHM: Final = "EdDSA"
LIFETIME: Final = LONGEST_LIFE
LONGEST_SUBJECT: Final = 200


class KeyUnusable(ConfigurationError):
    """The key file exists but holds no Ed25519 key."""


def load_or_make_key(path: Path) -> Ed25519PrivateKey:
    """Return the key in the file, made if there is none. Programs that start together get the same key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{path.name}.lock")):
            if not path.exists():
                _write(path, Ed25519PrivateKey.generate())
    return _read(path)


def _write(path: Path, key: Ed25519PrivateKey) -> None:
    """Write the key atomically, readable by the owner only."""
    half_made = path.with_name(f"{path.name}.{uuid4().hex}")
    descriptor = os.open(half_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    half_made.replace(path)


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError as error:
        raise KeyUnusable(f"{path} 不是有效的密钥文件：请移走它，系统会另做一个") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} 不是 Ed25519 密钥：请移走它，系统会另做一个")
    return key


def issue_token(
    key: Ed25519PrivateKey,
    *,
    roles: Iterable[Role],
    unit: str = "",
    name: str = "",
    sub: str = "",
    credit_code: str = "",
    channel: str = "",
    lifetime: timedelta = LIFETIME,
) -> str:
    """Return a signed token. `unit` is an id of `data/units.json`. `sub`, if not given, is made of the role, the
    unit and the name, or of the enterprise or the channel: request ids belong to it.
    """
    held = [role.value for role in roles]
    issued = now()
    claims: dict[str, object] = {
        "sub": sub or _subject(held, credit_code or channel or _person(unit, name)),
        "name": name,
        "roles": held,
        "jti": uuid4().hex,
        "iat": issued,
        "exp": issued + lifetime,
    }
    if unit:
        claims["unit"] = unit
    if credit_code:
        claims["credit_code"] = credit_code
    if channel:
        claims["channel"] = channel
    return jwt.encode(claims, key, algorithm=ALGORITHM)


def _subject(roles: list[str], whose: str) -> str:
    return "@".join(part for part in ("+".join(roles), whose) if part)[:LONGEST_SUBJECT]


def _person(unit: str, name: str) -> str:
    """Return an official of a unit, or an enterprise without a code: two names are two people."""
    return "@".join(part for part in (unit, name_key(name)) if part)
