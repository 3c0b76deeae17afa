"""How an official paper looks (GB/T 9704-2012): fonts with their fallbacks, margins, lines, seal's place."""

import io
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from docx.document import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run

BODY: Final = "仿宋_GB2312"
TITLE: Final = "方正小标宋简体"
BOLD: Final = "黑体"
LATIN: Final = "Times New Roman"
FALLBACKS: Final = {
    BODY: "仿宋,FangSong,STFangsong,华文仿宋",
    TITLE: "方正小标宋_GBK,华文中宋,STZhongsong,宋体,SimSun",
    BOLD: "SimHei,微软雅黑",
}
"""What a machine without the font uses in its place."""
RED: Final = RGBColor(0xE6, 0x00, 0x00)
LINE: Final = Pt(28)
ORGAN_SIZE: Final = 28
"""Points; a title has 22."""
TEXT_WIDTH: Final = 442
"""Points: 156 mm between the margins."""
ISSUED_BY: Final = "枣庄市“企呼枣（早）应、接诉即办”综合指挥平台"
NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
_PAIR: Final = 2
"""A name and its value."""
_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def page(paper: Document) -> None:
    """A4 with the standard's margins, its body type and language, and page numbers at the outer edge."""
    area = paper.sections[0]
    area.page_width, area.page_height = Mm(210), Mm(297)
    area.top_margin, area.bottom_margin = Mm(37), Mm(35)
    area.left_margin, area.right_margin = Mm(28), Mm(26)
    area.footer_distance = Mm(26)
    style = paper.styles["Normal"].element.get_or_add_rPr()
    fonts = style.get_or_add_rFonts()
    for name, font in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", BODY)):
        fonts.set(qn(f"w:{name}"), font)
    style.sz_val = Pt(16)
    _speak_chinese(paper)
    paper.settings.odd_and_even_pages_header_footer = True
    _page_number(area.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(area.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    _declare_fallbacks(paper)


def _speak_chinese(paper: Document) -> None:
    """`w:lang`: what Word checks spelling and breaks lines by. Latin text is no Chinese, or numbers are broken in two."""
    for properties in paper.styles.element.iter(qn("w:rPr")):
        for language in properties.findall(qn("w:lang")):
            properties.remove(language)
    language = OxmlElement("w:lang")
    for name, value in (("val", "en-US"), ("eastAsia", "zh-CN")):
        language.set(qn(f"w:{name}"), value)
    paper.styles["Normal"].element.get_or_add_rPr().append(language)


def _page_number(foot: Paragraph, side: WD_ALIGN_PARAGRAPH) -> None:
    """四号 半角宋体 between two dashes, one character from the outer edge."""
    foot.alignment = side
    outer = "right_indent" if side is WD_ALIGN_PARAGRAPH.RIGHT else "left_indent"
    setattr(foot.paragraph_format, outer, Pt(14))
    _typed(foot.add_run("— "), "宋体", 14)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    shown = foot.add_run("1")
    _typed(shown, "宋体", 14)
    field.append(shown._r)
    foot._p.append(field)
    _typed(foot.add_run(" —"), "宋体", 14)


def _declare_fallbacks(paper: Document) -> None:
    """The table of fonts: Word looks there for another name of a font that it does not have."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/></w:font>'
        for name, others in FALLBACKS.items()
    )
    table = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="{_WORD}">{fonts}</w:fonts>'
    )
    for relation in paper.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            old = relation.target_part
            uri = PackURI(str(old.partname))
            relation._target = Part(uri, old.content_type, table.encode(), old.package)


def _typed(run: Run, font: str, size: float, colour: RGBColor | None = None) -> Run:
    run.font.name = LATIN
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    # Quotation marks and dashes are Chinese ones, as wide as a character.
    fonts.set(qn("w:hint"), "eastAsia")
    run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    return run


def _spaced(text: Paragraph) -> Paragraph:
    form = text.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    return text


def line(paper: Document, text: str, *, size: float = 16, colour: RGBColor | None = None) -> Paragraph:
    """One centred line."""
    made = _spaced(paper.add_paragraph())
    made.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _typed(made.add_run(text), BODY, size, colour)
    return made


def letterhead(paper: Document, *organ: str) -> None:
    """发文机关标志 in red, larger than any title; 发文字号, and the red line below."""
    _organ(paper, organ)
    number = line(paper, "{{ 文号 }}")
    _border(number, "bottom", "single", 18)


def letter_format(paper: Document, *organ: str) -> None:
    """信函格式: the organ's name 30 mm from the upper edge, a red double line below it and another 20 mm from the lower
    edge, 发文字号 at the right, no number on the first page."""
    area = paper.sections[0]
    area.top_margin, area.bottom_margin = Mm(30), Mm(22)
    area.different_first_page_header_footer = True
    _organ(paper, organ)
    number = line(paper, "{{ 文号 }}")
    number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _border(number, "top", "thickThinSmallGap", 24)
    area.footer_distance = Mm(20)
    _border(area.first_page_footer.paragraphs[0], "bottom", "thinThickSmallGap", 24)


def _organ(paper: Document, lines: Sequence[str]) -> None:
    for text in lines:
        head = paper.add_paragraph()
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        head.paragraph_format.space_before = head.paragraph_format.space_after = Pt(0)
        run = _typed(head.add_run(text), TITLE, ORGAN_SIZE, RED)
        narrow = OxmlElement("w:w")
        narrow.set(qn("w:val"), "90")
        run._r.get_or_add_rPr().append(narrow)


def _border(text: Paragraph, side: str, kind: str, eighths: int) -> None:
    """A red line on one side of a paragraph, of so many eighths of a point."""
    border, drawn = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    for name, value in (("val", kind), ("sz", str(eighths)), ("space", "6"), ("color", "E60000")):
        drawn.set(qn(f"w:{name}"), value)
    border.append(drawn)
    text._p.get_or_add_pPr().insert_element_before(border, "w:spacing", "w:ind", "w:jc", "w:rPr")


def heading(paper: Document, text: str, *, after: bool = True) -> None:
    """The title: 小标宋 二号, centred, with an empty line before it and, mostly, after it."""
    line(paper, "")
    title(paper, text)
    if after:
        line(paper, "")


def title(paper: Document, text: str) -> None:
    """The title alone, of a form that is to stay on one page."""
    made = paper.add_paragraph()
    made.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _typed(made.add_run(text), TITLE, 22)


def paragraph(paper: Document, text: str, *, indent: bool = True, size: float = 16) -> Paragraph:
    """Body text, indented by two characters."""
    made = _spaced(paper.add_paragraph())
    _typed(made.add_run(text), BODY, size)
    if indent:
        made.paragraph_format.first_line_indent = Pt(2 * size)
    return made


def for_each(paper: Document, field: str) -> None:
    """A paragraph for each line of a field."""
    paragraph(paper, f"{{%p for 行 in {field} %}}")
    paragraph(paper, "{{ 行 }}")
    paragraph(paper, "{%p endfor %}")


def section(paper: Document, title: str, text: str = "") -> None:
    """A small heading in 黑体, and what stands under it."""
    made = _spaced(paper.add_paragraph())
    made.paragraph_format.first_line_indent = Pt(32)
    made.paragraph_format.keep_with_next = True
    _typed(made.add_run(title), BOLD, 16)
    if text:
        paragraph(paper, text)


def one_page(paper: Document, *, margin: float) -> None:
    """A form that is to stay on one page: its margins in millimetres above and below."""
    area = paper.sections[0]
    area.top_margin, area.bottom_margin, area.footer_distance = Mm(margin), Mm(margin), Mm(12)


def sign_off(
    paper: Document,
    organ: str,
    *,
    head: str = "",
    width: float = 272,
    room: bool = True,
    day: str = "{{ 成文日期 }}",
) -> None:
    """署名, of one line or several, centred over 成文日期, room for the seal before it. All of it on one page, and never alone
    on it. `width`: in points, of the field at the right in which both are centred; 272 leaves four characters beside the date."""
    if room:
        line(paper, "")
    for before in paper.paragraphs[-2:]:
        before.paragraph_format.keep_with_next = True
    signed = [f"主要负责人（签字）：{head}"] if head else []
    lines = [*organ.splitlines(), *signed, *([day] if day else [])]
    for text in lines:
        made = _spaced(paper.add_paragraph())
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        made.paragraph_format.left_indent = Pt(TEXT_WIDTH - width)
        made.paragraph_format.keep_with_next = text != lines[-1]
        _typed(made.add_run(text), BODY, 16)


def contact(paper: Document, text: str) -> None:
    """附注 below the date: who answers questions."""
    paragraph(paper, f"（{text}）")


def colophon(paper: Document, copies: str, *, issued: bool = True) -> None:
    """版记: who has copies, and by whom it was issued and when; without the latter in 信函格式."""
    if issued:
        line(paper, "")
    made = _grid(paper, 2 if issued else 1, (156,))
    _fill(made.cell(0, 0), f"抄送：{copies}。", BODY, 14)
    if issued:
        _fill(made.cell(1, 0), f"{ISSUED_BY}　　{{{{ 成文日期 }}}}印发", BODY, 12)
    _horizontal_lines(made, drawn=issued)


def _horizontal_lines(made: Table, *, drawn: bool) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        edge = OxmlElement(f"w:{side}")
        is_line = drawn and side in ("top", "bottom", "insideH")
        edge.set(qn("w:val"), "single" if is_line else "nil")
        edge.set(qn("w:sz"), "8" if side != "insideH" else "6")
        borders.append(edge)
    made._tbl.tblPr.append(borders)


def note(paper: Document, text: str) -> None:
    """A small note under a form."""
    made = paper.add_paragraph()
    made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(3), Pt(0)
    _typed(made.add_run(text), BODY, 10.5)


def signatures(paper: Document, *who: str) -> None:
    """Lines to sign on."""
    for one in who:
        paragraph(paper, f"{one}（签字）：________________")


def table(paper: Document, *lines: tuple[str, ...], tall: Mapping[str, int] = NOTHING) -> None:
    """Names and values in four columns; a line of two spans them all. `tall`: least heights in millimetres by name, for
    what is written by hand."""
    made = _grid(paper, len(lines), (30, 48, 28, 50))
    for at, cells in enumerate(lines):
        row = made.rows[at]
        if len(cells) == _PAIR:
            row.cells[1].merge(row.cells[3])
        if cells[0] in tall:
            row.height, row.height_rule = Mm(tall[cells[0]]), WD_ROW_HEIGHT_RULE.AT_LEAST
        for column, text in enumerate(cells):
            _fill(row.cells[column], text, BOLD if column % 2 == 0 else BODY)


def rows_table(paper: Document, field: str, columns: Mapping[str, int]) -> None:
    """One row for each of a field's rows; columns with their width in millimetres, 156 in all. Its head is repeated on
    each page."""
    made = _grid(paper, 4, tuple(columns.values()))
    for at, name in enumerate(columns):
        _fill(made.cell(0, at), name, BOLD)
        _fill(made.cell(2, at), f"{{{{ 行.{name} }}}}", BODY)
    _fill(made.cell(1, 0), f"{{%tr for 行 in {field} %}}", BODY)
    _fill(made.cell(3, 0), "{%tr endfor %}", BODY)
    _repeat_heading(made)


def grid(
    paper: Document, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]], *, size: float = 10.5
) -> None:
    """A table with a heading row that each page repeats; columns with their width in millimetres, 156 in all."""
    made = _grid(paper, 1 + len(rows), tuple(width for _, width in columns))
    for at, (text, _) in enumerate(columns):
        _fill(made.cell(0, at), text, BOLD, size)
    _repeat_heading(made)
    for line, row in enumerate(rows, start=1):
        cells = made.rows[line].cells
        for at, text in enumerate(row):
            _fill(cells[at], text, BODY, size)


def picture(paper: Document, content: bytes, *, width: int) -> None:
    """A picture, with its width in millimetres, apart from what stands above it and on one page with the note below."""
    paper.add_picture(io.BytesIO(content), width=Mm(width))
    form = paper.paragraphs[-1].paragraph_format
    form.space_before, form.space_after, form.keep_with_next = Pt(9), Pt(0), True


def _repeat_heading(made: Table) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    made.rows[0]._tr.get_or_add_trPr().append(mark)


def _grid(paper: Document, lines: int, widths: tuple[int, ...]) -> Table:
    made: Table = paper.add_table(lines, len(widths))
    made.style = paper.styles["Table Grid"]
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    made.autofit = False
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    for row in made.rows:  # a row is never split between two pages
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return made


def _fill(cell: _Cell, text: str, font: str, size: float = 12) -> None:
    written = cell.paragraphs[0]
    written.paragraph_format.space_before = written.paragraph_format.space_after = Pt(3)
    _typed(written.add_run(text), font, size)
