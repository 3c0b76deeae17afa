"""A month's rows as JSON text from the database, stored without parsing each row (R62)."""

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
"""The order of a row's array. It must not change: old editions are read by it."""
_NAMES: Final = tuple("claim" if name == "number" else name for name in _COLUMNS)
_LINE: Final = "\n"


def texts_of_unit(
    connection: Connection, month: Month, unit: str, *, without: Collection[str] = ()
) -> list[str]:
    """Return the month's rows of a unit as JSON arrays, in order, without those of some claims."""
    dialect = connection.dialect.name
    array = dialects.json_array([_cell(name, dialect) for name in _COLUMNS], dialect)
    where = [*month.rows(), FACT.c.unit == unit, *([FACT.c.number.not_in(without)] if without else [])]
    text: str | None = connection.scalar(select(func.aggregate_strings(array, _LINE)).where(*where))
    return sorted(text.split(_LINE)) if text else []


def _cell(name: str, dialect: str) -> ColumnElement[object] | ColumnElement[datetime]:
    column = FACT.c[name]
    return dialects.in_utc(column, dialect) if name == "at" else column


def facts_in(texts: Iterable[str]) -> Iterator[Fact]:
    """Yield the facts in stored rows."""
    for text in texts:
        values = dict(zip(_NAMES, json.loads(text), strict=True))
        if values["at"] is not None:
            values["at"] = datetime.fromisoformat(values["at"]).replace(tzinfo=UTC)
        yield Fact.model_validate(values)
