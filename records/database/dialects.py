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
"""How long to wait for a lock or a connection before the records count as unavailable."""

WRITES: Final = "zaoying_writes"
"""Execution option: this transaction is going to write."""

_ACCENTS: Final = re.compile("[\u0300-\u036f]")
"""The marks that stand alone once letters are taken apart (NFKD)."""

_SCHEMA_LOCK: Final = 0x71_68_7A_79
_CALENDAR_LOCK: Final = _SCHEMA_LOCK + 1
_EDITIONS_LOCK: Final = _SCHEMA_LOCK + 2
_TRACKING_LOCK: Final = _SCHEMA_LOCK + 3


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, for the connection's database."""
    return _insert(connection.dialect.name, table)


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_missing(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; those whose key is there already stay as they are."""
    if rows:
        connection.execute(_insert_once(connection.dialect.name, table), rows)


@lru_cache(maxsize=128)
def _insert_once(dialect: str, table: Table) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing()


def put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows; those whose key is there already are overwritten."""
    if rows:
        connection.execute(upsert(connection.dialect.name, table), rows)


@lru_cache(maxsize=128)
def upsert(
    dialect: str, table: Table, *, kept: frozenset[str] = frozenset(), newer_by: str = "", returning: str = ""
) -> Insert:
    """An INSERT that overwrites the row with the same key, but for some columns, and only where a column's new value
    is not less. `returning`: a column of the row that was written. Making one takes longer than using it."""
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
    """The text as searches compare it: full width and half width, capitals and accents make no difference."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return _ACCENTS.sub("", apart).lower()


def folded_column(column: Column[str], dialect: str) -> ColumnElement[str]:
    """A column's texts as `folded` makes them, by the database itself."""
    if dialect == "sqlite":
        return func.folded(column, type_=String())
    apart = func.normalize(column, literal_column("NFKD"))
    return func.lower(func.regexp_replace(apart, _ACCENTS.pattern, "", "g"), type_=String())


def before(column: Column[str], mark: str, dialect: str) -> ColumnElement[str]:
    """A text up to the first of a mark that stands in it."""
    if dialect == "sqlite":
        return func.substr(column, 1, func.instr(column, mark) - 1, type_=String())
    return func.split_part(column, mark, 1, type_=String())


def json_array(
    columns: Sequence[ColumnElement[object] | ColumnElement[datetime]], dialect: str
) -> ColumnElement[str]:
    """The columns of a row as the text of a JSON array."""
    if dialect == "postgresql":
        return cast(func.json_build_array(*columns), Text)
    return func.json_array(*columns, type_=Text)


def in_utc(column: Column[datetime], dialect: str) -> ColumnElement[datetime]:
    """An instant's digits in UTC without an offset, as SQLite keeps them."""
    return func.timezone("UTC", column, type_=DateTime) if dialect == "postgresql" else column


def connect_arguments(dialect: str) -> dict[str, float | str]:
    """What the driver is told on connecting: nobody waits for long."""
    if dialect == "sqlite":
        return {"timeout": WAIT_SECONDS}
    milliseconds = int(WAIT_SECONDS * 1000)
    return {"connect_timeout": 2, "options": f"-c lock_timeout={milliseconds}"}


def at_one_instant(dialect: str) -> dict[str, str]:
    """Options of a transaction that reads: everything as it was when it began. SQLite does so anyway."""
    return {} if dialect == "sqlite" else {"isolation_level": "REPEATABLE READ"}


@contextmanager
def references_unchecked(connection: Connection) -> Iterator[None]:
    """SQLite, outside any transaction: no foreign key is looked at within this block."""
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
    """SQLite: every foreign key refers to something. Raises IntegrityError where one does not."""
    if connection.dialect.name != "sqlite":
        return
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone():
        raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"{broken[0]} refers to nothing"))


class _HintingCompiler(SQLiteCompiler):
    """Writes `with_hint` behind the table's name, as SQLite has it (`INDEXED BY`)."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002
        """As it was given."""
        return text


def begin_by_ourselves(engine: Engine) -> None:
    """SQLite: a writer takes the write lock when it begins.

    A transaction that only turns to writing after it has read fails at once when another wrote in
    between, without waiting; and the driver's own habit is to begin at the first change.
    """

    engine.dialect.statement_compiler = _HintingCompiler

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.create_function("folded", 1, folded, deterministic=True)
        connection.execute("PRAGMA foreign_keys = ON")
        # FULL: a number that was given out, or a receipt (R10), must outlive a power cut.
        # NORMAL would leave the file sound but could take back the last commits.
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def keep_write_ahead_log(engine: Engine) -> None:
    """SQLite: readers never wait for the writer. The file remembers it, so once is enough."""
    pooled = engine.raw_connection()
    try:
        pooled.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        pooled.close()


def vacuum(engine: Engine) -> None:
    """SQLite: write the file anew, without what was overwritten, and empty its log."""
    pooled = engine.raw_connection()
    try:
        for statement in ("PRAGMA busy_timeout = 60000", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            pooled.cursor().execute(statement)
    finally:
        pooled.close()


def lock_schema(connection: Connection) -> None:
    """PostgreSQL: one program at a time makes the tables; the others wait until it has. SQLite's writers are alone
    anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = '60s'"))
    _lock(connection, _SCHEMA_LOCK)


def lock_calendar(connection: Connection) -> None:
    """PostgreSQL: one arrangement after the other is published."""
    _lock(connection, _CALENDAR_LOCK)


def lock_tracking(connection: Connection) -> None:
    """PostgreSQL: one public enquiry is counted after the other."""
    _lock(connection, _TRACKING_LOCK)


def lock_editions(connection: Connection) -> None:
    """PostgreSQL: one edition after the other is published."""
    _lock(connection, _EDITIONS_LOCK)


def _lock(connection: Connection, key: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(key)))
