"""Removes metadata from pictures (place, time, device, author) and from Word files (author, origin).

Image data are not re-encoded: only segments and chunks with metadata are removed. The orientation is kept.
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO, Final

from PIL import Image

from documents.uploads.media_types import MediaType

_FILL, _SCAN, _END, _COMMENT, _PROFILE = 0xFF, 0xDA, 0xD9, 0xFE, 0xE2
"""JPEG markers, each after a byte 0xFF."""
_APPLICATIONS: Final = range(0xE0, 0xF0)
_JFIF, _ADOBE = 0xE0, 0xEE
"""Application segments that affect how the picture is shown: JFIF (whose extensions hold thumbnails) and
Adobe's transform.
"""
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
"""The end of a scan. Within a scan, 0xFF is followed by a zero or a restart marker."""
_SHORTEST: Final = 2
_ORIENTATION: Final = 0x0112
_NEEDED: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs"}) | frozenset(
    {b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP"}
)
"""PNG chunks that affect how the picture is shown. All others hold text, times or unknown data."""
_PROPERTIES: Final = ("docProps/core.xml", "docProps/app.xml")
_PERSONS: Final = re.compile(rb"(<(dc:creator|cp:lastModifiedBy|Company|Manager)(?:\s[^>]*)?>)[^<]*(</\2>)")
_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_START: Final = b"\xff\xd8\xff"


def without_metadata(file: BinaryIO, media_type: MediaType) -> BinaryIO:
    """Return the picture, or the Word file and its pictures, without metadata; other files unchanged.

    The result is positioned at its start.
    """
    file.seek(0)
    if media_type is MediaType.JPEG:
        data = file.read()
        return io.BytesIO(b"".join((data[:2], _turned(data), *_shown_segments(data))))
    if media_type is MediaType.PNG:
        return io.BytesIO(_PNG_START + b"".join(_shown_chunks(file.read())))
    if media_type is MediaType.DOCX:
        return _with_clean_parts(file)
    return file


def without_segments(jpeg: bytes) -> bytes:
    """Return a JPEG from a PDF without metadata and orientation; empty if it is no JPEG."""
    return jpeg[:2] + b"".join(_shown_segments(jpeg)) if jpeg.startswith(_JPEG_START) else b""


def _with_clean_parts(file: BinaryIO) -> BinaryIO:
    """Return a Word file without metadata; the same file if it has none."""
    with zipfile.ZipFile(file) as parts:
        clean = {part.filename: found for part in parts.infolist() if (found := _cleaned(parts, part))}
        if clean:
            written = io.BytesIO()
            with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as copy:
                for part in parts.infolist():
                    copy.writestr(part, clean.get(part.filename) or parts.read(part))
            written.seek(0)
            return written
    file.seek(0)
    return file


def _cleaned(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """Return a part of a Word file without metadata; empty if it has none."""
    if part.filename in _PROPERTIES:
        data = parts.read(part)
        return clean if (clean := _PERSONS.sub(rb"\1\3", data)) != data else b""
    with parts.open(part) as content:
        start = content.read(len(_PNG_START))
        known = {_PNG_START: MediaType.PNG, _JPEG_START: MediaType.JPEG}
        media_type = next((one for begins, one in known.items() if start.startswith(begins)), None)
        if media_type is None:
            return b""
        data = start + content.read()
    try:
        clean = without_metadata(io.BytesIO(data), media_type).read()
    except (OSError, SyntaxError, ValueError):
        return b""  # not a picture that Word would show
    return clean if clean != data else b""


def _shown_segments(data: bytes) -> Iterator[bytes]:
    """Yield the segments to keep. A second picture after the first, as phones write it, is dropped."""
    at = 2
    while at + _SHORTEST <= len(data):
        kind = data[at + 1]
        if kind == _FILL:
            at += 1
            continue
        if kind == _END:
            break
        length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if _is_shown(kind, data[at + 4 : at + length]):
            yield data[at : at + length]
        at += length
        if kind == _SCAN:
            following = _MARKER.search(data, at)
            end = following.start() if following else len(data)
            yield data[at:end]
            at = end
    yield bytes([_FILL, _END])


def _is_shown(kind: int, content: bytes) -> bool:
    if kind == _PROFILE:
        return content.startswith(b"ICC_PROFILE")
    if kind == _JFIF:
        return content.startswith(b"JFIF\0")
    return kind != _COMMENT and (kind not in _APPLICATIONS or kind == _ADOBE)


def _turned(data: bytes) -> bytes:
    """Return a segment with only the orientation; empty for an upright picture."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
        orientation = picture.getexif().get(_ORIENTATION, 1)
    if orientation not in range(2, 9):
        return b""
    kept = Image.Exif()
    kept[_ORIENTATION] = orientation
    content = kept.tobytes()
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content


def _shown_chunks(data: bytes) -> Iterator[bytes]:
    at = len(_PNG_START)
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind in _NEEDED:
            yield data[at : at + 12 + length]
        if kind == b"IEND":
            return
        at += 12 + length
