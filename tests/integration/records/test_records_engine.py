"""Opening the records, and the behaviour of a locked, dead or foreign database."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from records.claim_writer import write_step
from records.database.engine import Records, open_records, ping
from records.errors import NotOurRecords, RecordsUnavailable
from records.intake import register_intake
from records.queries import claims
from records.tables import JOURNAL, METADATA
from tests.support.records.sample_steps import WEDNESDAY, registered

NUMBER = "QH202611250001"
BOUND_SECONDS = 4.5
"""Shorter than the timeout of SQLite's driver."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / "records.db"


@pytest.fixture
def records(file: Path) -> Iterator[Records]:
    with open_records(f"sqlite:///{file}") as opened:
        yield opened


@contextmanager
def locked(file: Path, how: str) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        yield
        other.execute("ROLLBACK")


def test_folder_and_tables_are_made_when_missing(records: Records, file: Path) -> None:
    assert file.exists()
    with records.reading() as connection:
        assert set(inspect(connection).get_table_names()) >= set(METADATA.tables)


def test_what_was_written_is_there_after_opening_again(file: Path) -> None:
    for _ in range(2):
        with open_records(f"sqlite:///{file}") as records:
            write_step(records, registered(NUMBER))
    with open_records(f"sqlite:///{file}") as records:
        assert claims.snapshot(records, NUMBER) == registered(NUMBER).claim


def test_the_file_is_in_write_ahead_mode_with_full_syncs_and_foreign_keys(records: Records) -> None:
    with records.reading() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]


def test_a_journal_line_without_its_claim_is_refused_by_the_database(records: Records) -> None:
    line = {
        "number": NUMBER,
        "seq": 1,
        "at": WEDNESDAY,
        "recorded_at": WEDNESDAY,
        "kind": "registered",
        "rules": [],
        "text": "",
        "request_id": "",
        "data": {},
    }
    with pytest.raises(IntegrityError), records.writing() as connection:
        connection.execute(JOURNAL.insert().values(line))


def test_a_transaction_that_fails_leaves_nothing(records: Records) -> None:
    def broken(number: str) -> dict[str, str]:
        raise KeyError(number)

    take = partial(
        register_intake,
        records,
        day=WEDNESDAY.date(),
        channel="12345",
        external_id="A-1",
        received_at=WEDNESDAY,
    )
    with pytest.raises(KeyError):
        take(payload=broken)
    assert take(payload={}).number == NUMBER


def test_a_locked_database_raises_within_the_bound(records: Records, file: Path) -> None:
    with locked(file, "IMMEDIATE"):
        began = time.monotonic()
        with pytest.raises(RecordsUnavailable, match="请稍后重试"):
            write_step(records, registered(NUMBER))
        assert time.monotonic() - began < BOUND_SECONDS
    write_step(records, registered(NUMBER))
    assert claims.snapshot(records, NUMBER) is not None


def test_readers_do_not_wait_for_a_writer(records: Records, file: Path) -> None:
    write_step(records, registered(NUMBER))
    with locked(file, "IMMEDIATE"):
        ping(records)
        assert claims.snapshot(records, NUMBER) is not None
        with open_records(f"sqlite:///{file}") as second:
            assert len(claims.find_claims(second).rows) == 1


def test_a_new_database_that_another_holds_is_unavailable_within_the_bound(file: Path) -> None:
    file.parent.mkdir(parents=True)
    with locked(file, "EXCLUSIVE"):
        began = time.monotonic()
        with pytest.raises(RecordsUnavailable):
            open_records(f"sqlite:///{file}")
        assert time.monotonic() - began < BOUND_SECONDS


def test_a_file_that_is_no_database_is_refused_and_untouched(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text("这不是数据库" * 100)
    with pytest.raises(NotOurRecords, match="不是本系统的数据库"):
        open_records(f"sqlite:///{file}")
    assert file.read_text() == "这不是数据库" * 100


def test_another_programs_database_is_refused_and_untouched(file: Path) -> None:
    file.parent.mkdir(parents=True)
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE schema_version (name TEXT, version INTEGER)")
        other.commit()
    before = file.read_bytes()
    with pytest.raises(NotOurRecords, match="已有其他数据"):
        open_records(f"sqlite:///{file}")
    assert file.read_bytes() == before


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_records_in_memory_are_refused(url: str) -> None:
    with pytest.raises(NotOurRecords, match="须是一个文件"):
        open_records(url)


def test_records_whose_tables_are_gone_are_not_ready(records: Records, file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("DROP TABLE alembic_version")
    with pytest.raises(RecordsUnavailable):
        ping(records)


@pytest.mark.parametrize(
    "url", ["nonsense", "oracle://zaoying:secret@db/x", "postgresql+nobody://zaoying:secret@db/x"]
)
def test_an_address_that_is_none_is_named_and_its_password_is_not(url: str) -> None:
    with pytest.raises(NotOurRecords, match="ZAOYING_DATABASE_URL") as refused:
        open_records(url)
    assert "secret" not in str(refused.value)
