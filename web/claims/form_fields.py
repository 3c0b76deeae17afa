"""The fields of forms: how a person fills them in, and how they become an action's body."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from starlette.datastructures import FormData

from claims.model.labels import label
from web.http.forms import Tree, beijing_instant, nested, text, texts

Options = Sequence[tuple[str, str]]


class Kind(StrEnum):
    """The kinds of form fields."""

    LINE = "line"
    TEXT = "text"
    SELECT = "select"
    SEVERAL = "several"
    CHOICE = "choice"
    GRADES = "grades"
    INSTANT = "instant"
    DAY = "day"
    NUMBER = "number"
    FILE = "file"
    MATTERS = "matters"


class FormField(NamedTuple):
    """A field. `source` names the options that depend on the city's data or the claim; `standard` holds texts that
    can be put in."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    needed: bool = True
    hint: str = ""
    options: Options = ()
    source: str = ""
    standard: Sequence[str] = ()

    @property
    def id(self) -> str:
        """The field's id on the page."""
        return f"f-{self.name.replace('.', '-')}"


YES_NO: Final[Options] = (("true", "是"), ("false", "否"))


def options_of(terms: type[StrEnum]) -> Options:
    """Return all terms with their Chinese names."""
    return [(term.value, label(term)) for term in terms]


def body_of(fields: Sequence[FormField], form: FormData, filed: Mapping[str, str]) -> Tree:
    """Return an action's body from a form; `filed` holds the ids of files that were uploaded with it."""
    given: dict[str, str | list[str]] = {}
    for field in fields:
        value: str | list[str] = text(form, field.name)
        if field.kind is Kind.SEVERAL:
            value = texts(form, field.name)
        elif field.kind is Kind.INSTANT:
            value = beijing_instant(text(form, field.name))
        elif field.kind is Kind.FILE:
            value = filed.get(field.name) or text(form, field.name)
        if field.kind is not Kind.MATTERS:
            given[field.name] = value
    return nested(given)


def typed(form: FormData) -> dict[str, list[str]]:
    """Everything that was typed, by field, to fill the form in again."""
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found
