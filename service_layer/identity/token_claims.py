"""The claims of a token, under the identity provider's names."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from claims.model.terms import Role
from runtime.settings import Settings

LONGEST_LIFE: Final = timedelta(hours=12)
"""From a token's issue to its expiry."""
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class ValidTooLong(ValueError):
    """The token is valid for longer than 12 hours."""


def _printable(text: str) -> str:
    if _UNPRINTABLE.search(text):
        raise ValueError("control characters")
    return text


Text = Annotated[str, StringConstraints(max_length=200), AfterValidator(_printable)]


class TokenClaims(BaseModel):
    """The claims of a token. Roles and unit are looked up before they are trusted."""

    model_config = ConfigDict(extra="ignore", strict=True)

    sub: Text = Field(min_length=1)
    jti: Text = ""
    name: Text = ""
    roles: list[Text] = Field(min_length=1, max_length=len(Role))
    unit: Text | None = None
    credit_code: Text = ""
    channel: Text = ""
    issued_at: datetime


def read_claims(content: Mapping[str, object], settings: Settings) -> TokenClaims:
    """Return the claims of a decoded token. Raises ValidationError, ValidTooLong."""
    said: dict[str, object] = {
        **{name: content[name] for name in TokenClaims.model_fields if name in content},
        "issued_at": _instant(content["iat"]),
        "name": _at(content, settings.jwt_name_claim) or "",
        "roles": _roles(_at(content, settings.jwt_roles_claim), settings.jwt_roles),
        "unit": _at(content, settings.jwt_unit_claim),
        "credit_code": content.get("credit_code", ""),
        "channel": content.get("channel", ""),
    }
    if _instant(content["exp"]) - _instant(content["iat"]) > LONGEST_LIFE:
        raise ValidTooLong
    return TokenClaims.model_validate(said)


def _roles(given: object, names: Mapping[str, str]) -> object:
    """Our names of the provider's roles. With a table, roles that are not in it are somebody else's."""
    if not names or not isinstance(given, list):
        return given
    return list(dict.fromkeys(names[name] for name in given if isinstance(name, str) and name in names))


def _at(content: Mapping[str, object], name: str) -> object:
    """Return a claim by its name, or by a path such as `realm_access.roles`."""
    if name in content:
        return content[name]
    found: object = content
    for step in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def _instant(seconds: object) -> datetime:
    """PyJWT has checked that it is a number."""
    if not isinstance(seconds, int | float):
        raise TypeError("an instant of a token is a number")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("an instant of a token is out of range") from error
