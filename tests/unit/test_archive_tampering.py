"""Whatever is done to an archive afterwards is found and named: hundreds of ways, none missed."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from archive.entries import ArchiveEntry, ArchiveHead, canonical, entry_hash
from archive.problems import Problem, ProblemKind
from archive.reading import Archive
from tests.archiving import made_archive

SEGMENTS = (4, 3, 2)
COUNT = sum(SEGMENTS)
ENTRIES = range(COUNT)
LAST = COUNT - 1
SOME = (0, 4, LAST)
"""The first, one at the beginning of a segment, the last."""

Fields = dict[str, JsonValue]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_archive(tmp_path_factory.mktemp("whole"), *SEGMENTS)


class Tampered:
    """A copy of an archive, and hands to change it with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = Archive.at(str(folder))
        self.original = list(self.archive.entries())
        self.head_file = folder / "HEAD.json"

    def lines(self) -> list[str]:
        return [line for file in self._segments() for line in file.read_text().splitlines()]

    def write(self, lines: list[str]) -> None:
        """Put lines where the manifest was: each segment keeps its name while there are lines."""
        files = self._segments()
        sizes = [*SEGMENTS[: len(files) - 1], len(lines)]
        for file, size in zip(files, sizes, strict=True):
            part, lines = lines[:size], lines[size:]
            file.write_text("".join(f"{line}\n" for line in part)) if part else file.unlink()

    def edit(self, change: Callable[[list[str]], None]) -> None:
        lines = self.lines()
        change(lines)
        self.write(lines)

    def change(self, index: int, fields: Fields, *, forged: bool) -> None:
        """Change fields of an entry; forged: its own hash is made to fit."""
        lines = self.lines()
        entry: Fields = {**json.loads(lines[index]), **fields}
        if forged:
            entry["hash"] = entry_hash(entry)
        lines[index] = canonical(entry)
        self.write(lines)

    def rechain(self, index: int, fields: Fields) -> None:
        """The whole work: everything behind made to fit, the head too."""
        lines = self.lines()
        previous = json.loads(lines[index])["previous"]
        for at in range(index, len(lines)):
            entry: Fields = {**json.loads(lines[at]), "previous": previous, **(fields if at == index else {})}
            previous = entry["hash"] = entry_hash(entry)
            lines[at] = canonical(entry)
        self.write(lines)
        head = self.original[-1].head.model_copy(update={"hash": previous})
        self.head_file.write_text(canonical(head.model_dump(mode="json")))

    def history(self, index: int) -> Path:
        return self.folder / self.original[index].file

    def found(self, *known: ArchiveHead) -> list[Problem]:
        return list(self.archive.check(known))

    def kinds(self, *known: ArchiveHead) -> set[ProblemKind]:
        return {problem.kind for problem in self.found(*known)}

    def at(self, index: int) -> set[ProblemKind]:
        """What was found at one entry."""
        return {problem.kind for problem in self.found() if problem.index == index}

    def _segments(self) -> list[Path]:
        return sorted((self.folder / "manifest").iterdir())


@pytest.fixture
def tampered(whole: Path, tmp_path: Path) -> Iterator[Tampered]:
    copy = tmp_path / "copy"
    shutil.copytree(whole, copy)
    yield Tampered(copy)
    shutil.rmtree(copy)


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
    if left:  # though the head be made to fit
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
    """It follows its predecessor as it should, and calls itself by the number that comes."""
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


@pytest.mark.parametrize("index", ENTRIES)
def test_a_missing_history_is_named(tampered: Tampered, index: int) -> None:
    tampered.history(index).unlink()
    [problem] = tampered.found()
    assert (problem.kind, problem.index) == (ProblemKind.MISSING_FILE, index)
    assert problem.workflow_id == tampered.original[index].workflow_id
    assert problem.workflow_id in problem.message


@pytest.mark.parametrize("size", [0, 1, 20, -1])
@pytest.mark.parametrize("index", SOME)
def test_a_cut_history_is_named(tampered: Tampered, index: int, size: int) -> None:
    file = tampered.history(index)
    file.write_bytes(file.read_bytes()[:size])
    [problem] = tampered.found()
    assert (problem.kind, problem.index) == (ProblemKind.CHANGED_FILE, index)


@pytest.mark.parametrize("index", range(LAST))
def test_histories_that_changed_places_are_named(tampered: Tampered, index: int) -> None:
    one, other = tampered.history(index), tampered.history(index + 1)
    mine, theirs = one.read_bytes(), other.read_bytes()
    one.write_bytes(theirs)
    other.write_bytes(mine)
    assert [(found.kind, found.index) for found in tampered.found()] == [
        (ProblemKind.CHANGED_FILE, index),
        (ProblemKind.CHANGED_FILE, index + 1),
    ]


@pytest.mark.parametrize("segment", range(len(SEGMENTS)))
def test_a_missing_segment_is_missed(tampered: Tampered, segment: int) -> None:
    sorted((tampered.folder / "manifest").iterdir())[segment].unlink()
    kind = ProblemKind.TRUNCATED if segment == len(SEGMENTS) - 1 else ProblemKind.MISSING_ENTRIES
    assert kind in tampered.at(sum(SEGMENTS[:segment]))


@pytest.mark.parametrize("name", ["000000003.jsonl", "000000005.jsonl", "000001000.jsonl", "another.jsonl"])
def test_a_segment_of_another_name_is_found(tampered: Tampered, name: str) -> None:
    (tampered.folder / "manifest/000000004.jsonl").rename(tampered.folder / "manifest" / name)
    assert ProblemKind.MISNAMED_SEGMENT in tampered.kinds()


@pytest.mark.parametrize("segment", ["000000000", "000000004", "000000007"])
@pytest.mark.parametrize("cut", [1, 2, 100])
def test_a_segment_cut_within_a_line_is_found(tampered: Tampered, segment: str, cut: int) -> None:
    file = tampered.folder / f"manifest/{segment}.jsonl"
    file.write_bytes(file.read_bytes()[:-cut])
    assert ProblemKind.CUT_SEGMENT in tampered.kinds()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (None, ProblemKind.HEAD_MISSING),
        ("", ProblemKind.HEAD_UNREADABLE),
        ("{}", ProblemKind.HEAD_UNREADABLE),
        ("[", ProblemKind.HEAD_UNREADABLE),
        ({"count": COUNT + 1}, ProblemKind.TRUNCATED),
        ({"count": COUNT - 1}, ProblemKind.HEAD_MISMATCH),
        ({"count": -1}, ProblemKind.HEAD_UNREADABLE),
        ({"count": 10**12}, ProblemKind.TRUNCATED),
        ({"hash": "0" * 64}, ProblemKind.HEAD_MISMATCH),
        ({"hash": "0"}, ProblemKind.HEAD_UNREADABLE),
        ({"installation": "another"}, ProblemKind.FOREIGN_INSTALLATION),
        ({"format": 2}, ProblemKind.HEAD_UNREADABLE),
        ({"added": 1}, ProblemKind.HEAD_UNREADABLE),
    ],
)
def test_a_changed_head_is_found(tampered: Tampered, text: str | Fields | None, kind: ProblemKind) -> None:
    if isinstance(text, dict):
        text = canonical({**json.loads(tampered.head_file.read_text()), **text})
    tampered.head_file.unlink() if text is None else tampered.head_file.write_text(text)
    assert kind in tampered.kinds()


@pytest.mark.parametrize("index", range(LAST))
def test_an_older_head_is_found(tampered: Tampered, index: int) -> None:
    older = tampered.original[index].head
    tampered.head_file.write_text(canonical(older.model_dump(mode="json")))
    assert tampered.at(index + 1) == {ProblemKind.HEAD_BEHIND}


def test_another_installations_manifest_is_found_whatever_is_brought_along(
    tampered: Tampered, tmp_path: Path
) -> None:
    foreign = made_archive(tmp_path / "foreign", *SEGMENTS)
    noted, ours = tampered.original[-1].head, tampered.original[0].installation
    for brought, found in (
        ("manifest", ProblemKind.FOREIGN_INSTALLATION),
        ("HEAD.json", ProblemKind.FOREIGN_INSTALLATION),
        ("INSTALLATION.json", None),
    ):
        target = tampered.folder / brought
        shutil.rmtree(target) if target.is_dir() else target.unlink()
        source = foreign / brought
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        assert found is None or found in tampered.kinds()
    assert tampered.kinds() == set()  # by now all of it is another's
    assert ProblemKind.FOREIGN_INSTALLATION in tampered.kinds(noted)
    wanted = tampered.archive.check(installation=ours)
    assert ProblemKind.FOREIGN_INSTALLATION in {problem.kind for problem in wanted}


@pytest.mark.parametrize("field", ["installation", "created_at", "format"])
def test_a_changed_installation_is_found(tampered: Tampered, field: str) -> None:
    file = tampered.folder / "INSTALLATION.json"
    changed = {**json.loads(file.read_text()), field: {"created_at": "2025-01-01T00:00:00Z"}.get(field, "2")}
    file.write_text(canonical(changed))
    assert ProblemKind.INSTALLATION_CHANGED in tampered.kinds()


def test_a_file_that_no_entry_names_is_found(tampered: Tampered) -> None:
    (tampered.folder / "histories/2026/11/24/extra.json.gz").write_bytes(b"?")
    [problem] = tampered.found()
    assert (problem.kind, problem.file) == (ProblemKind.STRAY_FILE, "histories/2026/11/24/extra.json.gz")


def test_an_entry_cannot_lead_out_of_the_archive(tampered: Tampered, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not ours")
    tampered.change(4, {"file": "histories/../../secret", "size": 8}, forged=True)
    assert {ProblemKind.MISPLACED_FILE, ProblemKind.MISSING_FILE} <= tampered.at(4)


VOUCHED_FOR = ["INSTALLATION.json", "HEAD.json", "manifest", "histories"]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_anywhere_can_be_changed(whole: Path, data: st.DataObject) -> None:
    """Any bits of any byte of any file that stands under the manifest."""
    below = whole / data.draw(st.sampled_from(VOUCHED_FOR))
    files = [below] if below.is_file() else sorted(path for path in below.rglob("*") if path.is_file())
    file = data.draw(st.sampled_from(files))
    original = file.read_bytes()
    at = data.draw(st.integers(0, len(original) - 1))
    flipped = original[at] ^ data.draw(st.integers(1, 255))
    try:
        file.write_bytes(original[:at] + bytes([flipped]) + original[at + 1 :])
        found = list(Archive.at(str(whole)).check())
    finally:
        file.write_bytes(original)
    assert found
    if below.name == "histories":
        assert [(problem.kind, problem.file) for problem in found] == [
            (ProblemKind.CHANGED_FILE, str(file.relative_to(whole)))
        ]
    if below.name == "manifest":
        line = int(file.stem) + original[:at].count(b"\n")
        assert line in {problem.index for problem in found}
