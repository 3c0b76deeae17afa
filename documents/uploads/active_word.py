"""What a Word file would do when somebody opens it: macros, objects, fields that update themselves, contents from elsewhere.

Every part that is XML is read, whatever its name is.
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
"""How an OLE object, a package and programs begin."""
_OBJECT_KINDS: Final = frozenset(
    {
        *("oleobject", "package", "control", "activexcontrolbinary", "vbaproject", "wordvbadata"),
        *("keymapcustomizations", "attachedtoolbars"),
    }
)
_FETCHING_KINDS: Final = frozenset(
    {"attachedtemplate", "afchunk", "frame", "subdocument", "mailmergesource", "mailmergeheadersource"}
)
"""Relationships, in lower case, that no paper needs, wherever they lead."""
_LINK: Final = re.compile(r"(https?|mailto|tel):|#|(?![/\\])[^:\\]*$", re.IGNORECASE)
"""What an external link may lead to. Somebody has to click it."""
_FIELDS: Final = frozenset(
    {
        *("DDE", "DDEAUTO", "LINK", "EMBED", "IMPORT", "INCLUDETEXT", "INCLUDEPICTURE", "INCLUDE"),
        *("DATABASE", "CONTROL", "MACROBUTTON", "RD"),
    }
)
_CODES: Final = re.compile(r"\s*QUOTE(\s+\d+){2,}", re.IGNORECASE)
"""A text that is given by its characters' numbers, to hide what it says."""
_WORD: Final = re.compile(r"\s*([A-Za-z]+)")
_OUTSIDE: Final = re.compile(r"\s*(https?:|ftp:|file:|mhtml:|\\\\|//)", re.IGNORECASE)
_XML_STARTS: Final = (b"<", b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe", b"\0<")
_LARGEST: Final = 64 * 1024 * 1024
"""Maximum bytes of all parts that are XML."""
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
"""Raised for a damaged, encrypted or forged part. RuntimeError covers NotImplementedError."""


class _Found(Exception):
    """Ends the reading of a part; its text is what was found."""


def action_in_word(file: BinaryIO) -> str:
    """What it would do, in Chinese; empty where it would do nothing."""
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
    """Raises _Found, ParseError."""
    elements.start_part(is_relations=is_relations)
    parser = ElementTree.XMLParser(target=elements)
    parser.feed(data)
    parser.close()


class _Elements:
    """Takes the elements of every part as the parser meets them, and raises _Found for what must not be there."""

    def __init__(self) -> None:
        self._count = 0
        self.start_part(is_relations=False)

    def start_part(self, *, is_relations: bool) -> None:
        """The next part begins."""
        self._is_relations = is_relations
        self._depth = 0
        self._fields = [""]
        self._is_instruction = False

    def doctype(self, name: str, public_id: str | None, system_id: str | None) -> None:  # noqa: ARG002
        """Word never writes one."""
        raise _Found("文档类型声明（DTD）")

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
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
        """Text within the element."""
        if self._is_instruction:
            self._fields[-1] += text

    def end(self, tag: str) -> None:  # noqa: ARG002
        """An element ends."""
        self._depth -= 1
        self._is_instruction = False

    def close(self) -> None:
        """The part ends."""
        for instruction in self._fields:
            _check_instruction(instruction)

    def _field(self, boundary: str) -> None:
        """An instruction may be spread over several runs, and hold fields of its own."""
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
