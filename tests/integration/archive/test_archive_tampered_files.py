"""Any change to an archive's files is found and named: histories, segments, head, installation, any byte."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.entries import canonical
from archive.problems import ProblemKind
from archive.reader import Archive
from tests.support.archive.sample_archives import made_archive
from tests.support.archive.tampering import COUNT, ENTRIES, LAST, SEGMENTS, SOME, Fields, Tampered

pytestmark = pytest.mark.rule("R70")


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
    assert tampered.kinds() == set()  # by now everything belongs to another archive
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
    """Any bits of any byte of any file listed in the manifest."""
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
