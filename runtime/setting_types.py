"""Types of settings that are checked when they are read, and the messages about wrong ones."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from typing import Annotated, Final

from pydantic import AfterValidator, ValidationError
from pydantic_settings import SettingsError

_SERVER: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})")
_FIELD: Final = re.compile(r'"(\w+)"')
_LARGEST_PORT: Final = 65535
_PREFIX: Final = "ZAOYING_"
_ALIKE: Final = 0.85
OF_COMPOSE: Final = frozenset(
    f"{_PREFIX}{name}"
    for name in ("BACKUP_DIR", "CONFIG_DIR", "DATABASE_OPTIONS", "SECRETS_DIR", "UI_CLIENT_ID", "UI_URL")
)
"""What only `docker-compose.yml` and its files read."""


def _networks(text: str) -> str:
    for one in text.split(","):
        if one.strip():
            try:
                ip_network(one.strip(), strict=False)
            except ValueError as error:
                raise ValueError(f"{one.strip()} 不是地址或网段，应如 10.0.0.0/8,192.0.2.7") from error
    return text


def _server(text: str) -> str:
    found = _SERVER.fullmatch(text)
    if text and not (found and 0 < int(found["port"]) <= _LARGEST_PORT):
        raise ValueError(f"{text} 不是 主机:端口，应如 clamav:3310")
    return text


Networks = Annotated[str, AfterValidator(_networks)]
"""Addresses and networks, separated by commas."""
Server = Annotated[str, AfterValidator(_server)]
"""host:port; empty: none."""


def wrong_settings(error: ValidationError | SettingsError) -> str:
    """Return which variables cannot be used, and why."""
    if isinstance(error, SettingsError):
        names = [f"{_variable(name)}：应为 JSON" for name in _FIELD.findall(str(error))[:1]]
        return f"设置有误：{'；'.join(names) or error}。请改正后重新启动"
    wrong = [
        f"{_variable(str(one['loc'][0]))}：{_reason(one['msg'])}" for one in error.errors(include_input=False)
    ]
    return f"设置有误：{'；'.join(wrong)}。请改正后重新启动"


def mistyped_settings(environment: Mapping[str, str], fields: Iterable[str]) -> str:
    """Return which variables look like mistyped settings, each with the setting that it resembles; empty if none does.

    Other variables with our prefix may be another program's.
    """
    known = {_variable(field) for field in fields}
    given = {name.upper() for name, value in environment.items() if value}
    unknown = sorted(name for name in given - known - OF_COMPOSE if name.startswith(_PREFIX))
    found = [(name, nearest) for name in unknown for nearest in _nearest(name, known - given)]
    if not found:
        return ""
    named = "；".join(f"没有名为 {name} 的设置，是否想填 {nearest}？" for name, nearest in found)
    return f"设置有误，请改正或删去后重新启动：{named}"


def _nearest(name: str, candidates: Iterable[str]) -> list[str]:
    names = [one.removeprefix(_PREFIX) for one in candidates]
    found = get_close_matches(name.removeprefix(_PREFIX), names, n=1, cutoff=_ALIKE)
    return [f"{_PREFIX}{one}" for one in found]


def _variable(field: str) -> str:
    return f"{_PREFIX}{field.upper()}"


def _reason(message: str) -> str:
    return message.removeprefix("Value error, ")
