"""Files by type, contents by hash, and the attachments' rows."""

import hashlib
import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from documents.uploads.media_types import MediaType, media_type_of
from records import attachments
from records.attachments import Attachment, upload_id
from records.contents import ContentLost, ContentStore
from records.database.engine import Records
from service_layer.attachments.uploads import safe_file_name
from tests.support.api import upload_files
from tests.support.claims.people import POWER, WATER
from tests.support.dates import beijing

NUMBER = "QH202611240001"


@pytest.fixture
def records_url(either_url: str) -> str:
    return either_url


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (upload_files.PDF, MediaType.PDF),
        (upload_files.PNG, MediaType.PNG),
        (upload_files.JPEG, MediaType.JPEG),
        (upload_files.docx(), MediaType.DOCX),
    ],
)
def test_a_file_is_what_it_holds(data: bytes, media_type: MediaType) -> None:
    assert media_type_of(io.BytesIO(data)) is media_type


FALSE_ONES = {
    "nothing": b"",
    "program": upload_files.EXE,
    "web page": upload_files.HTML,
    "picture with script": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "text": "签字".encode(),
    "zip": upload_files.zipped(**{"a.txt": "a"}),
    "zip that says it is one": upload_files.zipped(**{"word/document.xml": "<a/>", "types": "<Types/>"}),
    "document that is none": upload_files.changed({"word/document.xml": "<html/>"}),
    "document cut out": upload_files.changed({}, ("word/document.xml",)),
    "list cut out": upload_files.changed({}, (upload_files.TYPES,)),
    "no XML": upload_files.changed({"word/document.xml": "document"}),
    "with a DTD": upload_files.changed(
        {"word/document.xml": f'<!DOCTYPE a><w:document xmlns:w="{upload_files.WORD}"/>'}
    ),
    "with macros": upload_files.changed({"word/vbaProject.bin": "x"}),
    "cut off": upload_files.docx()[:-200],
    "end only": upload_files.docx()[-2000:],
    "the first bytes of a picture": upload_files.PNG[:24] + b"0" * 200,
    "half a PNG": upload_files.PNG[: len(upload_files.PNG) // 2],
    "half a JPEG": upload_files.JPEG[: len(upload_files.JPEG) // 2],
    "a PNG in which one dot was changed": upload_files.PNG[:-30]
    + bytes([upload_files.PNG[-30] ^ 1])
    + upload_files.PNG[-29:],
    "half a PDF": upload_files.PDF[: len(upload_files.PDF) // 2],
    "the first bytes of a PDF": b"%PDF-1.7\n" + b"0" * 200,
}
LARGE_ONES: dict[str, Callable[[], bytes]] = {
    "a picture of a hundred million dots": lambda: upload_files.picture("PNG", (10_000, 10_000)),
    "bomb": lambda: upload_files.changed({"word/media/a": "0" * (201 * 1024 * 1024)}),
}
"""Created in the test: it takes seconds, which collecting the tests should not need."""


@pytest.mark.parametrize("data", FALSE_ONES.values(), ids=FALSE_ONES)
def test_what_is_none_of_them_is_nothing(data: bytes) -> None:
    assert media_type_of(io.BytesIO(data)) is None


@pytest.mark.parametrize("make", LARGE_ONES.values(), ids=LARGE_ONES)
def test_what_is_too_large_inside_is_nothing(make: Callable[[], bytes]) -> None:
    assert media_type_of(io.BytesIO(make())) is None


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("签字件.pdf", "签字件.pdf"),
        ("签字件.PDF", "签字件.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\李\\审核表.pdf", "审核表.pdf"),
        ("..", "附件.pdf"),
        ("", "附件.pdf"),
        ("/", "附件.pdf"),
        (".pdf", "附件.pdf"),
        ("表.exe", "表.exe.pdf"),
        ("表\u202efdp.exe", "表fdp.exe.pdf"),
        ('a"; filename="b.pdf', "a_; filename=_b.pdf"),
        ("行\r\nSet-Cookie: a=b.pdf", "行 Set-Cookie_ a=b.pdf"),
        ("%2e%2e%2fa.pdf", "_2e_2e_2fa.pdf"),
        ("长" * 300 + ".pdf", "长" * 100 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(given: str, made: str) -> None:
    assert safe_file_name(given, MediaType.PDF) == made


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "attachments")


def kept(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]


def test_contents_are_kept_by_their_hash(store: ContentStore, tmp_path: Path) -> None:
    content = store.put(io.BytesIO(upload_files.PDF))
    digest = hashlib.sha256(upload_files.PDF).hexdigest()
    assert (content.sha256, content.size) == (digest, len(upload_files.PDF))
    assert kept(tmp_path) == [tmp_path / "attachments" / digest[:2] / digest]
    assert store.get(digest) == upload_files.PDF


def test_the_same_contents_twice_are_kept_once(store: ContentStore, tmp_path: Path) -> None:
    assert store.put(io.BytesIO(upload_files.PDF)) == store.put(io.BytesIO(upload_files.PDF))
    assert len(kept(tmp_path)) == 1


def test_a_source_that_breaks_off_leaves_nothing(store: ContentStore, tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError("cut off")
            return super().read(10)

    with pytest.raises(OSError, match="cut off"):
        store.put(Broken(upload_files.PDF))
    assert kept(tmp_path) == []


def test_other_bytes_are_never_given_out_and_the_right_ones_mend_it(
    store: ContentStore, tmp_path: Path
) -> None:
    digest = store.put(io.BytesIO(upload_files.PDF)).sha256
    place = kept(tmp_path)[0]
    place.write_bytes(upload_files.PDF + b" ")
    with pytest.raises(ContentLost):
        store.get(digest)
    place.unlink()
    with pytest.raises(ContentLost):
        store.get(digest)
    store.put(io.BytesIO(upload_files.PDF))
    assert store.get(digest) == upload_files.PDF


def test_what_a_killed_program_left_is_cleared_away_after_a_day(store: ContentStore, tmp_path: Path) -> None:
    incoming = tmp_path / "attachments" / ".incoming"
    incoming.mkdir(parents=True)
    old, new = incoming / "old", incoming / "new"
    for file in (old, new):
        file.write_bytes(b"half")
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    store.put(io.BytesIO(upload_files.PDF))
    assert list(incoming.iterdir()) == [new]


def uploaded(claim: str = NUMBER, name: str = "签字件.pdf") -> Attachment:
    return Attachment(
        id=upload_id(claim, "0" * 64),
        claim=claim,
        unit=POWER,
        file_name=name,
        media_type=MediaType.PDF,
        size=1,
        sha256="0" * 64,
        uploaded_by="handler",
        uploaded_at=beijing("Tue 2026-11-24 09:00"),
    )


def test_an_attachment_is_written_down_once(records: Records) -> None:
    first = uploaded()
    assert attachments.keep(records, first) == (first, True)
    assert attachments.keep(records, uploaded(name="又一次.pdf")) == (first, False)
    assert attachments.attachment(records, first.id) == first
    assert attachments.attachments_of(records, NUMBER) == [first]


def test_the_same_file_for_another_claim_is_another_attachment(records: Records) -> None:
    assert uploaded().id != uploaded("QH202611240002").id
    senders: tuple[dict[str, str], ...] = ({}, {"enterprise": "某公司"}, {"unit": POWER}, {"unit": WATER})
    assert len({upload_id(NUMBER, "0" * 64, **sender) for sender in senders}) == len(senders)
    assert attachments.attachment(records, uploaded().id) is None
    assert attachments.attachments_of(records, NUMBER) == []
