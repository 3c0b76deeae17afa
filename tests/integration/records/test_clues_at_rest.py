"""Clues are encrypted in the records, on both databases (R64)."""

import json
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, update

from assessment.cases.model import CaseEntry, CaseKind, CaseRecord
from assessment.clues.model import ClueState
from records.cases.clues import clue_state, clue_states
from records.cases.reader import case_journal
from records.cases.writer import write_case
from records.database import migration
from records.database.clue_cipher import ClueCipher, ClueUnreadable
from records.database.engine import Records, connected, open_records
from records.errors import NotOurRecords
from records.reconciliation.comparison import compare_case
from records.reconciliation.repair import rewrite_case
from records.tables import CASE, CASE_JOURNAL
from tests.support.records.sample_steps import WEDNESDAY

CIPHER = ClueCipher("clue-1", {"clue-1": b"1" * 32})
SAID = "暗访标记乙"


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def clue(text: str = SAID) -> CaseRecord:
    line = CaseEntry(seq=1, at=WEDNESDAY, kind="record", rules=("R64",), text=text)
    state = ClueState(id="c1", seq=1, text=text).model_dump(mode="json")
    return CaseRecord(kind=CaseKind.CLUE, id="c1", seq=1, at=WEDNESDAY, state=state, entries=(line,))


@pytest.mark.rule("R64")
def test_a_clue_is_read_with_its_key_alone(records: Records, records_url: str) -> None:
    with open_records(records_url, CIPHER) as ours, open_records(records_url, CIPHER) as same:
        write_case(ours, clue())
        assert [one.text for one in clue_states(ours)] == [SAID]
        assert list(compare_case(ours, same, "clue", "c1")) == []
    with records.reading() as connection:
        rows = [connection.execute(select(table)).all() for table in (CASE, CASE_JOURNAL)]
    assert SAID not in str(rows)
    with pytest.raises(ClueUnreadable, match="由密钥 clue-1 加密，本程序没有这把密钥"):
        clue_states(records)
    with pytest.raises(ClueUnreadable, match="请设置 ZAOYING_PAYLOAD_KEYS_FILE"):
        write_case(records, clue())


@pytest.mark.rule("R64")
@pytest.mark.parametrize("damage", ["plain", "of another clue", "altered"])
def test_a_clues_row_that_is_not_as_it_was_written_is_found_and_mended(
    records_url: str, tmp_path: Path, damage: str
) -> None:
    expected_url = f"sqlite:///{tmp_path / 'expected.db'}"
    with open_records(records_url, CIPHER) as actual, open_records(expected_url, CIPHER) as expected:
        write_case(actual, clue())
        write_case(expected, clue())
        kept = CIPHER.encrypt(json.dumps({"state": clue().state}), "assessment_case/clue/c2")
        texts = {"plain": json.dumps({"state": clue("改").state}), "altered": f"{kept[:-8]}AAAAAAA="}
        with actual.writing() as connection:
            connection.execute(update(CASE).values(snapshot=texts.get(damage, kept)))
        [found] = compare_case(actual, expected, "clue", "c1")
        assert (found.table, found.columns) == ("assessment_case", {})
        with pytest.raises(ClueUnreadable, match="zaoying db rebuild"):
            clue_state(actual, "c1")
        assert rewrite_case(actual, expected, "clue", "c1", seen=1)
        assert list(compare_case(actual, expected, "clue", "c1")) == []
        assert clue_state(actual, "c1") == ClueState.model_validate(clue().state)


@pytest.mark.rule("R64")
def test_clues_that_stand_plain_are_encrypted_and_stay_nowhere_else(records_url: str) -> None:
    with open_records(records_url, CIPHER) as records:
        write_case(records, clue())
    migration.downgrade(records_url, "records_0013", CIPHER)
    assert SAID in clue_rows(records_url)
    with pytest.raises(NotOurRecords, match="密钥"):
        migration.upgrade(records_url)
    migration.upgrade(records_url, CIPHER)
    assert SAID not in clue_rows(records_url)
    url = make_url(records_url)
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        kept = [path for path in file.parent.iterdir() if path.name.startswith(file.name)]
        assert not [path for path in kept if SAID.encode() in path.read_bytes()]
    with open_records(records_url, CIPHER) as records:
        assert clue_state(records, "c1") == ClueState.model_validate(clue().state)
        assert case_journal(records, CaseKind.CLUE, "c1") == list(clue().entries)


def clue_rows(url: str) -> str:
    """Return every row of clues as stored."""
    with connected(url) as records, records, records.reading() as connection:
        return str([connection.execute(select(table)).all() for table in (CASE, CASE_JOURNAL)])
