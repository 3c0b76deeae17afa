"""Lists as files for Excel: CSV with a byte order mark, and XLSX. Rows are streamed.

Text stays text: a cell that a spreadsheet might read as a formula, number, date or boolean (`007`, 18 digits,
`1E5`, `2026-11`) is marked as text in CSV, which has no types.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from unicodedata import east_asian_width

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from calendar_rules import SHANGHAI

Cell = str | int | datetime | None
"""The time zone of displayed instants."""
Row = Sequence[Cell]

MOST_ROWS: Final = 1_048_575
"""Maximum rows of a sheet, without its headings."""
_LONGEST: Final = 32_767
"""Maximum characters of a cell."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_MONTH: Final = r"(JAN|FEB|MAR|APR|MAY|JUNE?|JULY?|AUG|SEPT?|OCT|NOV|DEC)[A-Z]*"
_NOT_TEXT: Final = re.compile(
    r"[\d.,:/\\\- %年月日时分秒]*\d[\d.,:/\\\- %年月日时分秒]*(E[+-]?\d+)?"
    rf"|\d{{1,4}}[ /-]?{_MONTH}([ /-]?\d{{1,4}})?|{_MONTH}[ /-]?\d{{1,4}}"
    r"|TRUE|FALSE",
    re.IGNORECASE,
)
_LONGEST_VALUE: Final = 255
"""Maximum characters of a text that a spreadsheet may read as a number."""
ONLY_TEXT: Final = {"strings_to_formulas": False, "strings_to_urls": False}
"""Options of a workbook: text is never converted."""
_WIDEST: Final = 60
"""Maximum width in characters; longer text is wrapped."""
_FILTER_BUTTON: Final = 3
_INSTANT_WIDTH: Final = len("2026-11-24 09:30:00")
_BOM: Final = "\ufeff"
_CHUNK_ROWS: Final = 500


class TooManyRows(ValueError):
    """The list has more rows than a sheet can hold."""

    def __init__(self) -> None:
        super().__init__(f"超过一张工作表的行数上限（{MOST_ROWS}行）")


def csv_chunks(headings: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield the file in chunks. The first starts with the byte order mark, by which Excel detects UTF-8."""
    buffer = io.StringIO()
    buffer.write(_BOM)
    writer = csv.writer(buffer)
    writer.writerow(headings)
    for count, row in enumerate(rows, start=1):
        writer.writerow([_in_csv(cell) for cell in row])
        if count % _CHUNK_ROWS == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _in_csv(cell: Cell) -> str | int:
    if isinstance(cell, datetime):
        return f"{cell.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, str) and (cell.startswith(_FORMULA) or _is_taken_for_a_value(cell)):
        return f"'{cell}"
    return "" if cell is None else cell


def _is_taken_for_a_value(cell: str) -> bool:
    return len(cell) <= _LONGEST_VALUE and _NOT_TEXT.fullmatch(cell.strip()) is not None


def write_workbook(path: Path, title: str, headings: Sequence[str], rows: Iterable[Row]) -> None:
    """Write one sheet row by row, in constant memory. Raises TooManyRows."""
    with Workbook(str(path), {"constant_memory": True, **ONLY_TEXT}) as book:
        sheet = FittedSheet(book, title, headings)
        for line, row in enumerate(rows, start=1):
            if line > MOST_ROWS:
                raise TooManyRows
            for place, cell in enumerate(row):
                _write(sheet, line, place, cell)
        sheet.finish()


def _write(sheet: "FittedSheet", line: int, place: int, cell: Cell) -> None:
    match cell:
        case None | "":
            return
        case str():
            sheet.text(line, place, cell[:_LONGEST])
        case datetime():
            sheet.instant(line, place, cell)
        case int():
            sheet.number(line, place, cell)


class FittedSheet:
    """A sheet with frozen headings, column widths fitted to their content, and a filter for each column."""

    def __init__(self, book: Workbook, title: str, headings: Sequence[str]) -> None:
        self.sheet: Worksheet = book.add_worksheet(title)
        self._instant: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._widths = [_FILTER_BUTTON] * len(headings)
        self._last = 0
        self.sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        for place, heading in enumerate(headings):
            self.sheet.write_string(0, place, heading, bold)
            self._widths[place] += _width(heading)

    def text(self, line: int, place: int, text: str) -> None:
        """Write text, never converting it."""
        self.sheet.write_string(line, place, text)
        self._note(line, place, max(map(_width, text.splitlines()), default=0))

    def number(self, line: int, place: int, number: float) -> None:
        """Write a number."""
        self.sheet.write_number(line, place, number)
        self._note(line, place, len(str(number)))

    def instant(self, line: int, place: int, at: datetime) -> None:
        """Write a time in Beijing time, as an Excel date."""
        local = at.astimezone(SHANGHAI).replace(tzinfo=None)
        self.sheet.write_datetime(line, place, local, self._instant)
        self._note(line, place, _INSTANT_WIDTH)

    def formula(
        self, line: int, place: int, formula: str, value: float | str, form: Format | None = None
    ) -> None:
        """Write a formula, with the value for programs that do not compute it."""
        self.sheet.write_formula(line, place, formula, form, value)
        self._note(line, place, 0)

    def finish(self) -> None:
        """Set widths and filters, after all rows are written."""
        for place, width in enumerate(self._widths):
            self.sheet.set_column(place, place, min(width + 2, _WIDEST))
        self.sheet.autofilter(0, 0, self._last, max(len(self._widths) - 1, 0))

    def _note(self, line: int, place: int, width: int) -> None:
        self._last = max(self._last, line)
        self._widths[place] = max(self._widths[place], width)


def _width(text: str) -> int:
    """Return the width in Latin characters; a Chinese character is two wide."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
