"""Fonts of official papers, and their substitutes on machines that lack them."""

from typing import Final

from docx.document import Document
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.run import Run

BODY: Final = "仿宋_GB2312"
TITLE: Final = "方正小标宋简体"
BOLD: Final = "黑体"
LATIN: Final = "Times New Roman"
FALLBACKS: Final = {
    BODY: "仿宋,FangSong,STFangsong,华文仿宋",
    TITLE: "方正小标宋_GBK,华文中宋,STZhongsong,宋体,SimSun",
    BOLD: "SimHei,微软雅黑",
    LATIN: "Times,Liberation Serif,Nimbus Roman",
}
"""The substitute for each font."""
RED: Final = RGBColor(0xE6, 0x00, 0x00)
_CHARSETS: Final = {LATIN: "00"}
"""Fonts for characters outside GB 2312."""
_WORD: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def typed(run: Run, font: str, size: float, colour: RGBColor | None = None) -> Run:
    run.font.name = LATIN
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), font)
    # Chinese quotation marks and dashes, as wide as a character.
    fonts.set(qn("w:hint"), "eastAsia")
    run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    return run


def declare_fallbacks(paper: Document) -> None:
    """Declare alternative font names in the font table, where Word looks for missing fonts."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="{_CHARSETS.get(name, "86")}"/></w:font>'
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
