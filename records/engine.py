"""Opening the records: the engine, its bounds, the tables when they are missing."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Final, Self

from filelock import FileLock
from filelock import Timeout as LockTimeout
from sqlalchemy import Connection, Engine, create_engine, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from records import dialects
from records.errors import NotOurRecords, RecordsUnavailable
from records.tables import METADATA, SCHEMA_VERSION

VERSION: Final = 1
"""Of the tables. Databases of a later version are refused, for they may mean something else."""

_NAME: Final = "records"
_CONNECTIONS: Final = 20
_MORE_CONNECTIONS: Final = 30


class Records:
    """The open records. Safe to share between threads; `close` when done."""

    def __init__(self, engine: Engine, writer: Engine | None = None) -> None:
        self._engine = engine
        self._writer = writer or engine
        self._for_writing = self._writer.execution_options(**{dialects.WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads, all of it at one instant. Raises RecordsUnavailable."""
        with _bounded(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that writes, committed at the end. Raises RecordsUnavailable."""
        with _bounded(), self._for_writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        self._writer.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _bounded() -> Iterator[None]:
    try:
        yield
    except (OperationalError, sqlite3.OperationalError, PoolTimeout, LockTimeout) as error:
        raise RecordsUnavailable(f"记录库暂时不可用，请稍后重试（{error}）") from error


def open_records(url: str) -> Records:
    """Open the records at a SQLAlchemy URL; folder and tables are made when missing.

    Programs that start at the same instant may all call this. Raises NotOurRecords for a database
    that holds something else or a later version, RecordsUnavailable for one that does not answer.
    """
    parsed = make_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    alone: AbstractContextManager[object] = nullcontext()
    if is_sqlite:
        file = _file_of(parsed)
        file.parent.mkdir(parents=True, exist_ok=True)
        alone = FileLock(f"{file}.lock", timeout=dialects.WAIT_SECONDS)
    engine = _engine(parsed)
    records = Records(engine, _single_writer(parsed) if is_sqlite else None)
    try:
        with _bounded(), alone:
            _settle(records, engine)
    except BaseException:
        records.close()
        raise
    return records


def _file_of(url: URL) -> Path:
    if url.database in (None, "", ":memory:"):
        raise NotOurRecords("记录库须是一个文件，不能放在内存中，请检查数据库地址")
    return Path(str(url.database))


def _single_writer(url: URL) -> Engine:
    """SQLite has one writer at a time, and those who wait sleep and look again. The threads of one program
    queue for this one connection instead, so that the file is never free while all of them sleep."""
    return _engine(url, connections=1, more=0)


def _engine(url: URL, *, connections: int = _CONNECTIONS, more: int = _MORE_CONNECTIONS) -> Engine:
    engine = create_engine(
        url,
        connect_args=dialects.connect_arguments(url.get_backend_name()),
        pool_size=connections,
        max_overflow=more,
        pool_timeout=dialects.WAIT_SECONDS,
        hide_parameters=True,
        pool_pre_ping=url.get_backend_name() != "sqlite",
    )
    if engine.dialect.name == "sqlite":
        dialects.begin_by_ourselves(engine)
    return engine


def _settle(records: Records, engine: Engine) -> None:
    try:
        with records.reading() as connection:
            complete = _is_complete(connection)
        if engine.dialect.name == "sqlite":
            dialects.keep_write_ahead_log(engine)
        if not complete:
            _make_tables(records)
    except DatabaseError as error:
        raise NotOurRecords(f"记录库不是本系统的数据库，请检查数据库地址（{error}）") from error


def _is_complete(connection: Connection) -> bool:
    """Are all our tables there? False for an empty database, and for ours from before a table was added;
    raises NotOurRecords for any other."""
    found = set(inspect(connection).get_table_names())
    if not found:
        return False
    ours = select(SCHEMA_VERSION.c.version).where(SCHEMA_VERSION.c.name == _NAME)
    version = connection.scalar(ours) if SCHEMA_VERSION.name in found else None
    if version is None:
        raise NotOurRecords("记录库中已有其他数据，不是本系统的数据库，请检查数据库地址")
    if version != VERSION:
        raise NotOurRecords(
            f"记录库的版本是 {version}，本程序只认识版本 {VERSION}，请使用与记录库相符的程序版本"
        )
    return found >= set(METADATA.tables)


def _make_tables(records: Records) -> None:
    with records.writing() as connection:
        dialects.lock_schema(connection)
        if _is_complete(connection):
            return
        METADATA.create_all(connection)
        dialects.insert_missing(connection, SCHEMA_VERSION, [{"name": _NAME, "version": VERSION}])


def ping(records: Records) -> None:
    """Do the records answer? Raises RecordsUnavailable if not."""
    with records.reading() as connection:
        connection.execute(select(SCHEMA_VERSION.c.version))
