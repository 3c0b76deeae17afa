"""How an official paper looks (GB/T 9704-2012): fonts with their fallbacks, margins, lines, seal's place."""

from collections.abc import Sequence
from typing import Final

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
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
    typed(foot.add_run("— "), "宋体", 14)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    shown = foot.add_run("1")
    typed(shown, "宋体", 14)
    field.append(shown._r)
    foot._p.append(field)
    typed(foot.add_run(" —"), "宋体", 14)


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


def typed(run: Run, font: str, size: float, colour: RGBColor | None = None) -> Run:
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
    typed(made.add_run(text), BODY, size, colour)
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
        run = typed(head.add_run(text), TITLE, ORGAN_SIZE, RED)
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
    typed(made.add_run(text), TITLE, 22)


def paragraph(paper: Document, text: str, *, indent: bool = True, size: float = 16) -> Paragraph:
    """Body text, indented by two characters."""
    made = _spaced(paper.add_paragraph())
    typed(made.add_run(text), BODY, size)
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
    typed(made.add_run(title), BOLD, 16)
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
        typed(made.add_run(text), BODY, 16)


def contact(paper: Document, text: str) -> None:
    """附注 below the date: who answers questions."""
    paragraph(paper, f"（{text}）")


def note(paper: Document, text: str) -> None:
    """A small note under a form."""
    made = paper.add_paragraph()
    made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(3), Pt(0)
    typed(made.add_run(text), BODY, 10.5)


def signatures(paper: Document, *who: str) -> None:
    """Lines to sign on."""
    for one in who:
        paragraph(paper, f"{one}（签字）：________________")
