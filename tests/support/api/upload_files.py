"""Files for uploads, valid and forged."""

import io
import zipfile
from collections.abc import Mapping
from functools import cache

from docx import Document
from PIL import Image

from demo.scan import scan_of


def picture(format: str, size: tuple[int, int] = (600, 800)) -> bytes:
    """Return a picture in which every pixel has another colour."""
    file = io.BytesIO()
    dots = (bytes(n * 7 % 256 for n in range(256)) * (size[0] * size[1] // 256 + 1))[: size[0] * size[1]]
    Image.frombytes("L", size, dots).save(file, format, quality=20)
    return file.getvalue()


PDF = scan_of(b"paper")
PNG = picture("PNG")
JPEG = picture("JPEG")
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
TYPES = "[Content_Types].xml"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@cache
def docx(text: str = "签字件") -> bytes:
    """Return a Word file with one line."""
    paper, file = Document(), io.BytesIO()
    paper.add_paragraph(text)
    paper.save(file)
    return file.getvalue()


def zipped(**parts: str) -> bytes:
    """Return a zip with these parts; `types` is the list of content types."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        for name, content in parts.items():
            written.writestr(TYPES if name == "types" else name, content)
    return file.getvalue()


def changed(add: Mapping[str, str | bytes], leave_out: tuple[str, ...] = ()) -> bytes:
    """Return a Word file with some parts added or removed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx())) as parts, zipfile.ZipFile(file, "w") as written:
        for name in parts.namelist():
            if name not in leave_out and name not in add:
                written.writestr(name, parts.read(name))
        for name, content in add.items():
            written.writestr(name, content)
    return file.getvalue()
