"""Removes a PDF's metadata: authors, programs, devices, and the camera data of its photographs.

Offsets stay the same, so that the cross-reference table remains valid: texts become spaces, and shortened
streams are padded. A PDF with an electronic seal is not changed, as that would break the seal. Metadata in
other objects, or compressed better than we can, remain.
"""

import re
import zlib
from typing import Final

from documents.uploads.active_pdf import Hidden, streams
from documents.uploads.picture_metadata import without_segments

_SEAL: Final = b"/ByteRange"
_MAKER: Final = re.compile(
    rb"(/(?:Author|Creator|Producer|Company|Manager)\s*)"
    rb"(\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.){0,100}+\)){0,1000}+\)|<[0-9A-Fa-f\s]*+>)",
    re.DOTALL,
)
_XML: Final = re.compile(rb"/Subtype\s*/XML(?![A-Za-z0-9])")
_JPEG: Final = re.compile(rb"/Filter\s*(?:\[\s*/DCTDecode\s*\]|/DCTDecode(?![A-Za-z0-9]))")
_FLATE: Final = re.compile(rb"/Filter\s*(?:\[\s*/FlateDecode\s*\]|/FlateDecode(?![A-Za-z0-9]))")
_OBJECTS: Final = re.compile(rb"/Type\s*/ObjStm(?![A-Za-z0-9])")
_LARGEST_UNPACKED: Final = 64 * 1024 * 1024
_BEST: Final = 9


def without_author_data(pdf: bytes) -> bytes:
    """Return the PDF without its makers' metadata, with the same length."""
    if _SEAL in pdf:
        return pdf
    clean = bytearray(_blanked(pdf))
    try:
        for stream in streams(pdf):
            body = stream.content.tobytes().rstrip(b"\r\n")
            if (new := _clean_stream(stream.dictionary, body)) and len(new) <= len(body):
                clean[stream.start : stream.start + len(body)] = new.ljust(len(body), b"\0")
    except Hidden:
        return pdf
    return bytes(clean)


def _clean_stream(dictionary: bytes, body: bytes) -> bytes:
    """Return the cleaned stream, or empty bytes to leave it as it is."""
    is_packed = _FLATE.search(dictionary) is not None
    if _XML.search(dictionary):
        if is_packed:
            return zlib.compress(b" ")
        return b"" if b"/Filter" in dictionary else b" " * len(body)
    if _JPEG.search(dictionary):
        return without_segments(body)
    if is_packed and _OBJECTS.search(dictionary):
        return _clean_objects(body)
    return b""


def _clean_objects(body: bytes) -> bytes:
    try:
        objects = zlib.decompressobj().decompress(body, _LARGEST_UNPACKED)
    except zlib.error:
        return b""
    clean = _blanked(objects)
    return zlib.compress(clean, _BEST) if clean != objects else b""


def _blanked(data: bytes) -> bytes:
    return _MAKER.sub(
        lambda found: found[1] + found[2][:1] + b" " * (len(found[2]) - 2) + found[2][-1:], data
    )
