"""Tables and pictures of an official paper: names and values, rows with a repeated head, and the colophon 版记."""

import io
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from docx.document import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from documents.typesetting.fonts import BODY, BOLD, typed
from documents.typesetting.text import line

ISSUED_BY: Final = "枣庄市“企呼枣（早）应、接诉即办”综合指挥平台"
NOTHING: Final[Mapping[str, int]] = MappingProxyType({})
_PAIR: Final = 2
"""A name and its value."""


def table(paper: Document, *lines: tuple[str, ...], tall: Mapping[str, int] = NOTHING) -> None:
    """Add a table of names and values in four columns; a pair with a long value spans them all. `tall` maps
    names to minimum heights in millimetres, for handwriting.
    """
    made = _grid(paper, len(lines), (30, 38, 26, 62))
    for at, cells in enumerate(lines):
        row = made.rows[at]
        if len(cells) == _PAIR:
            row.cells[1].merge(row.cells[3])
        if cells[0] in tall:
            row.height, row.height_rule = Mm(tall[cells[0]]), WD_ROW_HEIGHT_RULE.AT_LEAST
        for column, text in enumerate(cells):
            _fill(row.cells[column], text, BOLD if column % 2 == 0 else BODY)


def rows_table(paper: Document, field: str, columns: Mapping[str, int]) -> None:
    """Add a table with one row for each row of a field; columns have widths in millimetres, 156 in total.
    Each page repeats the head.
    """
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
    """Return a table whose heading row each page repeats; columns have widths in millimetres, 156 in total."""
    made = _grid(paper, 1 + len(rows), tuple(width for _, width in columns))
    for at, (text, _) in enumerate(columns):
        _fill(made.cell(0, at), text, BOLD, size)
    _repeat_heading(made)
    for row, cells_text in enumerate(rows, start=1):
        cells = made.rows[row].cells
        for at, text in enumerate(cells_text):
            _fill(cells[at], text, BODY, size)


def picture(paper: Document, content: bytes, *, width: int) -> None:
    """Add a picture, `width` millimetres wide, on the same page as the note below it."""
    paper.add_picture(io.BytesIO(content), width=Mm(width))
    form = paper.paragraphs[-1].paragraph_format
    form.space_before, form.space_after, form.keep_with_next = Pt(9), Pt(0), True


def colophon(paper: Document, copies: str, *, issued: bool = True) -> None:
    """Add 版记: who receives copies, who issued the paper and when; 信函格式 omits the latter."""
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
    for row in made.rows:  # never split a row between two pages
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return made


def _fill(cell: _Cell, text: str, font: str, size: float = 12) -> None:
    written = cell.paragraphs[0]
    _set_solid(written)
    written.paragraph_format.space_before = written.paragraph_format.space_after = Pt(2)
    typed(written.add_run(text), font, size)


def _set_solid(written: Paragraph) -> None:
    """Remove the space between Chinese and Latin text, so that an instant fits its cell."""
    for kind in ("autoSpaceDE", "autoSpaceDN"):  # some programs read only the first
        solid = OxmlElement(f"w:{kind}")
        solid.set(qn("w:val"), "0")
        written._p.get_or_add_pPr().insert_element_before(solid, "w:spacing", "w:ind", "w:jc", "w:rPr")
