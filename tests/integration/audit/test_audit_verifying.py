"""Records, archive and papers of real histories are complete, unaltered and consistent."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Delete, Table, Update, delete, update
from temporalio.client import WorkflowHistory

from audit.histories.parsing import Run, read_history
from audit.histories.run_chains import gaps
from audit.histories.sources import Origin, Sources, from_file
from audit.problems import HistoryCorrupt, NoSuchHistory, SourceUnavailable
from audit.replay.replayer import replay_run
from audit.verification.comparison import compare, read_recorded
from audit.verification.verify import FindingKind, Holdings, verified_text, verify_all, verify_claims
from records.attachments import attachments_of
from records.contents import ContentStore
from records.database.engine import Records, open_records
from records.tables import ATTACHMENT, CLAIM, FACT, JOURNAL, LETTER, LIGHT, LIMIT
from tests.support.archive.audited_installation import installation
from tests.support.archive.kept_histories import load, named
from tests.support.archive.sample_archives import NOON

LATE, DECLINED = named("claim-17"), named("claim-13")
NUMBER = load(LATE).workflow_id.removeprefix("claim-")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unchanged installation."""
    folder = tmp_path_factory.mktemp("left")
    with open_records(f"sqlite:///{folder / 'records.db'}") as records:
        await installation(folder, records, [LATE, DECLINED])
    return folder


@pytest.fixture
def records(left: Path, tmp_path: Path) -> Iterator[Records]:
    """The records of a copy, to damage."""
    shutil.copytree(left, tmp_path, dirs_exist_ok=True)
    with open_records(f"sqlite:///{tmp_path / 'records.db'}") as opened:
        yield opened


@pytest.fixture
def holdings(tmp_path: Path, records: Records) -> Holdings:
    return Holdings(Sources(None, str(tmp_path / "archive")), records, ContentStore(tmp_path / "attachments"))


@pytest.mark.rule("R70")
async def test_an_installation_as_it_was_left_is_whole(holdings: Holdings) -> None:
    verified = await verify_all(holdings)
    assert verified.ok, verified_text(verified)
    assert verified.histories == 2
    assert (await verify_claims(holdings, [NUMBER])).ok
    assert "完好" in verified_text(verified)


ALTERED: dict[str, Callable[[], Update | Delete]] = {
    "light": lambda: update(LIGHT).values(unit="XX"),
    "light-gone": lambda: delete(LIGHT).where(LIGHT.c.colour == "red"),
    "limit": lambda: update(LIMIT).where(LIMIT.c.kind == "resolve").values(status="met"),
    "letter": lambda: update(LETTER).values(text="改过"),
    "journal": lambda: (
        update(JOURNAL).where(JOURNAL.c.number == NUMBER, JOURNAL.c.seq == 3).values(text="改过")
    ),
    "journal-gone": lambda: delete(JOURNAL).where(JOURNAL.c.number == NUMBER, JOURNAL.c.seq == 3),
    "fact": lambda: (
        update(FACT).where(FACT.c.number == NUMBER, FACT.c.measure == "yellow").values(counted=False)
    ),
    "fact-gone": lambda: delete(FACT).where(FACT.c.number == NUMBER, FACT.c.measure == "contact"),
    "claim": lambda: update(CLAIM).where(CLAIM.c.number == NUMBER).values(closed_reason="answered"),
}


@pytest.mark.parametrize("what", ALTERED)
async def test_records_that_were_altered_are_found_and_the_row_is_named(
    what: str, holdings: Holdings, records: Records
) -> None:
    with records.writing() as connection:
        connection.execute(ALTERED[what]())
    kept = load(LATE)
    life = await replay_run(read_history(kept.workflow_id, json.dumps(kept.history)))
    rows = compare(life, read_recorded(records, life))
    assert rows
    part = what.removesuffix("-gone")
    table = {"limit": "limit_record", "fact": "assessment_fact"}.get(part, part)
    assert {row.table for row in rows} == {table}
    verified = await verify_claims(holdings, [NUMBER])
    assert {found.kind for found in verified.findings} == {FindingKind.RECORDS_DIFFER}
    assert {found.message for found in verified.findings} == {row.message for row in rows}


async def test_a_line_moved_by_a_moment_is_found(holdings: Holdings, records: Records) -> None:
    with records.writing() as connection:
        line = (JOURNAL.c.number == NUMBER) & (JOURNAL.c.seq == 4)
        row = connection.execute(JOURNAL.select().where(line)).mappings().one()
        moved = {name: row[name] + timedelta(milliseconds=1) for name in ("at", "recorded_at")}
        connection.execute(update(JOURNAL).where(line).values(moved))
    assert len((await verify_claims(holdings, [NUMBER])).findings) == len(moved)


@pytest.mark.rule("R6", "R31")
@pytest.mark.parametrize(("table", "column"), [(LIMIT, "due_at"), (LIGHT, "at")])
async def test_what_was_fixed_is_held_to_the_instant(
    table: Table, column: str, holdings: Holdings, records: Records
) -> None:
    with records.writing() as connection:
        key = (table.c.number == NUMBER) & table.c.id.contains("resolve")
        row = connection.execute(table.select().where(key)).mappings().first()
        assert row is not None
        change = {column: row[column] + timedelta(seconds=1)}
        connection.execute(
            update(table).where(table.c.id == row["id"], table.c.number == NUMBER).values(change)
        )
    assert len((await verify_claims(holdings, [NUMBER])).findings) == 1


def history_file(home: Path) -> Path:
    return next((home / "archive" / "histories").rglob(f"*{NUMBER}*.json.gz"))


def manifest_file(home: Path) -> Path:
    return next((home / "archive" / "manifest").iterdir())


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


TAMPERED: dict[str, Callable[[Path], None]] = {
    "history-flipped": lambda home: flip(history_file(home)),
    "history-gone": lambda home: history_file(home).unlink(),
    "manifest-flipped": lambda home: flip(manifest_file(home)),
    "manifest-gone": lambda home: manifest_file(home).unlink(),
    "installation-gone": lambda home: (home / "archive" / "INSTALLATION.json").unlink(),
}


@pytest.mark.parametrize("what", TAMPERED)
@pytest.mark.rule("R70")
async def test_an_archive_that_was_tampered_with_is_found(
    what: str, holdings: Holdings, tmp_path: Path
) -> None:
    TAMPERED[what](tmp_path)
    verified = await verify_all(holdings)
    assert FindingKind.ARCHIVE in {found.kind for found in verified.findings}
    one = await verify_claims(holdings, [NUMBER])
    assert not one.ok


async def test_a_paper_that_was_changed_is_found(
    holdings: Holdings, records: Records, tmp_path: Path
) -> None:
    paper = attachments_of(records, NUMBER)[0]
    flip(tmp_path / "attachments" / paper.sha256[:2] / paper.sha256)
    verified = await verify_claims(holdings, [NUMBER])
    assert [found.kind for found in verified.findings] == [FindingKind.PAPER_CHANGED]


async def test_a_paper_that_was_lost_is_found(holdings: Holdings, records: Records, tmp_path: Path) -> None:
    paper = attachments_of(records, NUMBER)[0]
    (tmp_path / "attachments" / paper.sha256[:2] / paper.sha256).unlink()
    verified = await verify_claims(holdings, [NUMBER])
    assert [found.kind for found in verified.findings] == [FindingKind.PAPER_MISSING]


async def test_a_paper_whose_line_was_replaced_is_found_by_its_history(
    holdings: Holdings, records: Records
) -> None:
    papers = attachments_of(records, NUMBER)
    with records.writing() as connection:
        change = update(ATTACHMENT).where(ATTACHMENT.c.id == papers[0].id)
        connection.execute(change.values(sha256=papers[1].sha256))
    verified = await verify_claims(holdings, [NUMBER])
    assert [found.kind for found in verified.findings] == [FindingKind.PAPER_CHANGED]
    assert "哈希" in verified.findings[0].message


async def test_a_closed_claim_without_a_history_is_found(holdings: Holdings, records: Records) -> None:
    with records.writing() as connection:
        row = connection.execute(CLAIM.select().where(CLAIM.c.number == NUMBER)).mappings().one()
        connection.execute(CLAIM.insert(), [{**row, "number": "QH209901010001"}])
    verified = await verify_all(holdings)
    assert [(found.kind, found.subject) for found in verified.findings] == [
        (FindingKind.NO_HISTORY, "QH209901010001")
    ]


async def test_a_server_that_is_away_hides_nothing_of_the_rest(
    holdings: Holdings, records: Records, tmp_path: Path
) -> None:
    async def away(name: str) -> WorkflowHistory | None:
        raise SourceUnavailable("Temporal 服务器没有应答")

    with records.writing() as connection:
        row = connection.execute(CLAIM.select().where(CLAIM.c.number == NUMBER)).mappings().one()
        connection.execute(CLAIM.insert(), [{**row, "number": "QH209901010001"}])
    flip(history_file(tmp_path))
    holdings = Holdings(Sources(away, str(tmp_path / "archive")), records, holdings.contents)
    kinds = [found.kind for found in (await verify_all(holdings)).findings]
    assert sorted(kinds) == [FindingKind.ARCHIVE, FindingKind.UNREACHABLE]


def unit_run(run_id: str, *, after: str = "", before: str = "") -> Run:
    return Run(
        workflow_id="unit-ZZ-GD",
        run_id=run_id,
        kind="Unit",
        events=9,
        started_at=NOON,
        last_event_at=NOON,
        end="continued-as-new",
        next_run=before,
        continued_from=after,
    )


@pytest.mark.rule("R70")
async def test_a_units_runs_are_all_there_or_the_missing_one_is_named(tmp_path: Path) -> None:
    async def has_it(name: str) -> WorkflowHistory | None:
        return WorkflowHistory(name, [])

    folder = str(tmp_path / "archive")
    first, second = unit_run("a", before="b"), unit_run("b", after="a", before="c")
    assert await gaps(Sources(has_it, folder), [first, second], {"a", "b"}) == []
    assert await gaps(Sources(None, folder), [first, second], {"a", "b", "c"}) == []
    ((name, message),) = await gaps(Sources(None, folder), [first, second], {"a", "b"})
    assert (name, "运行 c 既不在归档中" in message) == ("unit-ZZ-GD", True)
    ((_, message),) = await gaps(Sources(has_it, folder), [second], {"b"})
    assert "此前的运行 a" in message


async def test_a_number_that_never_existed_has_no_history(holdings: Holdings) -> None:
    with pytest.raises(NoSuchHistory, match="QH209901010009"):
        await holdings.sources.claim("QH209901010009")


async def test_without_a_server_the_archive_answers(holdings: Holdings) -> None:
    found = await holdings.sources.claim(NUMBER)
    assert found.origin is Origin.ARCHIVE
    assert found.entry is not None
    assert found.entry.number == NUMBER


async def test_an_archive_that_cannot_be_reached_is_said_to_be_away() -> None:
    with pytest.raises(SourceUnavailable, match="归档"):
        await Sources(None, "nothing-such://bucket/archive").claim(NUMBER)


async def test_a_damaged_history_is_not_told_from(holdings: Holdings, tmp_path: Path) -> None:
    flip(history_file(tmp_path))
    with pytest.raises(HistoryCorrupt, match="已损坏"):
        await holdings.sources.claim(NUMBER)


def test_a_loose_file_that_is_none_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NoSuchHistory, match="读不到"):
        from_file(tmp_path / "none.json", NUMBER)
    broken = tmp_path / "broken.json.gz"
    broken.write_bytes(b"\x1f\x8bnothing")
    with pytest.raises(HistoryCorrupt, match="gzip"):
        from_file(broken, NUMBER)
