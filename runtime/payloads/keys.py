"""The keys that payloads are encrypted with: a TOML file, the same for all programs.

    [active]                        # what each encrypts with; the others decrypt
    program = "program-2026-11"     # API and workers
    console = "console-2026-11"     # the codec server
    clue = "clue-2026-11"           # API and workers in workflows of clues (R64); without one: the program's
    [keys]                          # id = 32 bytes, base64
    program-2026-11 = "…"
    console-2026-11 = "…"
    clue-2026-11 = "…"

`retired = ["…"]` names keys that were taken away for good; `rejected = ["…"]` ids that never were ours.
"""

import base64
import binascii
import hashlib
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from uuid import uuid4

from filelock import FileLock
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from claims.text.file_problems import os_problem
from claims.text.unknown_fields import unknown_field_at
from runtime.errors import ConfigurationError
from runtime.payloads.origin import PayloadOrigin

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_BYTES: Final = 32
_ID: Final = re.compile(rf"(?:{'|'.join(PayloadOrigin)})-[0-9A-Za-z._-]{{1,60}}")


class PayloadKeysError(ConfigurationError):
    """The keys cannot be used; the message, for the operator, names the cause and the cure."""


class KeyMissing(PayloadKeysError):
    """A payload is encrypted with a key that this program does not have."""


class PayloadKeys(BaseModel):
    """The keys by their ids, and which of them encrypt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    active: Mapping[PayloadOrigin, str] = Field(default_factory=dict)
    keys: Mapping[str, bytes] = Field(default_factory=dict, repr=False)
    retired: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()

    @field_validator("keys", mode="before")
    @classmethod
    def _decoded(cls, keys: object) -> object:
        if not isinstance(keys, Mapping):
            raise ValueError("[keys] 应为“编号 = 密钥”")
        return {id: _secret(id, value) for id, value in keys.items()}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for origin, id in self.active.items():
            if id not in self.keys:
                raise ValueError(f"[active] 指定的 {id} 不在 [keys] 中")
            if not id.startswith(f"{origin}-"):
                raise ValueError(f"[active] {origin} 的密钥编号须以 {origin}- 开头，不能是 {id}")
        if PayloadOrigin.PROGRAM not in self.active:
            raise ValueError("[active] 未指定 program 的密钥")
        if both := (self.retired | self.rejected) & self.keys.keys():
            raise ValueError(f"{'、'.join(sorted(both))} 已停用，却仍在 [keys] 中")
        return self

    def of(self, id: str) -> bytes:
        """Return the key with this id. Raises KeyMissing."""
        if id in self.keys:
            return self.keys[id]
        if id in self.retired:
            raise KeyMissing(
                f"内容由已停用的密钥 {id} 加密，无法读取：请从备份中取回该密钥，放回密钥文件的 [keys]"
            )
        raise KeyMissing(
            f"内容由密钥 {id} 加密，本程序没有这把密钥：请把它加入密钥文件的 [keys] 后重新启动；"
            "如确认从未有过这把密钥，请列入 rejected"
        )


def origin_of_key(id: str) -> PayloadOrigin:
    """Return the origin of the key with this id."""
    return PayloadOrigin(id.partition("-")[0])


def fingerprint(key: bytes) -> str:
    """Return a fingerprint that identifies a key without revealing it."""
    return hashlib.sha256(b"zaoying-payload-key\n" + key).hexdigest()[:16]


def load_keys(path: Path) -> PayloadKeys:
    """Return the keys in a file. Raises PayloadKeysError."""
    try:
        return PayloadKeys.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise PayloadKeysError(f"密钥文件 {path} 不存在：{_RESTORE}") from error
    except OSError as error:
        raise PayloadKeysError(f"密钥文件 {path} 无法读取（{os_problem(error)}）：请核对权限") from error
    except ValidationError as error:
        reasons = "；".join(_reason(one) for one in error.errors(include_input=False))
        raise PayloadKeysError(f"密钥文件 {path} 有误：{reasons}。{_RESTORE}") from error
    except ValueError as error:
        raise PayloadKeysError(f"密钥文件 {path} 不是有效的 TOML：{error}。{_RESTORE}") from error


def _reason(found: "ErrorDetails") -> str:
    where, message = found["loc"], found["msg"]
    if found["type"] == "extra_forbidden":
        return unknown_field_at(where, PayloadKeys)
    if message.startswith("Value error, "):
        return message.removeprefix("Value error, ")
    return f"{'.'.join(map(str, where))}：{message}"


_RESTORE: Final = "请从备份中恢复，或用 zaoying keys new 新建（仅限尚无工单的系统）"


def load_or_make_keys(path: Path, *, today: date) -> PayloadKeys:
    """Return the keys in a file, which is created if there is none. Programs that start together get the same.
    Raises PayloadKeysError.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(path.with_name(f"{path.name}.lock"), mode=0o600):
            if not path.exists():
                write_keys(path, new_keys(today))
    return load_keys(path)


def new_keys(today: date) -> PayloadKeys:
    """Return a new key for each origin."""
    made = {
        f"{origin}-{today:%Y%m%d}-{secrets.token_hex(3)}": secrets.token_bytes(_BYTES)
        for origin in PayloadOrigin
    }
    return PayloadKeys(
        active={origin_of_key(id): id for id in made}, keys={id: _text(key) for id, key in made.items()}
    )


def with_new_keys(keys: PayloadKeys, today: date) -> PayloadKeys:
    """Return keys for the first step of a rotation: new ones decrypt, and encrypt once `[active]` names them."""
    held = {id: _text(key) for id, key in {**keys.keys, **new_keys(today).keys}.items()}
    return PayloadKeys(active=keys.active, keys=held, retired=keys.retired, rejected=keys.rejected)


def with_newest_active(keys: PayloadKeys) -> PayloadKeys:
    """Return keys for the second step of a rotation: the keys that were added last encrypt."""
    newest = {origin_of_key(id): id for id in keys.keys}
    return keys.model_copy(update={"active": newest})


def write_keys(path: Path, keys: PayloadKeys) -> None:
    """Write the keys atomically, readable by the owner only."""
    lines = [
        "# 载荷密钥：丢失后，用它加密的工单历史和归档再也无法读取。请另行备份，勿与数据存放在一起。",
        *(
            f"{name} = {sorted(ids)!r}"
            for name, ids in (("retired", keys.retired), ("rejected", keys.rejected))
            if ids
        ),
        "[active]",
        *(f'{origin.value} = "{id}"' for origin, id in keys.active.items()),
        "[keys]",
        *(f'"{id}" = "{_text(key)}"' for id, key in keys.keys.items()),
    ]
    half_made = path.with_name(f"{path.name}.{uuid4().hex}")
    descriptor = os.open(half_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))
        file.flush()
        os.fsync(file.fileno())
    half_made.replace(path)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _secret(id: object, value: object) -> bytes:
    if not (isinstance(id, str) and _ID.fullmatch(id)):
        raise ValueError(f"密钥编号 {id} 有误：应以 program-、console- 或 clue- 开头，后接字母、数字")
    try:
        key = base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _BYTES:
        raise ValueError(f"密钥 {id} 应为 {_BYTES} 个字节的 base64")
    return key
