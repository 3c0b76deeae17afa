"""Lists as files for Excel: CSV with a byte order mark, and XLSX. Rows are streamed.

What people wrote is text and stays text: a cell that a spreadsheet would take for a formula, a number, a date or a
truth value (`007`, 18 digits, `1E5`, `2026-11`) is marked as text in CSV, where nothing else says so.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from calendar_rules import SHANGHAI

Cell = str | int | datetime | None
"""Instants are shown in Beijing time."""
Row = Sequence[Cell]

MOST_ROWS: Final = 1_048_575
"""Maximum rows of a sheet, besides its headings."""
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
_BOM: Final = "\ufeff"
_CHUNK_ROWS: Final = 500


class TooManyRows(ValueError):
    """More rows than a sheet holds."""

    def __init__(self) -> None:
        super().__init__(f"超过一张工作表的行数上限（{MOST_ROWS}行）")


def csv_chunks(headings: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """The file in pieces; the first holds the byte order mark by which Excel knows UTF-8."""
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
    """One sheet, row by row, in little memory. Raises TooManyRows."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(str(path), options) as book:
        sheet, instant = book.add_worksheet(title), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(headings) - 1, 20)
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, book.add_format({"bold": True}))
        for line, row in enumerate(rows, start=1):
            if line > MOST_ROWS:
                raise TooManyRows
            for place, cell in enumerate(row):
                _write(sheet, line, place, cell, instant)


def _write(sheet: Worksheet, line: int, place: int, cell: Cell, instant: Format) -> None:
    match cell:
        case None | "":
            return
        case str():
            sheet.write_string(line, place, cell[:_LONGEST])
        case datetime():
            sheet.write_datetime(line, place, cell.astimezone(SHANGHAI).replace(tzinfo=None), instant)
        case int():
            sheet.write_number(line, place, cell)
