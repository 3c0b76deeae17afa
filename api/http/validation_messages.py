"""Validation errors in Chinese: the field and what is wrong with it, but never what was sent."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from claims.text.validation_words import words_of
from service_layer.errors import FieldError

MOST_ERRORS: Final = 100
_PLACES: Final = ("body", "query", "path", "header")


_LOST_PLUS: Final = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d+)?)? +\d{2}(:?\d{2})?\s*$", re.ASCII)
PLUS_HINT: Final = "时区前的加号变成了空格：网址中的加号须写成 %2B"


def plus_hint(given: object) -> str:
    """Return what to do about an instant whose `+08:00` became ` 08:00`, as it does in an address or a form;
    else empty.
    """
    return PLUS_HINT if isinstance(given, str) and _LOST_PLUS.search(given) else ""


def field_errors(errors: Iterable[Mapping[str, object]]) -> list[FieldError]:
    """Return the first of Pydantic's errors, each with its field."""
    return [FieldError(field=_field(error), problem=_problem(error)) for error in islice(errors, MOST_ERRORS)]


def _field(error: Mapping[str, object]) -> str:
    place = error.get("loc")
    parts = [str(part) for part in place] if isinstance(place, tuple) else []
    if parts and parts[0] in _PLACES:
        parts = parts[1:]
    return ".".join(parts) or "请求内容"


def _problem(error: Mapping[str, object]) -> str:
    kind, context = str(error.get("type")), error.get("ctx")
    if kind.startswith(("datetime", "date_")):
        hint = plus_hint(error.get("input"))
        return "；".join(filter(None, ("应为时间，例如 2026-11-25T09:30:00+08:00", hint)))
    return words_of(kind, context)
