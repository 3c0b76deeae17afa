"""Camera data are removed from pictures; the picture stays."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image, ImageOps, PngImagePlugin

from documents.uploads.media_types import MediaType
from documents.uploads.picture_metadata import without_metadata
from tests.support.api import upload_files

PLACE = "枣庄市某厂".encode().decode("latin-1")
GPS, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


def photo(orientation: int, *, progressive: bool = False) -> bytes:
    exif = Image.Exif()
    exif[MAKE], exif[ORIENTATION] = "SecretCamera", orientation
    exif.get_ifd(GPS)[1] = "N"
    file = io.BytesIO()
    colours = Image.frombytes("RGB", (60, 80), bytes(n * 7 % 256 for n in range(60 * 80 * 3)))
    colours.save(file, "JPEG", exif=exif, comment=b"SecretComment", progressive=progressive)
    return file.getvalue()


def cleaned(data: bytes, media_type: MediaType) -> bytes:
    return without_metadata(io.BytesIO(data), media_type).read()


def seen(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return ImageOps.exif_transpose(picture).tobytes()


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_photograph_says_nothing_of_where_and_with_what(orientation: int, progressive: bool) -> None:
    before = photo(orientation, progressive=progressive)
    after = cleaned(before + b"\xff\xd8SecretSecondPicture", MediaType.JPEG)
    assert b"Secret" in before
    assert b"Secret" not in after
    assert seen(after) == seen(before)
    with Image.open(io.BytesIO(after)) as picture:
        assert dict(picture.getexif()) == ({ORIENTATION: 6} if orientation == 6 else {})


def test_a_png_says_nothing_either() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "SecretAuthor")
    told.add_itxt("Place", "SecretPlace")
    file = io.BytesIO()
    with Image.open(io.BytesIO(upload_files.PNG)) as picture:
        picture.save(file, "PNG", pnginfo=told)
    own = struct.pack(">I", 6) + b"prVtSecret" + struct.pack(">I", zlib.crc32(b"prVtSecret"))
    data = file.getvalue()
    after = cleaned(data[:33] + own + data[33:] + b"SecretTail", MediaType.PNG)
    assert b"Secret" not in after
    assert seen(after) == seen(upload_files.PNG)


def test_a_small_copy_beside_the_picture_is_left_out() -> None:
    data = photo(1)
    copy = b"JFXX\0\x13SecretCopy"
    extended = data[:2] + b"\xff\xe0" + struct.pack(">H", len(copy) + 2) + copy + data[2:]
    assert b"Secret" not in cleaned(extended, MediaType.JPEG)


def test_pictures_in_a_word_file_say_nothing_of_where_they_were_taken() -> None:
    with_photo = upload_files.changed({"word/media/image1.jpeg": photo(1)})
    after = cleaned(with_photo, MediaType.DOCX)
    with zipfile.ZipFile(io.BytesIO(after)) as parts:
        assert b"Secret" not in parts.read("word/media/image1.jpeg")
        assert "word/document.xml" in parts.namelist()
    assert cleaned(after, MediaType.DOCX) == after


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (upload_files.PNG, MediaType.PNG),
        (upload_files.JPEG, MediaType.JPEG),
        (upload_files.PDF, MediaType.PDF),
    ],
)
def test_a_file_without_any_stays_as_it_is(data: bytes, media_type: MediaType) -> None:
    assert cleaned(data, media_type) == data
