"""What a file would do when somebody opens it: scripts, programs, macros, things fetched from elsewhere.

A PDF is searched for the names of such actions, also where they are spelt with `#xx` or stand in compressed object streams;
what could hide them from us (encryption, unusual filters) is refused as well. It is a search for names, so it may refuse a
harmless file that only mentions one; it says what it found.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final
from xml.etree import ElementTree

from documents.media_types import MediaType

_PDF_ACTIONS: Final = {
    b"JavaScript": "脚本（JavaScript）",
    b"Launch": "启动程序（Launch）",
    b"EmbeddedFile": "嵌入的文件",
    b"EmbeddedFiles": "嵌入的文件",
    b"RichMedia": "富媒体",
    b"XFA": "动态表单（XFA）",
    b"ImportData": "导入数据",
    b"SubmitForm": "提交表单",
    b"GoToE": "嵌入的文件",
}
_NAME: Final = re.compile(rb"/(" + b"|".join(_PDF_ACTIONS) + rb")(?![A-Za-z0-9])")
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_ENCRYPTED: Final = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
_OBJECT_STREAM: Final = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
_STREAM: Final = re.compile(rb"stream\r?\n")
_LONGEST_DICTIONARY: Final = 4096
_FILTER: Final = re.compile(
    rb"/Filter\s*(\[\s*/FlateDecode\s*\]|/FlateDecode(?![A-Za-z0-9])(?!\s*/\w+Decode))"
)
_HIDDEN: Final = "无法检查的压缩内容"
_LARGEST_UNPACKED: Final = 64 * 1024 * 1024
"""Maximum bytes of all object streams of a PDF, or of the parts of a Word file that are searched."""

_PARTS: Final = re.compile(r"(vbaproject|vbadata|activex|oleobject|macro)|(^|/)embeddings/", re.IGNORECASE)
_TYPES: Final = re.compile(rb"vbaProject|vbaData|macroEnabled|activeX|oleObject", re.IGNORECASE)
_FIELDS: Final = re.compile(r"\b(DDEAUTO|DDE|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK)\b", re.IGNORECASE)
_LINKS: Final = ("hyperlink",)
"""The external relationships that are allowed: links, which somebody has to click."""
_INSTRUCTIONS: Final = ("instrText", "fldSimple")


def active_content(file: BinaryIO, media_type: MediaType) -> str:
    """What a file would do, in Chinese; empty where it would do nothing. Leaves the file at its start."""
    file.seek(0)
    try:
        if media_type is MediaType.PDF:
            return _in_pdf(file.read())
        if media_type is MediaType.DOCX:
            return _in_docx(file)
        return ""
    finally:
        file.seek(0)


def _in_pdf(data: bytes) -> str:
    plain = _spelt_out(data)
    if _ENCRYPTED.search(plain):
        return "加密（无法检查内容）"
    if found := _NAME.search(plain):
        return _PDF_ACTIONS[found[1]]
    room = _LARGEST_UNPACKED
    streams = list(_object_streams(data))
    if len(streams) < len(_OBJECT_STREAM.findall(plain)):
        return _HIDDEN
    for packed in streams:
        unpacked = _unpacked(packed, room) if packed is not None else None
        if unpacked is None:
            return _HIDDEN
        room -= len(unpacked)
        if found := _NAME.search(_spelt_out(unpacked)):
            return _PDF_ACTIONS[found[1]]
    return ""


def _spelt_out(data: bytes) -> bytes:
    """The text with `#xx` in names decoded."""
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data) if b"#" in data else data


def _object_streams(data: bytes) -> Iterator[memoryview | None]:
    """The packed contents of every object stream; None for a stream whose compression we cannot read."""
    for start in _STREAM.finditer(data):
        before = data[max(0, start.start() - _LONGEST_DICTIONARY) : start.start()]
        dictionary = _spelt_out(before[before.rfind(b" obj") + 1 :])
        if not _OBJECT_STREAM.search(dictionary):
            continue
        end = data.find(b"endstream", start.end())
        is_plainly_packed = _FILTER.search(dictionary) and b"/DecodeParms" not in dictionary
        yield memoryview(data)[start.end() : end] if is_plainly_packed and end > 0 else None


def _unpacked(packed: memoryview, room: int) -> bytes | None:
    """None if it is damaged, truncated, or larger than any honest stream."""
    unpacking = zlib.decompressobj()
    try:
        unpacked = unpacking.decompress(packed, room + 1)
    except zlib.error:
        return None
    return unpacked if unpacking.eof and len(unpacked) <= room else None


def _in_docx(file: BinaryIO) -> str:
    with zipfile.ZipFile(file) as parts:
        room = _LARGEST_UNPACKED
        for part in parts.infolist():
            if _PARTS.search(part.filename):
                return "宏、控件或嵌入的对象"
            if not part.filename.lower().endswith((".xml", ".rels")):
                continue
            room -= part.file_size
            if room < 0:
                return "过大而无法检查的内容"
            if found := _in_part(part.filename.lower(), parts.read(part)):
                return found
    return ""


def _in_part(name: str, data: bytes) -> str:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return "文档类型声明（DTD）"
    if name == "[content_types].xml" and _TYPES.search(data):
        return "宏、控件或嵌入的对象"
    try:
        if name.endswith(".rels"):
            return _fetched_from_outside(data)
        return _fields(data)
    except ElementTree.ParseError:
        return "无法检查的内容"


def _fetched_from_outside(data: bytes) -> str:
    """A template, picture or object that Word would fetch by itself."""
    for relation in ElementTree.fromstring(data):
        kind = relation.get("Type", "").rsplit("/", 1)[-1]
        target = relation.get("Target", "")
        is_outside = relation.get("TargetMode", "").lower() == "external" or "://" in target
        if is_outside and kind not in _LINKS:
            return f"外部内容（{kind[:40]}）"
        if kind.lower() in ("afchunk", "attachedtemplate") or target.lower().startswith(("mhtml:", "file:")):
            return f"外部内容（{kind[:40]}）"
    return ""


def _fields(data: bytes) -> str:
    """A field's instruction may be spread over several runs."""
    instructions = []
    for _, element in ElementTree.iterparse(io.BytesIO(data)):
        tag = element.tag.rsplit("}", 1)[-1]
        if tag in _INSTRUCTIONS:
            attributes = [value for name, value in element.items() if name.endswith("instr")]
            instructions.append("".join([*attributes, element.text or ""]))
    found = _FIELDS.search("".join(instructions)) or _FIELDS.search(" ".join(instructions))
    return f"自动更新的域（{found[1].upper()}）" if found else ""
