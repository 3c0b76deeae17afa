"""After ten years histories are erased, on record; a file missing without that is damage."""

import io
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from activities.archive.erasure import Erased, erase_due
from archive.entries import ArchiveEntry
from archive.eraser import complete, due, erase, note_files
from archive.erasure import ERASURE, ErasedFile
from archive.errors import ArchiveDamaged
from archive.problems import Problem, ProblemKind
from archive.reader import Archive
from archive.store import open_store
from archive.writer import ArchiveWriter
from audit.verification.attachments import wrong_attachments
from records import attachments
from records.attachments import Attachment, upload_id
from records.contents import ContentStore
from records.database.engine import Records
from tests.support.archive.sample_archives import NOON, append, history_of, made_archive, run_of
from tests.support.dates import beijing

IN_TEN_YEARS = beijing("Mon 2036-11-24 12:00")
"""From now on the first of them, which closed at noon, may be erased."""

pytestmark = pytest.mark.rule("R70")


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


def writer_at(folder: Path) -> ArchiveWriter:
    writer = ArchiveWriter(open_store(str(folder)))
    writer.catch_up(NOON)
    return writer


def erase_histories(folder: Path, at: datetime) -> int:
    archive = Archive.at(str(folder))
    return erase(writer_at(folder), due(archive.entries(), archive.erased, at), by="档案室", at=at)


def kinds(folder: Path) -> list[ProblemKind]:
    return [found.kind for found in Archive.at(str(folder)).check()]


def entry_of(folder: Path, no: int) -> ArchiveEntry:
    return Archive.at(str(folder)).find(run_of(no).workflow_id)[0]


def test_what_has_its_ten_years_is_erased_and_the_chain_is_whole(tmp_path: Path) -> None:
    made_archive(tmp_path, 3)
    assert erase_histories(tmp_path, IN_TEN_YEARS - timedelta(seconds=1)) == 0
    assert erase_histories(tmp_path, IN_TEN_YEARS + timedelta(seconds=1, milliseconds=1)) == 2
    assert kinds(tmp_path) == []
    assert not (tmp_path / entry_of(tmp_path, 0).file).exists()
    assert (tmp_path / entry_of(tmp_path, 2).file).exists()
    with pytest.raises(ArchiveDamaged, match="已按规定抹去（R70）"):
        Archive.at(str(tmp_path)).read(entry_of(tmp_path, 0))
    archive = Archive.at(str(tmp_path))
    [erasure] = [entry for entry in archive.entries() if entry.workflow_type == ERASURE]
    assert "档案室" in archive.read(erasure).decode()
    append(writer_at(tmp_path), [7])
    assert erase_histories(tmp_path, IN_TEN_YEARS + timedelta(days=1)) == 2
    assert erase_histories(tmp_path, beijing("Sat 2099-01-03 12:00")) == 0, "erasures themselves stay"
    assert kinds(tmp_path) == []


def test_a_file_that_is_missing_without_an_erasure_is_damage(tmp_path: Path) -> None:
    made_archive(tmp_path, 2)
    (tmp_path / entry_of(tmp_path, 0).file).unlink()
    assert kinds(tmp_path) == [ProblemKind.MISSING_FILE]


def test_an_erasure_before_its_time_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_archive(tmp_path, 1)
    monkeypatch.setattr("archive.eraser.may_be_erased", lambda _entry, _at: True)
    assert erase(writer_at(tmp_path), [entry_of(tmp_path, 0)], by="x", at=NOON + timedelta(days=1)) == 1
    monkeypatch.undo()
    assert kinds(tmp_path) == [ProblemKind.MISSING_FILE]


def test_an_erasure_that_is_itself_missing_is_damage(tmp_path: Path) -> None:
    made_archive(tmp_path, 1)
    erase_histories(tmp_path, IN_TEN_YEARS + timedelta(days=1))
    [erasure] = [one for one in Archive.at(str(tmp_path)).entries() if one.workflow_type == ERASURE]
    (tmp_path / erasure.file).unlink()
    assert kinds(tmp_path) == [ProblemKind.MISSING_FILE] * 2


def test_an_erasure_that_died_is_completed(tmp_path: Path) -> None:
    made_archive(tmp_path, 1)
    entry = entry_of(tmp_path, 0)
    kept = (tmp_path / entry.file).read_bytes()
    erase_histories(tmp_path, IN_TEN_YEARS + timedelta(days=1))
    (tmp_path / entry.file).write_bytes(kept)
    assert kinds(tmp_path) == []
    archive = Archive.at(str(tmp_path))
    complete(writer_at(tmp_path), archive.entries(), archive.erased)
    assert not (tmp_path / entry.file).exists()
    assert kinds(tmp_path) == []


def put(records: Records, folder: Path, claim: str, text: str, *, aged: bool = True) -> Attachment:
    """Store a file of a claim, long ago or just now."""
    kept = ContentStore(folder).put(io.BytesIO(text.encode()))
    file = Attachment(
        id=upload_id(claim, kept.sha256),
        claim=claim,
        unit="",
        file_name="照片.jpg",
        media_type="image/jpeg",
        size=kept.size,
        sha256=kept.sha256,
        uploaded_by="某企业",
        uploaded_at=NOON,
    )
    attachments.keep(records, file)
    if aged:
        os.utime(folder / kept.sha256[:2] / kept.sha256, (0, 0))
    return file


def exists(contents: ContentStore, file: Attachment) -> bool:
    return contents.size(file.sha256) > 0


def test_a_claims_files_are_erased_with_its_history(records: Records, tmp_path: Path) -> None:
    made_archive(tmp_path / "archive", 2)
    folder = tmp_path / "attachments"
    contents = ContentStore(folder)
    old, late = run_of(0).number, run_of(1).number
    own, shared = put(records, folder, old, "只此一份"), put(records, folder, old, "两件共用")
    also, other = put(records, folder, late, "两件共用"), put(records, folder, late, "另一件")
    fresh = put(records, folder, old, "刚有人再次上传", aged=False)

    def erased(at: datetime) -> Erased:
        return erase_due(str(tmp_path / "archive"), records, contents, by="档案室", at=at)

    assert erased(IN_TEN_YEARS - timedelta(seconds=1)) == (0, 0)
    assert exists(contents, own)
    assert erased(IN_TEN_YEARS) == (1, 3)
    assert attachments.attachments_of(records, old) == []
    assert [exists(contents, one) for one in (own, shared, also, other, fresh)] == [False, *[True] * 4]
    assert len(attachments.attachments_of(records, late)) == 2
    put(records, folder, old, "此前中断，未抹去")
    assert erased(IN_TEN_YEARS) == (0, 1), "what an erasure that died has left"
    assert erased(IN_TEN_YEARS + timedelta(days=1)) == (1, 2)
    assert kinds(tmp_path / "archive") == []


def test_files_stay_while_one_history_of_the_claim_stays(records: Records, tmp_path: Path) -> None:
    made_archive(tmp_path / "archive", 1)
    again = run_of(9).model_copy(update={"number": run_of(0).number})
    writer_at(tmp_path / "archive").append([(again, history_of(9))], at=NOON)
    folder = tmp_path / "attachments"
    contents = ContentStore(folder)
    file = put(records, folder, run_of(0).number, "照片")
    done = erase_due(str(tmp_path / "archive"), records, contents, by="档案室", at=IN_TEN_YEARS)
    assert (done, exists(contents, file)) == ((1, 0), True)


def test_an_erased_file_is_proven_by_the_chain(records: Records, tmp_path: Path) -> None:
    made_archive(tmp_path / "archive", 1)
    folder = tmp_path / "attachments"
    file = put(records, folder, run_of(0).number, "照片")
    at = IN_TEN_YEARS + timedelta(days=1)
    erase_due(str(tmp_path / "archive"), records, ContentStore(folder), by="档案室", at=at)
    archive = Archive.at(str(tmp_path / "archive"))
    noted = [
        (erasure.by, erasure.rule, when, one) for when, erasure in archive.erasures for one in erasure.files
    ]
    gone = ErasedFile(attachment=file.id, number=file.claim, sha256=file.sha256)
    assert noted == [("档案室", "R70", at, gone)]
    attachments.keep(records, file)  # as restored from an old backup
    assert wrong(records, tmp_path) == []


@pytest.mark.parametrize(
    ("way", "kind"), [("delete", "missing-attachment"), ("change", "changed-attachment")]
)
def test_a_file_that_is_missing_or_changed_without_an_erasure_is_named(
    records: Records, tmp_path: Path, way: str, kind: str
) -> None:
    made_archive(tmp_path / "archive", 1)
    file = put(records, tmp_path / "attachments", run_of(0).number, "照片")
    assert wrong(records, tmp_path) == []
    place = tmp_path / "attachments" / file.sha256[:2] / file.sha256
    place.write_text("另一张") if way == "change" else place.unlink()
    assert [(found.kind, file.id in found.message) for found in wrong(records, tmp_path)] == [(kind, True)]


def test_a_file_that_was_erased_too_early_is_named(records: Records, tmp_path: Path) -> None:
    made_archive(tmp_path / "archive", 1)
    file = put(records, tmp_path / "attachments", run_of(0).number, "照片")
    early = ErasedFile(attachment=file.id, number=file.claim, sha256=file.sha256)
    note_files(writer_at(tmp_path / "archive"), [early], by="x", at=NOON + timedelta(days=1))
    assert [found.kind for found in wrong(records, tmp_path)] == [ProblemKind.EARLY_ERASURE]


def wrong(records: Records, folder: Path) -> list[Problem]:
    archive = Archive.at(str(folder / "archive"))
    return list(wrong_attachments(records, ContentStore(folder / "attachments"), archive))
