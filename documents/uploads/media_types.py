"""Detects the type of a file from its content, regardless of its name."""

import io
import re
import zipfile
import zlib
from enum import StrEnum
from typing import BinaryIO, Final
from xml.etree import ElementTree

import filetype
from PIL import Image


class MediaType(StrEnum):
    """The accepted file types."""

    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


ENDINGS: Final = {
    MediaType.PDF: (".pdf",),
    MediaType.PNG: (".png",),
    MediaType.JPEG: (".jpg", ".jpeg"),
    MediaType.DOCX: (".docx",),
}
"""The extensions of each type. A file with any other extension gets the first."""

SCANNED: Final = (MediaType.PDF, MediaType.PNG, MediaType.JPEG)
"""Types that can show a signature or a seal, which a Word file cannot."""

_HEAD: Final = 8192
_TAIL: Final = 4096
_LARGEST_PICTURE: Final = 80_000_000
"""Pixels. An A4 page at 800 dpi has 62 million."""
_END_OF_PDF: Final = re.compile(rb"startxref\s+\d+\s+%%EOF")
_MAIN_PART: Final = f"{MediaType.DOCX}.main+xml"
_TYPES: Final = "[Content_Types].xml"
_TYPES_NAMESPACE: Final = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_ROOTS: Final = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}document",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}document",
)
_MOST_PARTS: Final = 5000
_LARGEST: Final = 200 * 1024 * 1024
"""Maximum bytes of all parts, uncompressed."""
_CANNOT_BE_READ: Final = (KeyError, RuntimeError, ValueError, OSError, EOFError, zlib.error)
"""Errors raised for a damaged, encrypted or forged zip or picture. RuntimeError includes NotImplementedError;
OSError is raised for a truncated picture.
"""
_LONGEST_LIST: Final = 1024 * 1024
"""Maximum bytes of the central directory."""


def media_type_of(file: BinaryIO) -> MediaType | None:
    """Return the type of a seekable file, or None if it is not accepted."""
    file.seek(0)
    guessed = filetype.guess_mime(file.read(_HEAD))
    try:
        if guessed in (MediaType.PNG, MediaType.JPEG):
            return MediaType(guessed) if _is_picture(file, MediaType(guessed)) else None
        if guessed == MediaType.PDF:
            return MediaType.PDF if _is_pdf(file) else None
        if guessed in (MediaType.DOCX, "application/zip") and _is_docx(file):
            return MediaType.DOCX
        return None
    finally:
        file.seek(0)


def _is_picture(file: BinaryIO, media_type: MediaType) -> bool:
    """Return whether the picture is complete and no larger than a scan."""
    file.seek(0)
    try:
        with Image.open(file, formats=[media_type.name]) as picture:
            if media_type is MediaType.PNG:
                picture.verify()  # checks every part's CRC
            else:
                picture.draft("L", (picture.width // 8, picture.height // 8))
                picture.load()
            return picture.width * picture.height <= _LARGEST_PICTURE
    except (*_CANNOT_BE_READ, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return False


def _is_pdf(file: BinaryIO) -> bool:
    """Return whether the file ends with a trailer that locates the cross-reference table."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _TAIL))
    return _END_OF_PDF.search(file.read(_TAIL)) is not None


def _is_docx(file: BinaryIO) -> bool:
    """Return whether the file is a complete zip with a Word document listed in its content types, without macros."""
    try:
        with zipfile.ZipFile(file) as parts:
            return _is_modest(parts) and _main_part_is_a_document(parts)
    except (zipfile.BadZipFile, ElementTree.ParseError, _Suspicious, *_CANNOT_BE_READ):
        return False


class _Suspicious(Exception):
    """The file has something that no legitimate Word file contains."""


def _is_modest(parts: zipfile.ZipFile) -> bool:
    """Return whether the zip is no zip bomb and has the structure that Word writes."""
    listed = parts.infolist()
    names = [part.filename for part in listed]
    return (
        len(listed) <= _MOST_PARTS
        and sum(part.file_size for part in listed) <= _LARGEST
        and len(set(names)) == len(names)
        and not any(name.endswith("vbaProject.bin") for name in names)
    )


def _main_part_is_a_document(parts: zipfile.ZipFile) -> bool:
    types = ElementTree.fromstring(_read(parts, _TYPES, _LONGEST_LIST))
    named = [
        override.get("PartName", "").lstrip("/")
        for override in types.iter(f"{_TYPES_NAMESPACE}Override")
        if override.get("ContentType") == _MAIN_PART
    ]
    return len(named) == 1 and _root_of(_read(parts, named[0], _HEAD)) in _ROOTS


def _root_of(head: bytes) -> str:
    """Return the tag of the first element. The rest is not decompressed here."""
    for _, element in ElementTree.iterparse(io.BytesIO(head), events=("start",)):
        return str(element.tag)
    return ""


def _read(parts: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return the first bytes of a part. Raises _Suspicious for a DTD, which Word never writes."""
    with parts.open(name) as part:
        data = part.read(most)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _Suspicious(name)
    return data
