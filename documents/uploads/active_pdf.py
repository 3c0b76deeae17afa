"""Detects active content in a PDF.

Searches for the names of actions, including spellings with `#xx` and names in compressed object streams.
Content that cannot be searched (encryption, unusual filters) is refused as well. A harmless file that only
mentions such a name may be refused; the message says what was found.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple


def _spelt(*names: str) -> bytes:
    """Return a pattern for these names, with each character as itself or as `#xx`."""
    return b"/(?:%s)(?![A-Za-z0-9])" % b"|".join(
        b"".join(b"(?:%c|(?i:#%02x))" % (ord(one), ord(one)) for one in name) for name in names
    )


_VALUE: Final = rb"\s*(?:<<|\[|\d+\s+\d+\s+R)"
"""Matches what follows a name that is short enough to occur in image data by chance."""
_ACTIONS: Final = {
    "脚本（JavaScript）": _spelt("JavaScript"),
    "启动程序（Launch）": _spelt("Launch"),
    "嵌入的文件": _spelt("EmbeddedFile", "EmbeddedFiles", "GoToE") + b"|" + _spelt("EF") + _VALUE,
    "打开别处文件的动作（GoToR）": _spelt("GoToR"),
    "富媒体": _spelt("RichMedia", "Movie", "Rendition") + b"|" + _spelt("Subtype") + rb"\s*" + _spelt("3D"),
    "动态表单（XFA）": _spelt("XFA") + _VALUE,
    "导入数据": _spelt("ImportData"),
    "提交表单": _spelt("SubmitForm"),
}
_NAMES: Final = {found: re.compile(pattern) for found, pattern in _ACTIONS.items()}
_ANY: Final = re.compile(b"|".join(_ACTIONS.values()))
_ADDRESS: Final = re.compile(_spelt("URI"))
_BY_ITSELF: Final = re.compile(_spelt("OpenAction") + rb"\s*(?:<<|\d)|" + _spelt("AA") + _VALUE)
"""An action without a click. An array is only the destination of the first view."""
_ENCRYPTED: Final = re.compile(_spelt("Encrypt"))
_OBJECT_STREAM: Final = re.compile(_spelt("ObjStm"))
_OBJECTS: Final = re.compile(_spelt("ObjStm", "First"))
"""Not all readers check the type of an object stream."""
_FILTER: Final = re.compile(_spelt("Filter"))
_FLATE: Final = re.compile(
    _spelt("Filter") + rb"\s*(?:\[\s*/FlateDecode\s*\]|/FlateDecode(?![A-Za-z0-9])(?!\s*/\w+Decode))"
)
_PARAMETERS: Final = re.compile(_spelt("DecodeParms"))
_STREAM: Final = re.compile(rb"(?<!end)stream(?:\r\n|\n|\r|[ \t]+\r?\n)")
_NUMBERS: Final = re.compile(rb"[\s\0]*\d+\s+\d+\s")
"""An object stream starts with the numbers and offsets of its objects."""
_HIDDEN: Final = "无法检查的压缩内容"
_LARGEST_UNPACKED: Final = 64 * 1024 * 1024
"""Maximum bytes of all searched streams."""
_MOST_STREAMS: Final = 100_000
_LONGEST_DICTIONARY: Final = 64 * 1024
_PIECE: Final = 64 * 1024


class Hidden(Exception):
    """The PDF has content that cannot be searched and that no legitimate file needs."""


class Stream(NamedTuple):
    """A stream in the file. `start` is the offset of its content."""

    dictionary: bytes
    content: memoryview
    start: int


def action_in_pdf(data: bytes) -> str:
    """Return a description of the PDF's active content in Chinese; empty if there is none."""
    if _ENCRYPTED.search(data):
        return "加密（无法检查内容）"
    is_opening = is_address = False
    try:
        for part in _parts(data):
            if found := _ANY.search(part):
                return next(said for said, names in _NAMES.items() if names.match(part, found.start()))
            is_opening = is_opening or _BY_ITSELF.search(part) is not None
            is_address = is_address or _ADDRESS.search(part) is not None
    except Hidden:
        return _HIDDEN
    return "一打开就访问网址的动作" if is_opening and is_address else ""


def _parts(data: bytes) -> Iterator[bytes]:
    """Yield the file and its compressed objects. Raises Hidden."""
    yield data
    room, declared = _LARGEST_UNPACKED, len(_OBJECT_STREAM.findall(data))
    for stream in streams(data):
        if _OBJECTS.search(stream.dictionary):
            declared -= len(_OBJECT_STREAM.findall(stream.dictionary))
            unpacked = _objects(stream, room)
        elif _NUMBERS.match(_start_of(stream.content)):
            unpacked, _ = _unpacked(stream.content, room)
        else:
            continue
        room -= len(unpacked)
        yield unpacked
    if declared > 0:
        raise Hidden


def streams(data: bytes) -> Iterator[Stream]:
    """Yield every stream with the text between the previous object's end and its start. Raises Hidden."""
    view = memoryview(data)
    for count, found in enumerate(_STREAM.finditer(data)):
        if count == _MOST_STREAMS:
            raise Hidden
        earliest = max(0, found.start() - _LONGEST_DICTIONARY)
        before = max(data.rfind(word, earliest, found.start()) for word in (b"endstream", b"endobj"))
        end = data.find(b"endstream", found.end())
        content = view[found.end() : max(end, found.end())]
        yield Stream(data[max(before, earliest) : found.start()], content, found.end())


def _objects(stream: Stream, room: int) -> bytes:
    """Return the contents of an object stream. Raises Hidden for an unsupported compression."""
    if not _FILTER.search(stream.dictionary):
        return b""  # uncompressed: searched with the whole file
    if not _FLATE.search(stream.dictionary) or _PARAMETERS.search(stream.dictionary):
        raise Hidden
    unpacked, is_whole = _unpacked(stream.content, room)
    if not is_whole:
        raise Hidden
    return unpacked


def _start_of(packed: memoryview) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed[:_PIECE], 64)
    except zlib.error:
        return b""


def _unpacked(packed: memoryview, room: int) -> tuple[bytes, bool]:
    """Return the decompressed bytes, and whether they are complete. Raises Hidden if there are more than a
    legitimate file has.
    """
    unpacking, pieces, size = zlib.decompressobj(), [], 0
    try:
        for start in range(0, len(packed), _PIECE):
            pieces.append(unpacking.decompress(packed[start : start + _PIECE], room - size + 1))
            size += len(pieces[-1])
            if size > room:
                raise Hidden
    except zlib.error:
        return b"".join(pieces), False
    return b"".join(pieces), unpacking.eof
