"""Opens the records: the engine, its timeouts, and the tables if they are missing."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from filelock import FileLock
from filelock import Timeout as LockTimeout
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from records.database import dialects, schema
from records.database.clue_cipher import NO_KEYS, ClueCipher, ClueUnreadable
from records.errors import NotOurRecords, RecordsUnavailable

_CONNECTIONS: Final = 20
_MORE_CONNECTIONS: Final = 30
SCHEMA_WAIT_SECONDS: Final = 30
"""How long to wait for another program that creates or upgrades the tables of the same file."""
_NO_PRIVILEGE: Final = "42501"
"""PostgreSQL's `insufficient_privilege`."""


class Records:
    """The open records. Thread-safe; call `close` when done. `clue_cipher` encrypts clues (R64)."""

    def __init__(
        self, engine: Engine, writer: Engine | None = None, clue_cipher: ClueCipher = NO_KEYS
    ) -> None:
        self.clue_cipher = clue_cipher
        self._engine = engine
        self._writer = writer or engine
        self._for_reading = engine.execution_options(**dialects.snapshot_options(engine.dialect.name))
        self._for_writing = self._writer.execution_options(**{dialects.WRITES: True})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a read-only transaction with a consistent snapshot. Raises RecordsUnavailable."""
        with _bounded(), self._for_reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that commits at the end. Raises RecordsUnavailable."""
        with _bounded(), self._for_writing.begin() as connection:
            yield connection

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """As `writing`, for rebuilding tables: SQLite then checks foreign keys at the end, because references
        would block replacing a table. Raises RecordsUnavailable.
        """
        with (
            _bounded(),
            self._for_writing.connect() as connection,
            dialects.references_unchecked(connection),
            connection.begin(),
        ):
            yield connection
            dialects.check_references(connection)

    @property
    def is_file(self) -> bool:
        """Whether the records are a SQLite file, as in the embedded default."""
        return self._engine.dialect.name == "sqlite"

    def keep_write_ahead_log(self) -> None:
        """SQLite: use a write-ahead log, so that readers never wait for the writer."""
        dialects.keep_write_ahead_log(self._engine)

    def vacuum(self) -> None:
        """SQLite: remove overwritten data from the file and its log."""
        dialects.vacuum(self._writer)

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
        cure = "请稍后重试；一直如此的，请核对 ZAOYING_DATABASE_URL（主机、库名、账号）和数据库服务"
        raise RecordsUnavailable(f"记录库没有应答：{_message(error)}。{cure}") from error


def _message(error: Exception) -> str:
    """Return the database's error message without the statement and its values."""
    lines = str(getattr(error, "orig", None) or error).splitlines()
    return lines[0].strip() if lines else type(error).__name__


def open_records(url: str, clue_cipher: ClueCipher = NO_KEYS) -> Records:
    """Open the records at a SQLAlchemy URL, creating folder and tables if missing.

    Upgrades a SQLite file of an earlier version; a server is upgraded by `zaoying db upgrade`. Several
    programs may call this at once. Raises NotOurRecords for a database of another kind or version,
    RecordsUnavailable if it does not answer.
    """
    with connected(url, clue_cipher) as records:
        _prepare_schema(records)
        return records


@contextmanager
def connected(url: str, clue_cipher: ClueCipher = NO_KEYS) -> Iterator[Records]:
    """Open the records at a URL in any version; on SQLite, with exclusive access to the schema within this
    block.

    The records stay open afterwards unless the block fails. Raises as `open_records`.
    """
    parsed = parsed_url(url)
    alone: AbstractContextManager[object] = nullcontext()
    writer: Engine | None = None
    if parsed.get_backend_name() == "sqlite":
        file = _file_of(parsed)
        file.parent.mkdir(parents=True, exist_ok=True)
        alone = FileLock(f"{file}.lock", timeout=SCHEMA_WAIT_SECONDS)
        writer = _single_writer(parsed)
    records = Records(_engine(parsed), writer, clue_cipher)
    try:
        with _bounded(), _ours(), alone:
            yield records
    except BaseException:
        records.close()
        raise


def parsed_url(url: str) -> URL:
    """Return the parsed URL. Error messages never contain the URL, which may include a password."""
    try:
        parsed = make_url(url)
        parsed.get_dialect().import_dbapi()
    except (ArgumentError, ImportError) as error:
        raise NotOurRecords(
            "数据库地址（ZAOYING_DATABASE_URL）无法识别：应如 postgresql+psycopg://用户@主机:5432/库名"
        ) from error
    return parsed


def _file_of(url: URL) -> Path:
    if url.database in (None, "", ":memory:"):
        raise NotOurRecords("记录库须是一个文件，不能放在内存中，请检查数据库地址")
    return Path(str(url.database))


def _single_writer(url: URL) -> Engine:
    """Return an engine with a single connection, for SQLite: its waiting writers sleep and retry, while
    threads that queue for one connection leave no gap between two writers.
    """
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
        dialects.begin_explicitly(engine)
    return engine


@contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if getattr(error.orig, "sqlstate", "") == _NO_PRIVILEGE:
            reason = f"记录库的账号没有权限（{_message(error)}）：请使该账号拥有这个数据库后重试"
        else:
            reason = f"记录库不是本系统的数据库，请检查数据库地址（{_message(error)}）"
        raise NotOurRecords(reason) from error


def _prepare_schema(records: Records) -> None:
    with records.reading() as connection:
        found = schema.revision_of(connection)
    if records.is_file:
        records.keep_write_ahead_log()
    if found == schema.head():
        return
    if found is not None and not records.is_file:
        raise NotOurRecords(
            f"记录库的版本是 {found}，本程序的是 {schema.head()}，请先备份，再运行 zaoying db upgrade"
        )
    migrate(records, schema.head())


def migrate(records: Records, target: str) -> tuple[str | None, str]:
    """Migrate the schema to a revision in one transaction; return the revisions before and after. Raises
    NotOurRecords if a key is missing.
    """
    to_vacuum = False
    try:
        with records.rebuilding() as connection:
            dialects.lock_schema(connection)
            before = schema.revision_of(connection)
            if before != target:
                to_vacuum = schema.bring_to(connection, target, records.clue_cipher)
    except ClueUnreadable as error:
        raise NotOurRecords(
            f"记录库须用密钥改为版本 {target}：{error}；然后运行 zaoying db upgrade"
        ) from error
    if to_vacuum:
        records.vacuum()
    return before, target


def ping(records: Records) -> None:
    """Check that the records answer, and that nobody has migrated them since this program opened them. Raises
    RecordsUnavailable if not."""
    with records.reading() as connection:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if found != schema.head():
        raise RecordsUnavailable(
            f"记录库的版本现为 {found}，本程序的是 {schema.head()}：请停止本程序，启动与记录库相符的版本"
        )


def clock_of(records: Records) -> datetime | None:
    """Return the database server's clock, which all programs share, or None for a file. Raises RecordsUnavailable."""
    if records.is_file:
        return None
    with records.reading() as connection:
        found: datetime = connection.execute(text("SELECT now()")).scalar_one()
        return found.astimezone(UTC)
