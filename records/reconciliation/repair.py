"""Rewrites the read model claim by claim while the system runs."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, case, delete, func, select, tuple_

from records import tables
from records.database import dialects
from records.database.engine import Records
from records.intake import OF_A_FORM
from records.queries import search
from records.reconciliation.comparison import (
    OF_A_CASE,
    OF_A_CLAIM,
    OF_A_UNIT,
    Cells,
    Key,
    of_case,
    of_claim,
    of_unit,
    rows_of,
)

_KEPT_FOR_DELIVERIES: Final = tables.NOTICE


def seq_of_claim(records: Records, number: str) -> int | None:
    """Return a claim's last recorded journal number, or None. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return _seq(connection, tables.CLAIM, tables.CLAIM.c.number == number)


def seq_of_unit(records: Records, unit: str) -> int | None:
    """Return a unit's last recorded journal number, or None. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return _seq(connection, tables.UNIT_ACCOUNT, tables.UNIT_ACCOUNT.c.unit == unit)


def seq_of_case(records: Records, kind: str, id: str) -> int | None:
    """Return a case's last recorded journal number, or None. Raises RecordsUnavailable."""
    with records.reading() as connection:
        return _seq(connection, tables.CASE, of_case(tables.CASE, kind, id))


def rewrite_case(actual: Records, expected: Records, kind: str, id: str, *, seen: int | None) -> bool:
    """Replace a case's rows by `expected`; as `rewrite_claim`."""
    return _mend(actual, expected, OF_A_CASE, lambda table: of_case(table, kind, id), tables.CASE, seen=seen)


def rewrite_claim(actual: Records, expected: Records, number: str, *, seen: int | None) -> bool:
    """Replace a claim's rows by `expected`. Return False, changing nothing, if the record has changed since
    `seen`. Raises RecordsUnavailable.
    """
    return _mend(
        actual,
        expected,
        OF_A_CLAIM,
        lambda table: of_claim(table, number),
        tables.CLAIM,
        seen=seen,
        afterwards=lambda here: _index(here, number),
    )


def rewrite_unit(actual: Records, expected: Records, unit: str, *, seen: int | None) -> bool:
    """Replace a unit's rows by `expected`; as `rewrite_claim`."""
    return _mend(
        actual, expected, OF_A_UNIT, lambda table: of_unit(table, unit), tables.UNIT_ACCOUNT, seen=seen
    )


def _mend(
    actual: Records,
    expected: Records,
    parts: Sequence[Table],
    belongs: Callable[[Table], ColumnElement[bool]],
    head: Table,
    *,
    seen: int | None,
    afterwards: Callable[[Connection], None] = lambda _: None,
) -> bool:
    with expected.reading() as there:
        wanted = [(table, rows_of(there, table, belongs(table))) for table in parts]
    with actual.writing() as here:
        if _seq(here, head, belongs(head)) != seen:
            return False
        for table, rows in reversed(wanted):
            _remove_surplus(here, table, belongs(table), rows.keys())
        for table, rows in wanted:
            _write(here, table, list(rows.values()))
        afterwards(here)
    return True


def _index(connection: Connection, number: str) -> None:
    words = select(tables.CLAIM.c.enterprise, tables.CLAIM.c.matter).where(tables.CLAIM.c.number == number)
    search.index(connection, {number: [*connection.execute(words).one()]})


def _seq(connection: Connection, head: Table, where: ColumnElement[bool]) -> int | None:
    found: int | None = connection.scalar(select(head.c.seq).where(where).with_for_update())
    return found


def _remove_surplus(
    connection: Connection, table: Table, where: ColumnElement[bool], wanted: Iterable[Key]
) -> None:
    key = tuple_(*table.primary_key)
    surplus = where & key.not_in(list(wanted))
    if table is _KEPT_FOR_DELIVERIES:
        # Delivered notices are in the ledger, so keep them.
        surplus &= table.c.id.not_in(select(tables.DELIVERY.c.notice))
    connection.execute(delete(table).where(surplus))


def _write(connection: Connection, table: Table, rows: Sequence[Cells]) -> None:
    """Write rows; existing intakes and attachments keep the values that are in no history."""
    if not rows:
        return
    statement = dialects.insert_into(connection, table)
    keys = [column.name for column in table.primary_key]
    own = {"received_at", "started_at", "size"} if table in (tables.INTAKE, tables.ATTACHMENT) else set()
    rest: dict[str, ColumnElement[object]] = {
        c.name: statement.excluded[c.name] for c in table.c if c.name not in own.union(keys)
    }
    if table is tables.INTAKE:
        key, known = statement.excluded["external_id"], table.c.external_id
        of_a_form = key.is_(None) & known.startswith(OF_A_FORM)
        rest["external_id"] = case((of_a_form, known), else_=key)
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest), list(rows))


def forget_claim(records: Records, number: str) -> None:
    """Delete a claim without a history, except its deliveries in the ledger and the row they refer to. Raises
    RecordsUnavailable.
    """
    with records.writing() as connection:
        ledger = select(tables.DELIVERY.c.id).where(tables.DELIVERY.c.number == number).limit(1)
        kept = connection.scalar(ledger) is not None
        if not kept:
            connection.execute(delete(tables.CLAIM_TEXT).where(tables.CLAIM_TEXT.c.number == number))
        for table in reversed(OF_A_CLAIM):
            if not (kept and table in (tables.CLAIM, tables.NOTICE)):
                connection.execute(delete(table).where(of_claim(table, number)))


def rewrite_document_numbers(actual: Records, expected: Records) -> None:
    """Give every paper the number in its history. Raises RecordsUnavailable."""
    with expected.reading() as there:
        rows = [dict(row) for row in there.execute(select(tables.DOCUMENT_NUMBER)).mappings()]
    with actual.writing() as here:
        dialects.put(here, tables.DOCUMENT_NUMBER, rows)


def advance_counters(records: Records, days: dict[date, int], papers: dict[tuple[str, int], int]) -> None:
    """Advance the counters, so that no claim number of a day and no document number of a kind and year is
    issued again. Raises RecordsUnavailable.
    """
    with records.writing() as connection:
        for day, last in days.items():
            _at_least(connection, tables.NUMBER_SEQUENCE, {"day": day}, last)
        for (kind, year), last in papers.items():
            _at_least(connection, tables.DOCUMENT_SEQUENCE, {"kind": kind, "year": year}, last)


def _at_least(connection: Connection, table: Table, key: dict[str, object], last: int) -> None:
    insert = dialects.insert_into(connection, table).values({**key, "last": last})
    greater = func.greatest if connection.dialect.name == "postgresql" else func.max
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=list(key), set_={"last": greater(table.c.last, insert.excluded.last)}
        )
    )
