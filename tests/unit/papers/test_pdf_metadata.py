"""A PDF's metadata and the camera data of its photographs are removed; its pages stay."""

import io
import zipfile
import zlib

from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from documents.uploads.media_types import MediaType
from documents.uploads.pdf_metadata import without_author_data
from documents.uploads.pdf_pictures import pictures_in
from documents.uploads.picture_metadata import without_metadata

MAKE = 0x010F


def photo() -> bytes:
    exif, file = Image.Exif(), io.BytesIO()
    exif[MAKE] = "SecretCamera"
    Image.frombytes("RGB", (60, 80), bytes(n * 7 % 256 for n in range(60 * 80 * 3))).save(
        file, "JPEG", exif=exif
    )
    return file.getvalue()


def stream(dictionary: str, content: bytes) -> bytes:
    return f"<<{dictionary} /Length {len(content)}>>\nstream\n".encode() + content + b"\nendstream"


def pdf(
    *objects: bytes, info: bytes = b"<</Producer(Secret\\) Scanner (2))/Author<53656372 6574>/Title(Scan)>>"
) -> bytes:
    """Return a file with a valid cross-reference table."""
    parts = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>", info, *objects]
    written, places = bytearray(b"%PDF-1.5\n"), []
    for n, one in enumerate(parts, start=1):
        places.append(len(written))
        written += f"{n} 0 obj\n".encode() + one + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + table
    written += b"trailer\n<</Root 1 0 R/Info 3 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(parts) + 1,
        start,
    )
    return bytes(written)


def test_a_pdf_does_not_say_who_made_it_with_what() -> None:
    xmp = b"<x:xmpmeta><dc:creator>Secret</dc:creator></x:xmpmeta>" * 3
    objects = zlib.compress(b"9 0 <</Author(Secret)/Title(Kept)>>" + bytes(range(256)), 1)
    before = pdf(
        stream("/Type/Metadata/Subtype/XML", xmp),
        stream("/Type/Metadata/Subtype/XML/Filter/FlateDecode", zlib.compress(xmp)),
        stream("/Type/ObjStm/N 1/First 4/Filter/FlateDecode", objects),
        stream("/Subtype/Image/Width 60/Height 80/Filter/DCTDecode", photo()),
    )
    after = without_author_data(before)
    assert len(after) == len(before)
    assert b"Secret" not in after
    assert b"53656372" not in after
    info = PdfFileReader(io.BytesIO(after)).trailer_view["/Info"]
    assert str(info["/Title"]) == "Scan"
    assert (str(info["/Producer"]).strip(), str(info["/Author"]).strip()) == ("", "")
    packed = after[after.index(b"/ObjStm") :].partition(b"stream\n")[2]
    assert zlib.decompressobj().decompress(packed).startswith(b"9 0 <</Author(      )/Title(Kept)>>")
    was, now = next(pictures_in(before)).image, next(pictures_in(after)).image
    assert was is not None
    assert now is not None
    assert (now.tobytes(), dict(now.getexif())) == (was.tobytes(), {})


def test_a_sealed_pdf_stays_as_it_was() -> None:
    sealed = pdf(b"<</Type/Sig/ByteRange[0 1 2 3]>>")
    assert without_author_data(sealed) == sealed


def test_a_word_file_does_not_say_who_wrote_it() -> None:
    file = io.BytesIO()
    core = "<c:p><dc:creator>张三</dc:creator><cp:lastModifiedBy>李四</cp:lastModifiedBy><dc:title>证明</dc:title></c:p>"
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("docProps/core.xml", core)
        parts.writestr("docProps/app.xml", "<P><Company>某公司</Company><Pages>2</Pages></P>")
        parts.writestr("word/document.xml", "<w>张三</w>")
    with zipfile.ZipFile(without_metadata(file, MediaType.DOCX)) as parts:
        shown = {name: parts.read(name).decode() for name in parts.namelist()}
    assert shown["docProps/core.xml"] == (
        "<c:p><dc:creator></dc:creator><cp:lastModifiedBy></cp:lastModifiedBy><dc:title>证明</dc:title></c:p>"
    )
    assert shown["docProps/app.xml"] == "<P><Company></Company><Pages>2</Pages></P>"
    assert shown["word/document.xml"] == "<w>张三</w>"
