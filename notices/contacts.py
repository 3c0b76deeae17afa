"""Which channels an addressee has: `contacts.toml`. Addresses are secrets: errors of this module contain
names only."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from calendar_rules.office_hours import USUAL, OfficeHours
from claims.text.unknown_fields import unknown_field_at
from claims.transition import ENTERPRISE
from notices.sender import is_address

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

DEFAULT: Final = "default"
_NO_DIGITS: Final = re.compile(r"[^0-9+]")
_PLACE: Final = re.compile(r"at line \d+, column \d+|at end of document")
_SAMPLE_PHONE: Final = "13800000000"


class BrokenContacts(ValueError):
    """The file of channels cannot be used; the message names no address."""


class UnreadableContacts(BrokenContacts):
    """The file cannot be read now, and may be a moment later."""


class Contacts(BaseModel):
    """`channels`: addresses by name. `contacts`: names by unit, for `default` and `enterprise` too. Messages
    about limits are sent in `office_hours`, except to the units in `at_once` (R29).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    channels: Mapping[str, SecretStr] = Field(default_factory=dict)
    contacts: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    office_hours: OfficeHours = USUAL
    at_once: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.office_hours.opens >= self.office_hours.closes:
            raise ValueError("office_hours 应先写开始、后写结束，例如 [08:30:00, 17:30:00]")
        for addressee, names in self.contacts.items():
            if missing := [name for name in names if name not in self.channels]:
                raise ValueError(f"{addressee} 的通道未定义：{'、'.join(missing)}")
        for name in self.channels:
            if not name or not is_address(self.address(name, phone=_SAMPLE_PHONE)):
                raise ValueError(f"通道“{name}”的地址无法识别")
        return self

    def channels_of(self, addressee: str) -> tuple[str, ...]:
        """Names of the channels. A unit that is not listed has those of `default`; the enterprise never has."""
        if addressee == ENTERPRISE:
            return self.contacts.get(ENTERPRISE, ())
        return self.contacts.get(addressee, self.contacts.get(DEFAULT, ()))

    def address(self, channel: str, *, phone: str = "") -> str:
        """Return the address, with {phone} replaced by the phone number; empty for an unknown channel."""
        secret = self.channels.get(channel)
        digits = quote(_NO_DIGITS.sub("", phone))
        return secret.get_secret_value().replace("{phone}", digits) if secret else ""


def read_contacts(path: Path) -> Contacts:
    """Read the file. Without a file nobody has a channel. Raises BrokenContacts, UnreadableContacts."""
    try:
        return Contacts.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Contacts()
    except ValidationError as error:
        wrong = "；".join(_reason(found) for found in error.errors())
        raise BrokenContacts(f"通道配置有误：{wrong}") from None
    except OSError as error:
        raise UnreadableContacts(f"通道配置无法读取（{type(error).__name__}）") from None
    except ValueError as error:
        place = _PLACE.search(str(error))
        raise BrokenContacts(f"通道配置无法读取（{place[0] if place else type(error).__name__}）") from None


def _reason(found: "ErrorDetails") -> str:
    if found["type"] == "extra_forbidden":
        return unknown_field_at(found["loc"], Contacts)
    return f"{'.'.join(map(str, found['loc']))} {found['msg']}"


class ContactBook:
    """The current file: read again when it changes. If it is broken, the last good one stays in force."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: list[tuple[int, int]] | None = None
        self._unreadable: list[tuple[int, int]] | None = None
        self.contacts: Contacts | None = None
        """None until a usable file has been read."""

    def refresh(self) -> bool:
        """Read the file if it has changed, and return whether it has. A file that could not be opened is tried again; a broken
        one only when it changes. Raises BrokenContacts, once for each change."""
        found = self._stamps()
        if found == self._seen:
            return False
        if not found and self._seen:
            self._seen = found
            raise BrokenContacts("通道配置文件不见了，沿用此前的配置")
        try:
            self.contacts = read_contacts(self._path)
        except UnreadableContacts:
            if found == self._unreadable:
                return False
            self._unreadable = found
            raise
        except BrokenContacts:
            self._seen = found
            raise
        self._seen, self._unreadable = found, None
        return True

    def _stamps(self) -> list[tuple[int, int]]:
        try:
            found = self._path.stat()
        except OSError:
            return []
        return [(found.st_mtime_ns, found.st_size)]
