"""A month's rows as text, made by the database: to keep them, nothing has to be made of each (R62)."""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, func, select

from assessment.facts.model import Fact
from records.database import dialects
from records.facts.reader import Month
from records.tables import FACT

_COLUMNS: Final = (
    "number",
    "dispatch",
    "round",
    "unit",
    "unit_name",
    "district",
    "measure",
    "about",
    "n",
    "of",
    "day",
    "at",
    "counted",
    "rule",
    "why",
)
"""The places of a row's array. They stay: editions of years ago are read by them."""
_NAMES: Final = tuple("claim" if name == "number" else name for name in _COLUMNS)
_LINE: Final = "\n"


def texts_of_unit(
    connection: Connection, month: Month, unit: str, *, without: Collection[str] = ()
) -> list[str]:
    """The month's rows of a unit, each as a JSON array, in order; but for those of some claims."""
    dialect = connection.dialect.name
    array = dialects.json_array([_cell(name, dialect) for name in _COLUMNS], dialect)
    where = [*month.rows(), FACT.c.unit == unit, *([FACT.c.number.not_in(without)] if without else [])]
    text: str | None = connection.scalar(select(func.aggregate_strings(array, _LINE)).where(*where))
    return sorted(text.split(_LINE)) if text else []


def _cell(name: str, dialect: str) -> ColumnElement[object] | ColumnElement[datetime]:
    column = FACT.c[name]
    return dialects.in_utc(column, dialect) if name == "at" else column


def facts_in(texts: Iterable[str]) -> Iterator[Fact]:
    """The rows again."""
    for text in texts:
        values = dict(zip(_NAMES, json.loads(text), strict=True))
        if values["at"] is not None:
            values["at"] = datetime.fromisoformat(values["at"]).replace(tzinfo=UTC)
        yield Fact.model_validate(values)
