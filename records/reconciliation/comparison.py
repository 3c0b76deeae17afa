"""Compares two sets of records row by row: those in use, and those rebuilt from the histories.

Only the read model is compared, not what exists only in the records: uploads, deliveries, published
arrangements, readings of contact data.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Connection, Table, select

from assessment.cases.model import CaseKind
from claims.model.events import EventKind
from records import tables
from records.cases.clue_rows import comparable_row
from records.database.engine import Records
from records.intake import OF_A_FORM

Cells = Mapping[str, object]
Key = tuple[object, ...]

OF_A_CLAIM: Final = (
    tables.CLAIM,
    tables.CLAIM_PARTY,
    tables.JOURNAL,
    tables.OUTCOME,
    tables.LIMIT,
    tables.LIGHT,
    tables.LETTER,
    tables.FACT,
    tables.NOTICE,
    tables.INTAKE,
    tables.ATTACHMENT,
)
"""Tables rebuilt from a claim's history, in an order in which they can be written."""
OF_A_UNIT: Final = (tables.UNIT_ACCOUNT, tables.UNIT_JOURNAL, tables.NOTICE, tables.ATTACHMENT)
"""Tables rebuilt from a unit's histories."""
OF_A_CASE: Final = (tables.CASE, tables.CASE_JOURNAL, tables.NOTICE)
"""Tables rebuilt from the histories of periods, exclusions and clues."""
OF_ALL: Final = (tables.DOCUMENT_NUMBER,)

_NOT_IN_HISTORY: Final[Mapping[str, frozenset[str]]] = {
    tables.INTAKE.name: frozenset({"received_at", "started_at"}),
    tables.ATTACHMENT.name: frozenset({"size"}),
}
"""Columns that are not in any history."""

_OF_ENQUIRIES: Final = (EventKind.TRACKING_LOCKED.value, EventKind.TRACKING_CODE.value)
"""Notices that no action caused, so that they are in no history (R39)."""


class Kind(StrEnum):
    """How a row differs."""

    MISSING = "missing"
    SURPLUS = "surplus"
    CHANGED = "changed"


class Difference(BaseModel):
    """A row that differs from the histories. For a changed row, each column with both values."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    table: str
    key: tuple[str, ...]
    columns: Mapping[str, tuple[str, str]] = {}
    """By column: the recorded value, and the expected one."""


def numbers(records: Records) -> set[str]:
    """Return the numbers of all claims that have a row. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return set(connection.scalars(select(tables.CLAIM.c.number)))


def units(records: Records) -> set[str]:
    """Return all units with an account. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return set(connection.scalars(select(tables.UNIT_ACCOUNT.c.unit)))


def cases(records: Records) -> set[tuple[str, str]]:
    """Return kind and id of all recorded cases. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return {(kind, id) for kind, id in connection.execute(select(tables.CASE.c.kind, tables.CASE.c.id))}


def of_case(table: Table, kind: str, id: str) -> ColumnElement[bool]:
    """Return a case's rows in a table."""
    if table is tables.NOTICE:
        return table.c.number.is_(None) & table.c.id.startswith(f"{kind}-{id}/", autoescape=True)
    if table is tables.CASE_JOURNAL:
        return (table.c.case_kind == kind) & (table.c.case_id == id)
    return (table.c.kind == kind) & (table.c.id == id)


def of_claim(table: Table, number: str) -> ColumnElement[bool]:
    """Return a claim's rows in a table; of attachments, only papers of the procedure; of notices, only those
    of actions.
    """
    if table is tables.NOTICE:
        return (table.c.number == number) & table.c.kind.not_in(_OF_ENQUIRIES)
    if table is tables.ATTACHMENT:
        return (table.c.claim == number) & (table.c.kind != "")
    return table.c.number == number


def of_unit(table: Table, unit: str) -> ColumnElement[bool]:
    """Return a unit's rows in a table; of notices and papers, only those without a claim."""
    if table is tables.NOTICE:
        return table.c.number.is_(None) & table.c.id.startswith(f"{unit}/", autoescape=True)
    if table is tables.ATTACHMENT:
        return (table.c.unit == unit) & (table.c.claim == "") & (table.c.kind != "")
    return table.c.unit == unit


def compare_claim(actual: Records, expected: Records, number: str) -> Iterator[Difference]:
    """Yield a claim's rows that differ. Raises RecordsUnavailable."""
    with actual.reading() as here, expected.reading() as there:
        for table in OF_A_CLAIM:
            yield from _compare(here, there, table, of_claim(table, number))


def compare_unit(actual: Records, expected: Records, unit: str) -> Iterator[Difference]:
    """Yield a unit's rows that differ. Raises RecordsUnavailable."""
    with actual.reading() as here, expected.reading() as there:
        for table in OF_A_UNIT:
            yield from _compare(here, there, table, of_unit(table, unit))


def compare_case(actual: Records, expected: Records, kind: str, id: str) -> Iterator[Difference]:
    """Yield a case's rows that differ; for a clue without the values, which only inspectors may read (R64).
    Raises RecordsUnavailable.
    """
    with actual.reading() as here, expected.reading() as there:
        for table in OF_A_CASE:
            if kind != CaseKind.CLUE:
                yield from _compare(here, there, table, of_case(table, kind, id))
                continue
            for found in _differences(
                table,
                _clue_rows(actual, here, table, id),
                _clue_rows(expected, there, table, id),
            ):
                yield found.model_copy(update={"columns": {}})


def compare_document_numbers(actual: Records, expected: Records) -> Iterator[Difference]:
    """Yield papers whose number is missing or different. Unused numbers are allowed gaps."""
    table = tables.DOCUMENT_NUMBER
    with actual.reading() as here, expected.reading() as there:
        for difference in _compare(here, there, table, table.c.paper != ""):
            if difference.kind is not Kind.SURPLUS:
                yield difference


def rows_of(connection: Connection, table: Table, where: ColumnElement[bool]) -> dict[Key, Cells]:
    """Return rows by their key."""
    found = connection.execute(select(table).where(where)).mappings()
    return {tuple(row[column.name] for column in table.primary_key): dict(row) for row in found}


def _compare(
    here: Connection, there: Connection, table: Table, where: ColumnElement[bool]
) -> Iterator[Difference]:
    yield from _differences(table, rows_of(here, table, where), rows_of(there, table, where))


def _clue_rows(records: Records, connection: Connection, table: Table, id: str) -> dict[Key, Cells]:
    found = rows_of(connection, table, of_case(table, CaseKind.CLUE.value, id))
    return {key: comparable_row(records.clue_cipher, table, row) for key, row in found.items()}


def _differences(
    table: Table, actual: Mapping[Key, Cells], expected: Mapping[Key, Cells]
) -> Iterator[Difference]:
    for key in sorted(actual.keys() | expected.keys(), key=str):
        found, wanted = actual.get(key), expected.get(key)
        name = tuple(_text(part) for part in key)
        if found is None or wanted is None:
            kind = Kind.MISSING if found is None else Kind.SURPLUS
            yield Difference(kind=kind, table=table.name, key=name)
        elif columns := _columns(table, found, wanted):
            yield Difference(kind=Kind.CHANGED, table=table.name, key=name, columns=columns)


def _columns(table: Table, found: Cells, wanted: Cells) -> dict[str, tuple[str, str]]:
    ignored = _NOT_IN_HISTORY.get(table.name, frozenset()) | _form_key(table, found, wanted)
    return {
        name: (_text(found[name]), _text(wanted[name]))
        for name in wanted
        if name not in ignored and found[name] != wanted[name]
    }


def _form_key(table: Table, found: Cells, wanted: Cells) -> frozenset[str]:
    """Return the key of the submitted form, for a claim without a channel number."""
    is_form = table is tables.INTAKE and str(found["external_id"]).startswith(OF_A_FORM)
    return frozenset({"external_id"} if is_form and wanted["external_id"] is None else ())


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
