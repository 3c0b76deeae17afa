"""The differences between SQLite and PostgreSQL."""

import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from pydantic import JsonValue
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    FromClause,
    Insert,
    String,
    Table,
    Text,
    cast,
    event,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import IntegrityError

Cell = str | int | bool | date | datetime | None | list[str] | Mapping[str, JsonValue]
Row = Mapping[str, Cell]

WAIT_SECONDS: Final = 1.5
"""Timeout for a lock or a connection; after that the records count as unavailable."""

WRITES: Final = "zaoying_writes"
"""Execution option: the transaction will write."""

_ACCENTS: Final = re.compile("[\u0300-\u036f]")
"""Combining marks, which NFKD separates from letters."""

_SCHEMA_LOCK: Final = 0x71_68_7A_79
_CALENDAR_LOCK: Final = _SCHEMA_LOCK + 1
_EDITIONS_LOCK: Final = _SCHEMA_LOCK + 2
_TRACKING_LOCK: Final = _SCHEMA_LOCK + 3


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that supports ON CONFLICT, for the connection's database."""
    return _insert(connection.dialect.name, table)


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_missing(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, leaving existing rows with the same key unchanged."""
    if rows:
        connection.execute(_insert_once(connection.dialect.name, table), rows)


@lru_cache(maxsize=128)
def _insert_once(dialect: str, table: Table) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing()


def put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, overwriting existing rows with the same key."""
    if rows:
        connection.execute(upsert(connection.dialect.name, table), rows)


@lru_cache(maxsize=128)
def upsert(
    dialect: str, table: Table, *, kept: frozenset[str] = frozenset(), newer_by: str = "", returning: str = ""
) -> Insert:
    """Return an INSERT that overwrites the row with the same key, except some columns, if a column's new
    value is not less than the old one. `returning` is a column of the written row. Reuse the statement:
    building it takes longer than running it.
    """
    statement = _insert(dialect, table)
    keys = [column.name for column in table.primary_key]
    change = {
        column.name: statement.excluded[column.name]
        for column in table.c
        if column.name not in {*keys, *kept}
    }
    newer = table.c[newer_by] <= statement.excluded[newer_by] if newer_by else None
    put = statement.on_conflict_do_update(index_elements=keys, set_=change, where=newer)
    return put.returning(table.c[returning]) if returning else put


def folded(text: str) -> str:
    """Return the text in the form in which searches compare it: ignoring full or half width, case and accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return _ACCENTS.sub("", apart).lower()


def folded_column(column: Column[str], dialect: str) -> ColumnElement[str]:
    """Return a column's text as `folded` would, computed by the database."""
    if dialect == "sqlite":
        return func.folded(column, type_=String())
    apart = func.normalize(column, literal_column("NFKD"))
    return func.lower(func.regexp_replace(apart, _ACCENTS.pattern, "", "g"), type_=String())


def before(column: Column[str], mark: str, dialect: str) -> ColumnElement[str]:
    """Return a text up to the first occurrence of a mark in it."""
    if dialect == "sqlite":
        return func.substr(column, 1, func.instr(column, mark) - 1, type_=String())
    return func.split_part(column, mark, 1, type_=String())


def json_array(
    columns: Sequence[ColumnElement[object] | ColumnElement[datetime]], dialect: str
) -> ColumnElement[str]:
    """Return the columns of a row as a JSON array in text form."""
    if dialect == "postgresql":
        return cast(func.json_build_array(*columns), Text)
    return func.json_array(*columns, type_=Text)


def in_utc(column: Column[datetime], dialect: str) -> ColumnElement[datetime]:
    """Return an instant in UTC without an offset, as text in SQLite's format."""
    return func.timezone("UTC", column, type_=DateTime) if dialect == "postgresql" else column


def connect_arguments(dialect: str) -> dict[str, float | str]:
    """Return the driver's connection arguments, which limit waiting times."""
    if dialect == "sqlite":
        return {"timeout": WAIT_SECONDS}
    milliseconds = int(WAIT_SECONDS * 1000)
    return {"connect_timeout": 2, "options": f"-c lock_timeout={milliseconds}"}


def snapshot_options(dialect: str) -> dict[str, str]:
    """Return the options of a read transaction with a consistent snapshot. SQLite has one by default."""
    return {} if dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}


@contextmanager
def references_unchecked(connection: Connection) -> Iterator[None]:
    """SQLite, outside any transaction: do not check foreign keys within this block."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError("not a connection to SQLite")
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def check_references(connection: Connection) -> None:
    """SQLite: check all foreign keys. Raises IntegrityError for one without target."""
    if connection.dialect.name != "sqlite":
        return
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone():
        raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"{broken[0]} refers to nothing"))


class _HintingCompiler(SQLiteCompiler):
    """Compiles `with_hint` to SQLite's `INDEXED BY` after the table's name."""

    def get_from_hint_text(self, _table: FromClause, text: str | None) -> str | None:
        """Return the hint unchanged."""
        return text


def begin_explicitly(engine: Engine) -> None:
    """SQLite: let a writing transaction take the write lock when it begins.

    Otherwise a transaction that reads first and then writes fails at once, without waiting, if another has
    written meanwhile. The driver itself begins a transaction only at the first change.
    """

    engine.dialect.statement_compiler = _HintingCompiler

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.create_function("folded", 1, folded, deterministic=True)
        connection.execute("PRAGMA foreign_keys = ON")
        # FULL: issued numbers and receipts (R10) must survive a power cut. With NORMAL the file stays intact,
        # but the last commits may be lost.
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def keep_write_ahead_log(engine: Engine) -> None:
    """SQLite: use a write-ahead log, so that readers never wait for the writer. The file keeps the setting."""
    pooled = engine.raw_connection()
    try:
        pooled.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        pooled.close()


def vacuum(engine: Engine) -> None:
    """SQLite: rewrite the file without overwritten data, and empty its log."""
    pooled = engine.raw_connection()
    try:
        for statement in ("PRAGMA busy_timeout = 60000", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            pooled.cursor().execute(statement)
    finally:
        pooled.close()


def lock_schema(connection: Connection) -> None:
    """PostgreSQL: let one program at a time create the tables. SQLite allows only one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
    _lock(connection, _SCHEMA_LOCK)


def lock_calendar(connection: Connection) -> None:
    """PostgreSQL: serialise the publication of arrangements."""
    _lock(connection, _CALENDAR_LOCK)


def lock_tracking(connection: Connection) -> None:
    """PostgreSQL: serialise the counting of public enquiries."""
    _lock(connection, _TRACKING_LOCK)


def lock_editions(connection: Connection) -> None:
    """PostgreSQL: serialise the publication of editions."""
    _lock(connection, _EDITIONS_LOCK)


def _lock(connection: Connection, key: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(key)))
