"""Papers in Word: every field in its place, nothing else, the same bytes."""

import io
import zipfile
from datetime import UTC
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.oxml.ns import qn
from pydantic import JsonValue

from claims.papers.requests import FORMS, PaperKind, PaperRequest, document_number
from documents import rendering
from documents.rendering import BrokenTemplate, PaperIncomplete, render, required_fields, template_of
from documents.uploads.media_types import MediaType, media_type_of
from tests.support.claims.paper_samples import (
    DRAWN_UP,
    completed,
    numbered,
    of_accountability,
    of_dispatch,
    of_letter,
    read,
    with_fields,
    words,
)


@pytest.fixture(params=list(PaperKind))
def request_of_a_kind(request: pytest.FixtureRequest) -> PaperRequest:
    return DRAWN_UP[request.param]()


@pytest.mark.rule("R17", "R31", "R35", "R36", "R44", "R45")
def test_every_field_of_every_paper_stands_in_its_file(request_of_a_kind: PaperRequest) -> None:
    text = read(render(numbered(request_of_a_kind)))
    for field, value in completed(request_of_a_kind).fields.items():
        for word in words(value):
            assert word in text, field
    assert document_number(request_of_a_kind.kind, 2026, 1) in text


def test_a_template_asks_for_what_its_paper_has_and_leaves_nothing_out(
    request_of_a_kind: PaperRequest,
) -> None:
    own = {rendering.NUMBER, rendering.DATE, rendering.MARK}
    assert required_fields(request_of_a_kind.kind) - own == set(completed(request_of_a_kind).fields)


def test_the_same_paper_has_the_same_bytes(request_of_a_kind: PaperRequest) -> None:
    assert render(numbered(request_of_a_kind)) == render(numbered(request_of_a_kind))


def test_the_file_tells_nothing_of_when_and_where_it_was_made(request_of_a_kind: PaperRequest) -> None:
    data = render(numbered(request_of_a_kind))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    about = Document(io.BytesIO(data)).core_properties
    assert about.created == about.modified == request_of_a_kind.at.astimezone(UTC)
    assert about.author == about.last_modified_by == rendering.PLATFORM


def test_every_part_of_the_file_is_well_formed_and_it_is_a_word_file(request_of_a_kind: PaperRequest) -> None:
    data = render(numbered(request_of_a_kind))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert parts.testzip() is None
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(parts.read(name))
    assert media_type_of(io.BytesIO(data)) is MediaType.DOCX


def test_it_is_set_in_the_fonts_of_official_papers_with_others_to_fall_back_on() -> None:
    data = render(numbered(of_letter()))
    fonts = {
        run.font.element.rPr.rFonts.get(qn("w:eastAsia"))
        for paragraph in Document(io.BytesIO(data)).paragraphs
        for run in paragraph.runs
        if run.font.element.rPr is not None
    }
    assert {"方正小标宋简体", "仿宋_GB2312"} <= fonts
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        table = parts.read("word/fontTable.xml").decode()
    assert 'w:name="仿宋_GB2312"><w:altName w:val="仿宋,' in table


HOSTILE = [
    "山东<拓岳>&“精密”铸造",
    "</w:t></w:r></w:p><w:p><w:r><w:t>红头",
    "{{ 7 * 7 }}",
    "{{ 文号 }}{% for a in b %}{# 注 #}",
    "{_{ 7 }_} {_% if %_}",
    "{%tr for 行 in 日志 %}",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>&b;&#65;&amp;",
    "]]><![CDATA[",
    "甲　乙  丙" + "长" * 5000,
    "𠮷😀",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_what_people_wrote_is_only_ever_text(value: str) -> None:
    for name in ("企业名称", "诉求事项", "主送"):
        text = read(render(numbered(with_fields(of_dispatch(), **{name: value}))))
        assert value in text
        assert "49" not in text
    rows: JsonValue = [{"时间": value, "事项": value, "依据": value}]
    assert value in read(render(numbered(with_fields(of_accountability(), 日志=rows))))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x0b", "\x0c"])
def test_a_line_break_stays_a_line_break(end: str) -> None:
    text = read(render(numbered(with_fields(of_dispatch(), 诉求事项=f"第一行{end}第二行\t完"))))
    assert "第一行\n第二行\t完" in text


def test_what_no_xml_can_hold_is_left_out() -> None:
    text = read(render(numbered(with_fields(of_dispatch(), 诉求事项="甲\x00\x01\x07\x08\x1b\ufffe\ud800乙"))))
    assert "甲乙" in text


def test_a_missing_field_is_an_error_that_names_it(request_of_a_kind: PaperRequest) -> None:
    field = next(iter(request_of_a_kind.fields))
    whole = numbered(request_of_a_kind)
    rest = {name: value for name, value in whole.request.fields.items() if name != field}
    with pytest.raises(PaperIncomplete, match=f"{FORMS[request_of_a_kind.kind].name}.*缺少：{field}"):
        render(whole.model_copy(update={"request": whole.request.model_copy(update={"fields": rest})}))


def test_a_row_without_a_column_is_an_error_that_names_it() -> None:
    with pytest.raises(BrokenTemplate, match="事项"):
        render(numbered(with_fields(of_accountability(), 日志=[{"时间": "", "依据": ""}])))


def test_a_template_that_an_edit_broke_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "TEMPLATES", tmp_path)
    with pytest.raises(BrokenTemplate, match="没有督办函的模板"):
        render(numbered(of_letter()))
    broken = Document()
    broken.add_paragraph("{{ 主送 }")
    broken.save(str(tmp_path / "督办函.docx"))
    with pytest.raises(BrokenTemplate, match="督办函的模板无法使用"):
        render(numbered(of_letter()))


def test_files_have_chinese_names() -> None:
    assert numbered(of_letter()).file_name == "督办函 枣接诉督〔2026〕1号.docx"


@pytest.mark.parametrize("kind", list(PaperKind))
def test_a_template_carries_nothing_that_no_paper_uses(kind: PaperKind) -> None:
    paper = Document(str(template_of(kind)))
    unused = [name for name in ("Heading 1", "List Bullet", "Light Shading") if name in paper.styles]
    with zipfile.ZipFile(template_of(kind)) as parts:
        extra = [name for name in parts.namelist() if "Effects" in name or "thumbnail" in name]
    assert (unused, extra) == ([], [])
