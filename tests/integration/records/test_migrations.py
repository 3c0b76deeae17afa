"""Every revision up and down, empty and with data, on both databases; and refused databases."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import JsonValue
from sqlalchemy import Connection, Table, inspect, make_url, select, text
from sqlalchemy.exc import DatabaseError

from records import tables
from records.claim_writer import write_step
from records.database import migration, schema
from records.database.engine import Records, connected, migrate, open_records
from records.database.migration import NoSuchRevision
from records.errors import NotOurRecords, RecordsUnavailable
from records.intake import register_intake
from records.queries import claims
from tests.support.records.postgres import Cluster
from tests.support.records.sample_steps import WEDNESDAY, at_once, registered, story

NUMBER = "QH202611250001"
STEPS = list(zip(schema.revisions(), schema.revisions()[1:], strict=False))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path, postgres: Cluster) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'records.db'}"
        return
    url = postgres.create("template1")
    yield url
    postgres.drop(url)


@pytest.fixture(scope="module")
def filled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("filled") / "records.db"
    fill(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="module")
def filled_template(postgres: Cluster) -> Iterator[str]:
    """The name of a database to copy."""
    url = postgres.create()
    fill(url)
    yield url.rsplit("/", 1)[1]
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def filled_url(request: pytest.FixtureRequest, tmp_path: Path, postgres: Cluster) -> Iterator[str]:
    """The test's own records with a claim that has everything: a copy, as creating one runs every revision."""
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copyfile(request.getfixturevalue('filled_file'), tmp_path / 'records.db')}"
        return
    url = postgres.create(request.getfixturevalue("filled_template"))
    yield url
    postgres.drop(url)


def at_revision(url: str, revision: str) -> None:
    with connected(url) as records, records:
        migrate(records, revision)


def fill(url: str) -> None:
    """Insert a claim that has everything into the newest tables."""
    with open_records(url) as records:
        day = WEDNESDAY.date()
        register_intake(records, day=day, channel="12345", external_id="A", payload={}, received_at=WEDNESDAY)
        for step in story(NUMBER):
            write_step(records, step)


def columns_of(records: Records, names: set[str]) -> dict[str, list[str]]:
    """Return these tables' columns in the database."""
    with records.reading() as connection:
        found = inspect(connection)
        return {name: [column["name"] for column in found.get_columns(name)] for name in names}


def contents(records: Records, columns: dict[str, list[str]]) -> dict[str, list[dict[str, object]]]:
    """Return all rows, with tables and columns by name."""

    def rows(connection: Connection, table: Table, names: list[str]) -> list[dict[str, object]]:
        wanted = [column for column in table.columns if column.name in names]
        ordered = select(*wanted).order_by(*table.primary_key)
        return [dict(row) for row in connection.execute(ordered).mappings()]

    with records.reading() as connection:
        return {
            name: rows(connection, tables.METADATA.tables[name], names) for name, names in columns.items()
        }


def names_of(records: Records) -> set[str]:
    with records.reading() as connection:
        return set(inspect(connection).get_table_names())


def is_compared(_: object, name: str | None, *__: object) -> bool:
    """Return whether Alembic should compare an object: SQLite's full-text table and its parts are unknown to
    SQLAlchemy.
    """
    return not str(name).startswith("claim_grams")


def differences(records: Records) -> list[object]:
    with records.reading() as connection:
        hidden = {"ix_claim_text_grams"} if records.is_file else set()

        def is_here(thing: object, name: str | None, *rest: object) -> bool:
            return name not in hidden and is_compared(thing, name, *rest)

        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": is_here}
        )
        return list(compare_metadata(context, tables.METADATA))


def test_the_revisions_make_exactly_the_tables_of_the_code(empty_url: str) -> None:
    with open_records(empty_url) as records:
        assert differences(records) == []


def test_a_table_that_no_revision_makes_is_noticed(empty_url: str) -> None:
    with open_records(empty_url) as records:
        with records.writing() as connection:
            connection.execute(text("DROP TABLE delivery"))
        assert "delivery" in str(differences(records)[0])


def test_all_the_way_down_leaves_nothing_and_up_again_everything(filled_url: str) -> None:
    for revision in reversed(schema.revisions()[:-1]):
        assert migration.downgrade(filled_url, revision)[1] == revision
    with connected(filled_url) as records, records:
        assert {"claim", "schema_version"} <= names_of(records)
    assert migration.upgrade(filled_url) == (schema.BASELINE, schema.head())
    with open_records(filled_url) as records:
        assert differences(records) == []
        assert claims.snapshot(records, NUMBER) == story(NUMBER)[-1].claim


def test_each_revision_keeps_what_was_there(filled_url: str) -> None:
    with connected(filled_url) as records, records:
        for earlier, later in reversed(STEPS):
            migrate(records, earlier)
            kept = columns_of(records, names_of(records) & set(tables.METADATA.tables))
            before = contents(records, kept)
            migrate(records, later)
            assert contents(records, kept) == before, later
            assert before["journal"]
            migrate(records, earlier)


def test_each_revision_can_be_taken_back_on_an_empty_database(empty_url: str) -> None:
    made: dict[str, set[str]] = {}
    with connected(empty_url) as records, records:
        for revision in schema.revisions():
            migrate(records, revision)
            made[revision] = names_of(records)
        for revision in (*reversed(schema.revisions()), *schema.revisions()):
            migrate(records, revision)
            assert names_of(records) == made[revision], revision


def test_a_database_of_the_first_version_is_known_by_its_own_table(filled_url: str) -> None:
    at_revision(filled_url, schema.BASELINE)
    with connected(filled_url) as records, records, records.writing() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert migration.current(filled_url) == (schema.BASELINE, schema.head())
    assert migration.upgrade(filled_url) == (schema.BASELINE, schema.head())


def test_a_file_of_an_earlier_version_is_upgraded_on_opening(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    fill(url)
    at_revision(url, schema.BASELINE)
    with open_records(url) as records:
        assert claims.snapshot(records, NUMBER) is not None
        assert differences(records) == []


def test_a_server_of_an_earlier_version_waits_for_the_command(postgres: Cluster) -> None:
    url = postgres.create()
    at_revision(url, schema.BASELINE)
    with pytest.raises(NotOurRecords, match="zaoying db upgrade"):
        open_records(url)
    migration.upgrade(url)
    open_records(url).close()
    postgres.drop(url)


def test_a_database_newer_than_the_program_is_refused_by_name_and_untouched(filled_url: str) -> None:
    with open_records(filled_url) as records, records.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'records_9999'"))
    for open_it in (open_records, migration.upgrade, migration.current):
        with pytest.raises(NotOurRecords, match=f"records_9999.*只认识到 {schema.head()}"):
            open_it(filled_url)


def test_another_programs_revisions_are_not_ours(empty_url: str) -> None:
    with connected(empty_url) as records, records, records.writing() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('4f2a')"))
    with pytest.raises(NotOurRecords, match="已有其他数据"):
        open_records(empty_url)


def test_a_revision_that_fails_halfway_leaves_the_one_before(filled_url: str) -> None:
    at_revision(filled_url, schema.BASELINE)
    with connected(filled_url) as records, records:
        with records.writing() as connection:
            connection.execute(text("DROP TABLE schema_version"))
            connection.execute(text("CREATE VIEW schema_version AS SELECT 'records' AS name, 1 AS version"))
        with pytest.raises((RecordsUnavailable, DatabaseError)):
            migrate(records, schema.head())
        assert "contact_read" not in names_of(records)


def open_it(url: str) -> str:
    with open_records(url) as records, records.reading() as connection:
        return str(schema.revision_of(connection))


def test_programs_that_open_an_empty_database_at_once_make_it_once(empty_url: str) -> None:
    assert at_once(open_it, [(empty_url,)] * 2) == [schema.head()] * 2


def upgrade_it(url: str) -> str:
    return migration.upgrade(url)[1]


def test_programs_that_upgrade_at_once_do_it_once(filled_url: str) -> None:
    at_revision(filled_url, schema.BASELINE)
    assert at_once(upgrade_it, [(filled_url,)] * 2) == [schema.head()] * 2
    assert migration.current(filled_url)[0] == schema.head()


def test_only_earlier_revisions_that_exist_can_be_gone_back_to(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    with pytest.raises(NotOurRecords, match="还没有记录库"):
        migration.downgrade(url, schema.BASELINE)
    with pytest.raises(NotOurRecords, match="还没有记录库"):
        migration.current(url)
    assert not Path(str(make_url(url).database)).exists()
    at_revision(url, schema.BASELINE)
    for target in ("records_0000", schema.head()):
        with pytest.raises(NoSuchRevision):
            migration.downgrade(url, target)


def test_a_stamp_without_a_revision_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "records.db"
    open_records(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file)) as other:
        other.execute("DELETE FROM alembic_version")
        other.commit()
    with pytest.raises(NotOurRecords, match="已有其他数据"):
        open_records(f"sqlite:///{file}")


@pytest.mark.rule("§1", "R10", "R54")
def test_claims_of_before_get_their_owner_their_compared_name_and_one_form_of_their_number(
    empty_url: str,
) -> None:
    """As version 0.4.0 left them: a claim that an enterprise registered itself, and full-width numbers."""
    with open_records(empty_url) as records:
        write_step(records, registered(NUMBER, enterprise="枣庄（样例）\u200b公司", credit_code=""))
        own: dict[str, JsonValue] = {"actor": {"sub": "account-7", "roles": ["enterprise"]}}
        for external_id, payload in (("ＡＰＰ－７", own), ("Ｂ２", {}), ("B2", {})):
            register_intake(
                records,
                day=WEDNESDAY.date(),
                channel="app",
                external_id=external_id,
                payload=payload,
                received_at=WEDNESDAY,
            )
    migration.downgrade(empty_url, "records_0007")
    migration.upgrade(empty_url)
    with open_records(empty_url) as records, records.reading() as connection:
        row = connection.execute(select(tables.CLAIM)).mappings().one()
        assert (row["enterprise_key"], row["account"], row["credit_code"]) == (
            "枣庄(样例)公司",
            "account-7",
            "",
        )
        numbers = connection.scalars(select(tables.INTAKE.c.external_id).order_by(tables.INTAKE.c.number))
        assert numbers.all() == ["APP-7", "Ｂ２", "B2"]
    with open_records(empty_url) as records:
        assert claims.claims_of(records, registered("x", enterprise="枣庄(样例)公司").claim.order)
        kept = claims.snapshot(records, NUMBER)
        assert kept is not None
        assert kept.order.account == "account-7"
