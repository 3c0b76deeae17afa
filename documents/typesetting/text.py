"""The text of an official paper: its head, title, paragraphs and sign-off."""

from collections.abc import Sequence
from typing import Final

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from documents.typesetting.fonts import BODY, BOLD, RED, TITLE, typed

LINE: Final = Pt(28)
ORGAN_SIZE: Final = 28
"""Points; a title has 22."""
TEXT_WIDTH: Final = 442
"""Points: 156 mm between the margins."""


def line(paper: Document, text: str, *, size: float = 16, colour: RGBColor | None = None) -> Paragraph:
    """Add one centred line."""
    made = _spaced(paper.add_paragraph())
    made.alignment = WD_ALIGN_PARAGRAPH.CENTER
    typed(made.add_run(text), BODY, size, colour)
    return made


def paragraph(paper: Document, text: str, *, indent: bool = True, size: float = 16) -> Paragraph:
    """Add body text, indented by two characters."""
    made = _spaced(paper.add_paragraph())
    typed(made.add_run(text), BODY, size)
    if indent:
        made.paragraph_format.first_line_indent = Pt(2 * size)
    return made


def for_each(paper: Document, field: str) -> None:
    """Add a paragraph for each line of a field."""
    paragraph(paper, f"{{%p for 行 in {field} %}}")
    paragraph(paper, "{{ 行 }}")
    paragraph(paper, "{%p endfor %}")


def heading(paper: Document, text: str, *, after: bool = True) -> None:
    """Add the title: 小标宋 二号, centred, after an empty line and usually before one."""
    line(paper, "")
    title(paper, text)
    if after:
        line(paper, "")


def title(paper: Document, text: str, *, before: float = 0) -> None:
    """Add only the title of a one-page form. `before` is the space above it in points."""
    made = paper.add_paragraph()
    made.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if before:
        made.paragraph_format.space_before = Pt(before)
    typed(made.add_run(text), TITLE, 22)


def section(paper: Document, title: str, text: str = "") -> None:
    """Add a small heading in 黑体 and the text below it."""
    made = _spaced(paper.add_paragraph())
    made.paragraph_format.first_line_indent = Pt(32)
    made.paragraph_format.keep_with_next = True
    typed(made.add_run(title), BOLD, 16)
    if text:
        paragraph(paper, text)


def note(paper: Document, text: str) -> None:
    """Add a small note below a form."""
    made = paper.add_paragraph()
    made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(3), Pt(0)
    typed(made.add_run(text), BODY, 10.5)


def signatures(paper: Document, *who: str) -> None:
    """Add lines for signatures, all on one page."""
    for one in who:
        made = paragraph(paper, f"{one}（签字）：________________")
        made.paragraph_format.keep_with_next = True


def sign_off(
    paper: Document,
    organ: str,
    *,
    head: str = "",
    width: float = 272,
    room: bool = True,
    day: str = "{{ 成文日期 }}",
) -> None:
    """Add 署名, on one or more lines, centred above 成文日期, with space for the seal before it. Everything
    stays on one page together with preceding text. Both are centred in a field at the right, `width` points
    wide; 272 leaves four characters beside the date.
    """
    if room:
        line(paper, "")
    for before in [*paper.paragraphs[-2 if room else -1 :], *_last_row(paper)]:
        before.paragraph_format.keep_with_next = True
    signed = [f"主要负责人（签字）：{head}"] if head else []
    lines = [*organ.splitlines(), *signed, *([day] if day else [])]
    for text in lines:
        made = _spaced(paper.add_paragraph())
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        made.paragraph_format.left_indent = Pt(TEXT_WIDTH - width)
        made.paragraph_format.keep_with_next = text != lines[-1]
        typed(made.add_run(text), BODY, 16)


def _last_row(paper: Document) -> list[Paragraph]:
    """Return the text of the last row, if the paper ends with a table."""
    at_end = [child for child in paper.element.body if not child.tag.endswith("}sectPr")][-1]
    if not paper.tables or at_end is not paper.tables[-1]._tbl:
        return []
    return [text for cell in paper.tables[-1].rows[-1].cells for text in cell.paragraphs]


def contact(paper: Document, text: str) -> None:
    """Add 附注 (whom to contact) below the date, on one page with the date and the following text."""
    paper.paragraphs[-1].paragraph_format.keep_with_next = True
    paragraph(paper, f"（{text}）").paragraph_format.keep_with_next = True


def set_lines_closer(paper: Document, points: float) -> None:
    """Set a smaller line spacing than the standard's 28 points, so that a letter stays on one page."""
    for text in paper.paragraphs:
        if text.paragraph_format.line_spacing == LINE:
            text.paragraph_format.line_spacing = Pt(points)


def letterhead(paper: Document, *organ: str) -> None:
    """Add 发文机关标志 in red, larger than any title, then 发文字号 and the red line."""
    _organ(paper, organ)
    number = line(paper, "{{ 文号 }}")
    _border(number, "bottom", "single", 18)


def letter_format(paper: Document, *organ: str) -> None:
    """Set up 信函格式: the organ's name 30 mm from the upper edge, a red double line below it and another 20
    mm from the lower edge, 发文字号 at the right, no number on the first page.
    """
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
    """Add a red line on one side of a paragraph; its width is in eighths of a point."""
    border, drawn = OxmlElement("w:pBdr"), OxmlElement(f"w:{side}")
    for name, value in (("val", kind), ("sz", str(eighths)), ("space", "6"), ("color", "E60000")):
        drawn.set(qn(f"w:{name}"), value)
    border.append(drawn)
    text._p.get_or_add_pPr().insert_element_before(border, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _spaced(text: Paragraph) -> Paragraph:
    form = text.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
    return text
