"""The archive's format: what is written, what is read back, and how to check it without this program."""

import gzip
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from archive.entries import ArchiveHead, entry_hash, hash_of, text_of
from archive.errors import ArchiveDamaged, NotArchived, StoreFailed
from archive.problems import ProblemKind
from archive.reader import Archive
from archive.store import open_store
from archive.writer import ArchiveWriter, ConcurrentWriter
from tests.support.archive.sample_archives import NOON, append, history_of, made_archive, run_of


def test_what_was_archived_is_had_again_by_id_and_by_number(tmp_path: Path) -> None:
    archive = Archive.at(str(made_archive(tmp_path, 3, 2)))
    entries = list(archive.entries())
    assert [entry.index for entry in entries] == [0, 1, 2, 3, 4]
    assert archive.history("claim-QH202611240003") == history_of(3)
    assert archive.history("QH202611240003", "run-0003") == history_of(3)
    assert archive.find("QH202611240001") == (entries[1],)
    assert archive.head() == entries[-1].head
    assert list(archive.check()) == []


@pytest.mark.parametrize(("name", "run"), [("QH209901010001", ""), ("QH202611240001", "run-0002")])
def test_what_was_never_archived_is_said_to_be_unknown(tmp_path: Path, name: str, run: str) -> None:
    archive = Archive.at(str(made_archive(tmp_path, 3)))
    with pytest.raises(NotArchived, match=name):
        archive.history(name, run)


def test_an_empty_folder_is_no_archive(tmp_path: Path) -> None:
    archive = Archive.at(str(tmp_path / "nothing"))
    assert [found.kind for found in archive.check()] == [ProblemKind.NO_ARCHIVE]
    assert archive.installation() is None
    assert list(archive.entries()) == []


def test_an_archive_without_entries_is_whole(tmp_path: Path) -> None:
    assert list(Archive.at(str(made_archive(tmp_path))).check()) == []


def test_a_stranger_checks_everything_with_standard_tools(tmp_path: Path) -> None:
    """The commands come from the archive's own README.txt."""
    made_archive(tmp_path, 2, 1)
    archive = Archive.at(str(tmp_path))
    entries = list(archive.entries())
    guide = (tmp_path / "README.txt").read_text()
    command = next(line.strip() for line in guide.splitlines() if "sed -n 1p" in line)
    found = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.split()[0] == entries[0].hash
    assert hash_of((tmp_path / "INSTALLATION.json").read_bytes()) == entries[0].previous
    sums = "".join(f"{entry.sha256}  {entry.file}\n" for entry in entries)
    subprocess.run(
        ["sha256sum", "--check"], input=sums, cwd=tmp_path, text=True, check=True, capture_output=True
    )
    unpacked = subprocess.run(
        ["gunzip", "-c", entries[2].file], cwd=tmp_path, capture_output=True, check=True
    )
    assert (unpacked.stdout, hash_of(unpacked.stdout)) == (history_of(2), entries[2].content_sha256)


def test_an_entrys_line_is_canonical_whatever_a_workflow_is_called(tmp_path: Path) -> None:
    writer = ArchiveWriter(open_store(str(tmp_path)))
    writer.catch_up(NOON)
    names = ["../../etc/passwd", "工单\u2028“一”", "x" * 1000, "..", '","hash":"0"']
    for no, name in enumerate(names):
        writer.append([(run_of(no).model_copy(update={"workflow_id": name}), b"{}")], at=NOON)
    archive = Archive.at(str(tmp_path))
    assert [entry.workflow_id for entry in archive.entries()] == names
    assert list(archive.check()) == []
    assert all(Path(tmp_path / entry.file).resolve().is_relative_to(tmp_path) for entry in archive.entries())
    for entry in archive.entries():
        assert entry_hash(entry.model_dump(mode="json")) == entry.hash
        assert "\n" not in text_of(entry)


def test_the_same_histories_make_the_same_bytes(tmp_path: Path) -> None:
    files = [
        (made_archive(tmp_path / name, 3) / next(iter(Archive.at(str(tmp_path / name)).entries())).file)
        for name in ("one", "other")
    ]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_writer_goes_on_where_another_ended(tmp_path: Path) -> None:
    made_archive(tmp_path, 2)
    first, second = (ArchiveWriter(open_store(str(tmp_path))) for _ in range(2))
    for writer in (first, second):
        writer.catch_up(NOON)
    append(first, [2])
    with pytest.raises(ConcurrentWriter):
        append(second, [3])
    assert second.catch_up(NOON).count == 3
    assert "run-0002" in second.runs
    append(second, [3, 4])
    assert first.catch_up(NOON).count == 5
    assert list(Archive.at(str(tmp_path)).check()) == []


def test_what_a_writer_left_half_done_is_completed(tmp_path: Path) -> None:
    made_archive(tmp_path, 2)
    head = (tmp_path / "HEAD.json").read_bytes()
    writer = ArchiveWriter(open_store(str(tmp_path)))
    writer.catch_up(NOON)
    append(writer, [2, 3])
    (tmp_path / "HEAD.json").write_bytes(head)  # interrupted before writing the head
    stray = tmp_path / "histories/2026/11/24/claim-QH202611240004.run-0004.json.gz"
    stray.write_bytes(gzip.compress(history_of(4), 1, mtime=7))  # and, earlier, between a file and its line
    archive = Archive.at(str(tmp_path))
    assert [found.kind for found in archive.check()] == [ProblemKind.HEAD_BEHIND, ProblemKind.STRAY_FILE]
    again = ArchiveWriter(open_store(str(tmp_path)))
    assert again.catch_up(NOON).count == 4
    append(again, [4])
    assert list(archive.check()) == []
    assert archive.history("QH202611240004") == history_of(4)


def test_a_sweep_under_way_is_no_problem(tmp_path: Path) -> None:
    """A check that starts between a writer's steps and continues during them."""
    made_archive(tmp_path, 2)
    writer = ArchiveWriter(open_store(str(tmp_path)))
    earlier = (tmp_path / "HEAD.json").read_bytes()
    writer.catch_up(NOON)
    append(writer, [2])
    later = (tmp_path / "HEAD.json").read_bytes()
    archive = Archive.at(str(tmp_path))
    (
        tmp_path / archive.find("QH202611240000")[0].file
    ).unlink()  # the first reported problem stops the check here
    (tmp_path / "HEAD.json").write_bytes(earlier)
    stray = tmp_path / "histories/2026/11/24/claim-QH202611240003.run-0003.json.gz"
    stray.write_bytes(gzip.compress(history_of(3), 6, mtime=0))
    check = archive.check()
    assert next(check).kind is ProblemKind.MISSING_FILE
    (tmp_path / "HEAD.json").write_bytes(later)
    append(writer, [3])
    assert list(check) == []


def test_half_a_file_that_nothing_vouches_for_is_replaced(tmp_path: Path) -> None:
    made_archive(tmp_path, 1)
    stray = tmp_path / "histories/2026/11/24/claim-QH202611240001.run-0001.json.gz"
    stray.write_bytes(gzip.compress(history_of(1))[:20])
    writer = ArchiveWriter(open_store(str(tmp_path)))
    writer.catch_up(NOON)
    append(writer, [1])
    assert list(Archive.at(str(tmp_path)).check()) == []


@pytest.mark.parametrize("file", ["INSTALLATION.json", "HEAD.json", "manifest/000000000.jsonl"])
@pytest.mark.parametrize("fresh", [True, False], ids=["new process", "same process"])
def test_nothing_is_appended_to_a_damaged_archive(tmp_path: Path, file: str, fresh: bool) -> None:
    made_archive(tmp_path, 2, 2)
    writer = ArchiveWriter(open_store(str(tmp_path)))
    if not fresh and file != "manifest/000000000.jsonl":  # a segment is read only once
        writer.catch_up(NOON)
    (tmp_path / file).unlink()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ArchiveDamaged):
        ArchiveWriter(open_store(str(tmp_path))).catch_up(NOON) if fresh else writer.catch_up(NOON)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_archive_that_is_out_of_reach_is_not_begun_anew(tmp_path: Path) -> None:
    """An unmounted volume looks like an empty folder."""
    noted = Archive.at(str(made_archive(tmp_path / "archive", 2))).head()
    assert noted is not None
    (tmp_path / "archive").rename(tmp_path / "elsewhere")
    with pytest.raises(ArchiveDamaged, match="没有归档"):
        ArchiveWriter(open_store(str(tmp_path / "archive"))).catch_up(NOON, [noted])
    made_archive(tmp_path / "archive", 4)
    with pytest.raises(ArchiveDamaged, match="另一套系统"):
        ArchiveWriter(open_store(str(tmp_path / "archive"))).catch_up(NOON, [noted])
    writer = ArchiveWriter(open_store(str(tmp_path / "elsewhere")))
    assert writer.catch_up(NOON, [noted]) == noted


def test_a_damaged_history_is_not_given_out(tmp_path: Path) -> None:
    archive = Archive.at(str(made_archive(tmp_path, 2)))
    entry = archive.find("QH202611240001")[0]
    (tmp_path / entry.file).write_bytes(b"forged")
    with pytest.raises(ArchiveDamaged, match="历史文件已被改动"):
        archive.history("QH202611240001")


def test_temporary_files_of_the_dead_are_cleared_and_those_of_the_living_left(tmp_path: Path) -> None:
    made_archive(tmp_path, 1)
    old, new = tmp_path / "tmp" / "old", tmp_path / "tmp" / "new"
    for file, at in ((old, NOON - timedelta(hours=2)), (new, NOON)):
        file.write_bytes(b"half")
        os.utime(file, (at.timestamp(), at.timestamp()))
    open_store(str(tmp_path)).clear_temporary(NOON - timedelta(hours=1))
    assert (old.exists(), new.exists()) == (False, True)
    assert list(Archive.at(str(tmp_path)).check()) == []


def test_a_folder_that_may_not_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("not a folder")
    with pytest.raises(StoreFailed, match="归档存储"):
        ArchiveWriter(open_store(str(tmp_path / "a-file"))).catch_up(NOON)


def test_an_address_that_nothing_knows_is_refused() -> None:
    with pytest.raises(StoreFailed, match="nowhere"):
        open_store("nowhere://archive")


def test_a_head_noted_long_ago_is_still_held_against_the_manifest(tmp_path: Path) -> None:
    archive = Archive.at(str(made_archive(tmp_path, 2)))
    noted = archive.head()
    assert noted is not None
    writer = ArchiveWriter(open_store(str(tmp_path)))
    writer.catch_up(NOON)
    append(writer, [2, 3, 4])
    assert list(archive.check([noted])) == []
    other = noted.model_copy(update={"hash": "0" * 64})
    assert [found.kind for found in archive.check([other])] == [ProblemKind.KNOWN_HEAD_MISMATCH]
    longer = ArchiveHead(installation=noted.installation, count=9, hash="0" * 64)
    assert [found.kind for found in archive.check([longer])] == [ProblemKind.TRUNCATED]
