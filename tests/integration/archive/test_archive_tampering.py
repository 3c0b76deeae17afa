"""Any change to a manifest's lines is found and named, in hundreds of ways."""

import pytest

from archive.entries import ArchiveEntry, canonical, entry_hash
from archive.problems import ProblemKind
from tests.support.archive.tampering import COUNT, ENTRIES, LAST, SOME, Fields, Tampered

pytestmark = pytest.mark.rule("R70")


def test_what_nobody_touched_is_whole(tampered: Tampered) -> None:
    assert tampered.found() == []
    assert tampered.found(*(entry.head for entry in tampered.original)) == []


OTHER_VALUES: Fields = {
    "archived_at": "2026-11-24T09:00:00Z",
    "calendar_versions": [],
    "closed_at": "2026-11-23T04:00:00Z",
    "code_version": "0.1.1",
    "content_sha256": "0" * 64,
    "events": 1000,
    "file": "histories/2026/11/24/another.json.gz",
    "format": 2,
    "hash": "0" * 64,
    "index": 1000,
    "installation": "another",
    "number": "QH202611249999",
    "payload_key_ids": ["key-1"],
    "previous": "0" * 64,
    "run_id": "run-9999",
    "sha256": "0" * 64,
    "size": 1,
    "started_at": "2026-11-20T04:00:00Z",
    "status": "terminated",
    "unit": "ZZ-GD",
    "worker_versions": ["build"],
    "workflow_id": "claim-QH202611249999",
    "workflow_type": "Unit",
    "added": "field",
}


def test_every_field_of_an_entry_is_tried() -> None:
    assert set(OTHER_VALUES) - {"added"} == set(ArchiveEntry.model_fields)


@pytest.mark.parametrize("index", SOME)
@pytest.mark.parametrize("field", OTHER_VALUES)
def test_a_changed_field_is_found_at_its_entry(tampered: Tampered, index: int, field: str) -> None:
    tampered.change(index, {field: OTHER_VALUES[field]}, forged=False)
    unreadable = field in ("format", "added")
    assert (ProblemKind.UNREADABLE_ENTRY if unreadable else ProblemKind.CHANGED_ENTRY) in tampered.at(index)


@pytest.mark.parametrize("index", SOME)
@pytest.mark.parametrize("field", [name for name in OTHER_VALUES if name != "hash"])
def test_an_entry_forged_with_its_own_hash_is_found(tampered: Tampered, index: int, field: str) -> None:
    tampered.change(index, {field: OTHER_VALUES[field]}, forged=True)
    found = tampered.at(index) | (tampered.at(1000) if field == "index" else set())
    telling = {
        ProblemKind.UNREADABLE_ENTRY,
        ProblemKind.HEAD_MISMATCH if index == LAST else ProblemKind.BROKEN_CHAIN,
    }
    assert found & telling, found


@pytest.mark.parametrize("field", ["status", "sha256", "closed_at", "number"])
@pytest.mark.parametrize("index", ENTRIES)
def test_a_manifest_written_anew_is_found_by_a_head_noted_elsewhere(
    tampered: Tampered, index: int, field: str
) -> None:
    tampered.rechain(index, {field: OTHER_VALUES[field]})
    noted = tampered.original[-1].head
    assert ProblemKind.KNOWN_HEAD_MISMATCH in tampered.kinds(noted)
    by_hash = tampered.archive.check(hashes=[noted.hash])
    assert ProblemKind.KNOWN_HEAD_MISMATCH in {problem.kind for problem in by_hash}
    if index:
        assert ProblemKind.KNOWN_HEAD_MISMATCH not in tampered.kinds(tampered.original[index - 1].head)


@pytest.mark.parametrize("with_file", [True, False])
@pytest.mark.parametrize("index", ENTRIES)
def test_a_dropped_entry_is_missed(tampered: Tampered, index: int, with_file: bool) -> None:
    tampered.edit(lambda lines: lines.__delitem__(index))
    if with_file:
        tampered.history(index).unlink()
    kind = ProblemKind.TRUNCATED if index == LAST else ProblemKind.MISSING_ENTRIES
    assert kind in tampered.at(index)
    assert (ProblemKind.STRAY_FILE in tampered.kinds()) is not with_file


@pytest.mark.parametrize("left", ENTRIES)
def test_a_cut_end_is_missed(tampered: Tampered, left: int) -> None:
    tampered.edit(lambda lines: lines.__delitem__(slice(left, None)))
    assert ProblemKind.TRUNCATED in tampered.at(left)
    if left:  # even if the head is recomputed
        shorter = tampered.original[left - 1].head
        tampered.head_file.write_text(canonical(shorter.model_dump(mode="json")))
        assert ProblemKind.TRUNCATED in tampered.kinds(tampered.original[-1].head)


@pytest.mark.parametrize("distance", [1, 3])
@pytest.mark.parametrize("index", ENTRIES)
def test_swapped_entries_are_found(tampered: Tampered, index: int, distance: int) -> None:
    other = (index + distance) % COUNT

    def swap(lines: list[str]) -> None:
        lines[index], lines[other] = lines[other], lines[index]

    tampered.edit(swap)
    assert ProblemKind.REORDERED_ENTRY in tampered.at(min(index, other))


@pytest.mark.parametrize("where", [0, 5, COUNT])
@pytest.mark.parametrize("index", ENTRIES)
def test_an_entry_that_stands_there_twice_is_found(tampered: Tampered, index: int, where: int) -> None:
    tampered.edit(lambda lines: lines.insert(where, lines[index]))
    assert ProblemKind.DUPLICATE_ENTRY in tampered.at(index)


@pytest.mark.parametrize("index", ENTRIES)
def test_a_forged_entry_between_two_is_found(tampered: Tampered, index: int) -> None:
    """It refers to its predecessor correctly and takes the next number."""
    before = tampered.original[index]
    forged: Fields = {
        **before.model_dump(mode="json"),
        "index": before.index + 1,
        "run_id": "run-forged",
        "previous": before.hash,
    }
    forged["hash"] = entry_hash(forged)
    tampered.edit(lambda lines: lines.insert(index + 1, canonical(forged)))
    expected = ProblemKind.HEAD_BEHIND if index == LAST else ProblemKind.BROKEN_CHAIN
    assert expected in tampered.at(index + 1)
