"""Reading forms: text as it was typed, nested names, and what is kept for another try."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import JsonValue
from starlette.datastructures import FormData, UploadFile

from calendar_rules import SHANGHAI
from claims.text.normalisation import clean

MOST_FILES: Final = 10
MOST_FIELDS: Final = 200
_OWN: Final = ("csrf", "file")
"""Fields that are not kept: the token of the session that has ended, and files."""

Tree = dict[str, JsonValue]


def text(form: FormData, name: str) -> str:
    """Return a field's text, with what no database stores taken out; empty where there is none."""
    given = form.get(name)
    return storable(given).strip() if isinstance(given, str) else ""


def texts(form: FormData, name: str) -> list[str]:
    """Return all values of a field that may be given several times; empty ones left out."""
    given = [one for one in form.getlist(name) if isinstance(one, str)]
    return [value for one in given if (value := storable(one).strip())]


def storable(given: str) -> str:
    """Return the text, normalised."""
    return clean(given)


def files(form: FormData, name: str = "file") -> list[UploadFile]:
    """Return the files of a field that was filled in."""
    found = [one for one in form.getlist(name) if isinstance(one, UploadFile)]
    return [one for one in found if one.filename]


def kept_fields(form: FormData) -> list[tuple[str, str]]:
    """Return the form's input, to be shown again."""
    return [
        (name, storable(value))
        for name, value in form.multi_items()
        if isinstance(value, str) and not name.startswith(_OWN)
    ]


def nested(values: Mapping[str, str | Sequence[str]]) -> Tree:
    """`{"explained.at": …}` as `{"explained": {"at": …}}`; empty values are left out."""
    tree: Tree = {}
    for name, value in values.items():
        if not value:
            continue
        *above, last = name.split(".")
        place = tree
        for step in above:
            below = place.setdefault(step, {})
            if not isinstance(below, dict):
                raise TypeError(f"{name}: {step} is a value already")
            place = below
        place[last] = value if isinstance(value, str) else list(value)
    return tree


def beijing_instant(given: str) -> str:
    """Return the value of a `datetime-local` field as an instant with its offset; other values unchanged."""
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        return given
    return (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).isoformat()


def lines(given: str) -> Iterator[str]:
    """Return the lines of a text that hold something."""
    return (line.strip() for line in given.splitlines() if line.strip())
