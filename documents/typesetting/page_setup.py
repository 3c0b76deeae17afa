"""The page of an official paper: size, margins, language, page numbers, and line breaking."""

from typing import Final

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from documents.typesetting.fonts import BODY, LATIN, declare_fallbacks, typed

_CHINESE: Final = "zh-CN"
_NEVER_LAST: Final = "$([{£¥·‘“〈《「『【〔〖〝﹙﹛﹝＄（．［｛￡￥"
"""Characters that never end a line (GB/T 15834); Word's own list."""
_NEVER_FIRST: Final = (
    "!%),.:;>?]}¢¨°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︶︺︾﹀﹄﹚﹜﹞！＂％＇），．：；？］｀｜｝～￠"
)
_DIGITS: Final = "0123456789"
"""Digits never end a line either; otherwise 24日 might be broken in two."""


def page(paper: Document) -> None:
    """Set up A4 with the standard's margins, body type and language, and page numbers at the outer edge."""
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
    _set_language(paper)
    paper.settings.odd_and_even_pages_header_footer = True
    _page_number(area.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(area.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    _set_line_breaking(paper)
    declare_fallbacks(paper)


def _set_language(paper: Document) -> None:
    """Set `w:lang` to Chinese for Chinese text and to English for Latin letters and digits. With Chinese for
    both, Word may break a line within a number.
    """
    for properties in paper.styles.element.iter(qn("w:rPr")):
        for language in properties.findall(qn("w:lang")):
            properties.remove(language)
    language = OxmlElement("w:lang")
    for name, spoken in (("val", "en-US"), ("eastAsia", _CHINESE)):
        language.set(qn(f"w:{name}"), spoken)
    paper.styles["Normal"].element.get_or_add_rPr().append(language)
    for theme in paper.settings.element.findall(qn("w:themeFontLang")):
        theme.set(qn("w:eastAsia"), _CHINESE)


def _set_line_breaking(paper: Document) -> None:
    """Set Chinese line breaking, without breaks within a number or between a number and its unit."""
    place = paper.settings.element.find(qn("w:characterSpacingControl"))
    for name, characters in (("Before", _NEVER_FIRST), ("After", _NEVER_LAST + _DIGITS)):
        rule = OxmlElement(f"w:noLineBreaks{name}")
        rule.set(qn("w:lang"), _CHINESE)
        rule.set(qn("w:val"), characters)
        place.addnext(rule)


def _page_number(foot: Paragraph, side: WD_ALIGN_PARAGRAPH) -> None:
    """Add the page number: 四号 半角宋体 between two dashes, one character from the outer edge."""
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


def one_page(paper: Document, *, margin: float) -> None:
    """Fit a form on one page. Top and bottom margins are in millimetres."""
    area = paper.sections[0]
    area.top_margin, area.bottom_margin, area.footer_distance = Mm(margin), Mm(margin), Mm(12)
