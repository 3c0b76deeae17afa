"""Detects active content in a Word file: macros, objects, self-updating fields, external resources.

All XML parts are read, whatever their names.
"""

import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import BinaryIO, Final
from xml.etree import ElementTree

_PROGRAM: Final = "宏、控件或嵌入的对象"
_TOO_LARGE: Final = "过大而无法检查的内容"
_UNREADABLE: Final = "无法检查的内容"
_PARTS: Final = re.compile(r"(vbaproject|vbadata|activex|oleobject|macro)|(^|/)embeddings/", re.IGNORECASE)
_TYPES: Final = re.compile(r"vbaProject|vbaData|macroEnabled|activeX|oleObject", re.IGNORECASE)
_PROGRAMS: Final = (b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"MZ", b"\x7fELF", b"#!")
"""The first bytes of OLE objects, packages and programs."""
_OBJECT_KINDS: Final = frozenset(
    {
        *("oleobject", "package", "control", "activexcontrolbinary", "vbaproject", "wordvbadata"),
        *("keymapcustomizations", "attachedtoolbars"),
    }
)
_FETCHING_KINDS: Final = frozenset(
    {"attachedtemplate", "afchunk", "frame", "subdocument", "mailmergesource", "mailmergeheadersource"}
)
"""Relationship types (lower case) that no paper needs, whatever their target."""
_LINK: Final = re.compile(r"(https?|mailto|tel):|#|(?![/\\])[^:\\]*$", re.IGNORECASE)
"""Allowed targets of an external link, which a person has to click."""
_FIELDS: Final = frozenset(
    {
        *("DDE", "DDEAUTO", "LINK", "EMBED", "IMPORT", "INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE"),
        *("DATABASE", "CONTROL", "MACROBUTTON", "RD"),
    }
)
_CODES: Final = re.compile(r"\s*QUOTE(\s+\d+){2,}", re.IGNORECASE)
"""Text written as character codes, to hide its meaning."""
_WORD: Final = re.compile(r"\s*([A-Za-z]+)")
_OUTSIDE: Final = re.compile(r"\s*(https?:|ftp:|file:|mhtml:|\\\\|//)", re.IGNORECASE)
_XML_STARTS: Final = (b"<", b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe", b"\0<")
_LARGEST: Final = 64 * 1024 * 1024
"""Maximum bytes of all XML parts."""
_MOST_ELEMENTS: Final = 2_000_000
_DEEPEST: Final = 500
_CANNOT_BE_READ: Final = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
)
"""Errors raised for a damaged, encrypted or forged part. RuntimeError includes NotImplementedError."""


class _Found(Exception):
    """Stops the parser; the message says what was found."""


def action_in_word(file: BinaryIO) -> str:
    """Return a description of the Word file's active content in Chinese; empty if there is none."""
    try:
        with zipfile.ZipFile(file) as parts:
            return _in_parts(parts)
    except ElementTree.ParseError:
        return _UNREADABLE
    except _CANNOT_BE_READ:
        return f"{_UNREADABLE}（文件已损坏或加密）"


def _in_parts(parts: zipfile.ZipFile) -> str:
    room, elements = _LARGEST, _Elements()
    try:
        for part in parts.infolist():
            with parts.open(part) as content:
                start = content.read(64)
                if _PARTS.search(part.filename) or start.startswith(_PROGRAMS):
                    return _PROGRAM
                if not start.lstrip().startswith(_XML_STARTS):
                    continue
                room -= part.file_size
                if room < 0:
                    return _TOO_LARGE
                _read(start + content.read(), elements, is_relations=part.filename.lower().endswith(".rels"))
    except _Found as found:
        return str(found)
    return ""


def _read(data: bytes, elements: "_Elements", *, is_relations: bool) -> None:
    """Check one part. Raises _Found, ParseError."""
    elements.start_part(is_relations=is_relations)
    parser = ElementTree.XMLParser(target=elements)
    parser.feed(data)
    parser.close()


class _Elements:
    """A parser target that checks the elements of all parts and raises _Found for forbidden ones."""

    def __init__(self) -> None:
        self._count = 0
        self.start_part(is_relations=False)

    def start_part(self, *, is_relations: bool) -> None:
        """Start the next part."""
        self._is_relations = is_relations
        self._depth = 0
        self._fields = [""]
        self._is_instruction = False

    def doctype(self, _name: str, _public_id: str | None, _system_id: str | None) -> None:
        """Raise _Found: Word never writes a document type."""
        raise _Found("文档类型声明（DTD）")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Check an element's start."""
        self._count += 1
        self._depth += 1
        if self._count > _MOST_ELEMENTS or self._depth > _DEEPEST:
            raise _Found(_TOO_LARGE)
        name = _local(tag)
        own = {_local(key): value for key, value in attributes.items()}
        if name == "Relationship" and self._is_relations:
            _check_relation(own)
        elif name in ("Default", "Override") and _TYPES.search(own.get("ContentType", "")):
            raise _Found(_PROGRAM)
        elif name == "fldChar":
            self._field(own.get("fldCharType", ""))
        elif name == "fldSimple":
            _check_instruction(own.get("instr", ""))
        elif _OUTSIDE.match(own.get("src", "")):
            raise _Found("外部内容（src）")
        self._is_instruction = name in ("instrText", "delInstrText")

    def data(self, text: str) -> None:
        """Collect the text of a field instruction."""
        if self._is_instruction:
            self._fields[-1] += text

    def end(self, _tag: str) -> None:
        """End an element."""
        self._depth -= 1
        self._is_instruction = False

    def close(self) -> None:
        """End the part."""
        for instruction in self._fields:
            _check_instruction(instruction)

    def _field(self, boundary: str) -> None:
        """Check a field's instruction, which may be spread over several runs and contain nested fields."""
        if boundary == "begin":
            if len(self._fields) > 1 and not self._fields[-1].strip():
                raise _Found("以嵌套的域开头的域")
            if len(self._fields) > _DEEPEST:
                raise _Found(_TOO_LARGE)
            self._fields.append("")
        elif boundary == "separate":
            _check_instruction(self._fields[-1])
        elif boundary == "end" and len(self._fields) > 1:
            _check_instruction(self._fields.pop())


def _check_relation(relation: Mapping[str, str]) -> None:
    kind = relation.get("Type", "").rsplit("/", 1)[-1].lower()
    target = relation.get("Target", "").strip()
    if kind in _OBJECT_KINDS:
        raise _Found(_PROGRAM)
    is_outside = relation.get("TargetMode", "").lower() == "external" or _OUTSIDE.match(target) is not None
    is_link = kind == "hyperlink" and _LINK.match(target) is not None
    if kind in _FETCHING_KINDS or (is_outside and not is_link):
        raise _Found(f"外部内容（{kind[:40]}）")


def _check_instruction(instruction: str) -> None:
    if _CODES.match(instruction):
        raise _Found("以字符编码写成的域（QUOTE）")
    word = _WORD.match(instruction)
    if word and word[1].upper() in _FIELDS:
        raise _Found(f"自动更新的域（{word[1].upper()}）")


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]
