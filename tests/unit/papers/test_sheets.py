"""Lists as files: Excel reads exactly what was written, without formulas."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from documents import spreadsheets
from documents.spreadsheets import Row, TooManyRows, csv_chunks, write_workbook
from tests.support.dates import beijing

HEADINGS = ["工单编号", "登记时间", "次数"]
AT = beijing("Tue 2026-11-24 09:30")
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("http://x","y")']


def table(chunks: Iterator[bytes]) -> list[list[str]]:
    text = b"".join(chunks).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def cells(path: Path) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(path).active
    return [tuple(row) for row in sheet.iter_rows(values_only=True)]


def test_csv_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    assert next(csv_chunks(HEADINGS, [])).startswith(b"\xef\xbb\xbf\xe5\xb7\xa5")


def test_csv_holds_beijing_time_numbers_quotes_and_line_breaks() -> None:
    rows: list[Row] = [["QH1", AT, -3], ['说"不行",\n第二行', None, 0]]
    assert table(csv_chunks(HEADINGS, rows)) == [
        HEADINGS,
        ["QH1", "2026-11-24 09:30:00", "-3"],
        ['说"不行",\n第二行', "", "0"],
    ]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_is_marked_as_text_in_csv(text: str) -> None:
    assert table(csv_chunks(["内容"], [[text]]))[1] == [f"'{text}"]


NUMBERS = ["007012345678901234", "00123", "1E5", "3.5%", "1,000", "０１２"]
DATES = ["2026-11", "3-4", "1/2", "12:30", "2026年11月", "SEPT2", "1-mar"]


@pytest.mark.parametrize("text", [*NUMBERS, *DATES, "TRUE", "false"])
def test_what_a_spreadsheet_takes_for_a_value_is_marked_as_text_in_csv(text: str) -> None:
    assert table(csv_chunks(["标识"], [[text]]))[1] == [f"'{text}"]


@pytest.mark.parametrize(
    "text", ["QH202611240001", "QX-370481", "第2件", "12345热线", "1E5x", "May 公司", "", "9" * 300]
)
def test_other_text_stands_in_csv_as_it_was_written(text: str) -> None:
    assert table(csv_chunks(["标识", "空"], [[text, "末"]]))[1] == [text, "末"]


def test_what_looks_like_a_formula_or_a_link_is_text_in_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, "工单", ["内容"], [[text] for text in [*FORMULAS, "http://x.example"]])
    sheet = openpyxl.load_workbook(path).active
    kinds = {(cell.data_type, cell.hyperlink) for (cell,) in sheet.iter_rows(min_row=2)}
    assert kinds == {("s", None)}
    assert [row[0] for row in cells(path)[1:]] == [*FORMULAS, "http://x.example"]


def test_a_workbook_holds_real_times_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_workbook(path, "工单", HEADINGS, [["QH1", AT, 3], ["", None, 0]])
    local = datetime.fromisoformat("2026-11-24 09:30")
    assert cells(path) == [tuple(HEADINGS), ("QH1", local, 3), (None, None, 0)]


def test_csv_comes_in_pieces_as_the_rows_come() -> None:
    read = 0

    def rows() -> Iterator[Row]:
        nonlocal read
        for read in range(1, 2001):
            yield ["x", None, read]

    chunks = csv_chunks(HEADINGS, rows())
    next(chunks)
    assert read == 500
    assert sum(1 for _ in chunks) >= 3


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 2)
    write_workbook(tmp_path / "a.xlsx", "工单", ["n"], [[1], [2]])
    with pytest.raises(TooManyRows, match="行数上限"):
        write_workbook(tmp_path / "b.xlsx", "工单", ["n"], [[1], [2], [3]])


def test_a_text_longer_than_a_cell_is_cut_in_a_workbook(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", "工单", ["n"], [["长" * 40_000]])
    assert len(str(cells(tmp_path / "a.xlsx")[1][0])) == 32_767


def test_columns_are_as_wide_as_what_is_in_them_and_have_filters(tmp_path: Path) -> None:
    rows: list[Row] = [["QH202611240001", AT, 3], ["枣庄样例机械有限公司", AT, 12], ["长" * 400, None, 0]]
    write_workbook(tmp_path / "a.xlsx", "工单", HEADINGS, rows[:2])
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet.auto_filter.ref == "A1:C3"
    name, at, count = (sheet.column_dimensions[letter].width for letter in "ABC")
    assert name >= 2 * len("枣庄样例机械有限公司")
    assert 19 <= at < name + 5
    assert count < 12
    write_workbook(tmp_path / "b.xlsx", "工单", HEADINGS, rows)
    assert openpyxl.load_workbook(tmp_path / "b.xlsx").active.column_dimensions["A"].width < 70


def test_a_workbook_without_rows_opens(tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", "工单", HEADINGS, [])
    assert cells(tmp_path / "a.xlsx") == [tuple(HEADINGS)]
