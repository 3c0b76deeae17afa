"""Finds the pictures in a PDF, as far as possible without a PDF reader."""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from PIL import Image

from documents.uploads.active_pdf import Hidden, streams

_PICTURE: Final = re.compile(rb"/Subtype\s*/Image(?![A-Za-z0-9])")
_NUMBER: Final = rb"\s+(\d{1,6})(?!\s+\d+\s+R)(?!\d)"
_WIDTH: Final = re.compile(rb"/Width" + _NUMBER)
_HEIGHT: Final = re.compile(rb"/Height" + _NUMBER)
_BITS: Final = re.compile(rb"/BitsPerComponent" + _NUMBER)
_PREDICTOR: Final = re.compile(rb"/Predictor" + _NUMBER)
_FILTERS: Final = re.compile(rb"/(\w+Decode)\b")
_SPACES: Final = {b"/DeviceGray": ("L", 1, 0), b"/DeviceRGB": ("RGB", 3, 2)}
"""For each colour space: Pillow's mode, bytes per pixel, and PNG's colour type."""
_BITS_OF_A_COLOUR: Final = 8
_PNG_ROWS: Final = 10
"""From this predictor on, rows use PNG filters."""


class PdfPicture(NamedTuple):
    """A picture. `image` is None if only its size is known. `is_bilevel` means black and white, as fax
    scanners write it.
    """

    width: int
    height: int
    size: int
    is_bilevel: bool
    is_lossless: bool
    image: Image.Image | None


def pictures_in(pdf: bytes) -> Iterator[PdfPicture]:
    """Yield all pictures including masks. Stops at the first content that cannot be searched."""
    try:
        for stream in streams(pdf):
            if _PICTURE.search(stream.dictionary):
                yield _picture(stream.dictionary, stream.content.tobytes())
    except Hidden:
        return


def _picture(dictionary: bytes, content: bytes) -> PdfPicture:
    width, height = _number(_WIDTH, dictionary), _number(_HEIGHT, dictionary)
    filters = [found[1] for found in _FILTERS.finditer(dictionary)]
    bits = _number(_BITS, dictionary) or 1
    is_lossy = {b"DCTDecode", b"JPXDecode"} & set(filters)
    image = _lossy(content) if is_lossy and len(filters) == 1 else None
    if not is_lossy and bits != 1 and set(filters) <= {b"FlateDecode"}:
        image = _lossless(dictionary, content, (width, height))
    return PdfPicture(width, height, len(content), bits == 1 and not is_lossy, not is_lossy, image)


def _number(pattern: re.Pattern[bytes], dictionary: bytes) -> int:
    found = pattern.search(dictionary)
    return int(found[1]) if found else 0


def _lossy(content: bytes) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(content), formats=["JPEG", "JPEG2000"])
    except (OSError, ValueError, SyntaxError):
        return None


def _lossless(dictionary: bytes, content: bytes, size: tuple[int, int]) -> Image.Image | None:
    """Return a picture of eight bits per colour, grey or RGB; None for others."""
    space = next((one for name, one in _SPACES.items() if name in dictionary), None)
    if space is None or _number(_BITS, dictionary) != _BITS_OF_A_COLOUR or not all(size):
        return None
    mode, channels, png_colour = space
    try:
        if _number(_PREDICTOR, dictionary) >= _PNG_ROWS:
            return _png(size, png_colour, content)
        packed = b"FlateDecode" in dictionary
        room = size[0] * size[1] * channels
        dots = zlib.decompressobj().decompress(content, room) if packed else content[:room]
        return Image.frombytes(mode, size, dots)
    except (OSError, ValueError, SyntaxError, zlib.error):
        return None


def _png(size: tuple[int, int], colour: int, content: bytes) -> Image.Image:
    """Return the compressed rows as a PNG."""
    head = struct.pack(">IIBBBBB", *size, 8, colour, 0, 0, 0)
    chunks = b"".join(_chunk(*one) for one in ((b"IHDR", head), (b"IDAT", content), (b"IEND", b"")))
    return Image.open(io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunks), formats=["PNG"])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
