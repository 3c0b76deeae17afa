"""A bulletin as a workbook: figures with numerator and denominator, scores with their derivation, rows, a chart."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime, time

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from assessment.editions.model import Edition, UnitResult
from assessment.facts.model import Fact
from assessment.terms import PUBLISHED, Measure, name
from calendar_rules import SHANGHAI
from documents.bulletins.content import Bulletin
from documents.rendering import PLATFORM, dated_zip
from documents.spreadsheets import ONLY_TEXT, FittedSheet

UNDATED = datetime(1980, 1, 1)  # noqa: DTZ001  as the file's format has it


def workbook(edition: Edition, bulletin: Bulletin, facts: Iterable[Fact]) -> bytes:
    """Return the .xlsx file. The same edition and rows give the same bytes."""
    written = io.BytesIO()
    with Workbook(written, {"in_memory": True, **ONLY_TEXT}) as book:
        book.set_properties({"title": bulletin.title, "author": PLATFORM, "created": _created(bulletin)})
        _scores(book, edition)
        _figures(book, edition)
        _traces(book, edition)
        _rows(book, facts)
        _about(book, bulletin)
    return dated_zip(written)


def _created(bulletin: Bulletin) -> datetime:
    if bulletin.day is None:
        return UNDATED
    return datetime.combine(bulletin.day, time(), SHANGHAI).astimezone(UTC).replace(tzinfo=None)


def _scores(book: Workbook, edition: Edition) -> None:
    sheet = FittedSheet(
        book, "得分排名", ("组别", "名次", "单位", "有效诉求", "扣分", "加分", "得分", "等次")
    )
    for line, unit in enumerate(edition.units, start=1):
        sheet.text(line, 0, name(unit.group))
        _number_or_dash(sheet, (line, 1), unit.rank)
        sheet.text(line, 2, unit.name)
        sheet.number(line, 3, unit.valid_claims)
        sheet.number(line, 4, float(unit.penalty))
        sheet.number(line, 5, float(unit.bonus))
        _number_or_dash(sheet, (line, 6), float(unit.score) if unit.score is not None else None)
        sheet.text(line, 7, unit.band)
    sheet.finish()
    if edition.units:
        _chart(book, sheet.sheet, len(edition.units))


def _chart(book: Workbook, sheet: Worksheet, count: int) -> None:
    chart = book.add_chart({"type": "bar"})
    last = count
    series = {
        "name": "得分",
        "categories": ["得分排名", 1, 2, last, 2],
        "values": ["得分排名", 1, 6, last, 6],
        "pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#404040", "bg_color": "#FFFFFF"},
        "border": {"color": "#000000"},
        "data_labels": {"value": True},
    }
    chart.add_series(series)
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"min": 0, "max": 100})
    sheet.insert_chart(1, 9, chart, {"x_scale": 1.4, "y_scale": max(1.0, count / 12)})


def _number_or_dash(sheet: FittedSheet, at: tuple[int, int], number: float | None) -> None:
    if number is None:
        sheet.text(*at, "—")
    else:
        sheet.number(*at, number)


def _figures(book: Workbook, edition: Edition) -> None:
    """Write the figures: numerators and denominators as numbers, each rate as a formula."""
    sheet = FittedSheet(book, "指标", ("单位", "指标", "分子", "分母", "比率"))
    percent = book.add_format({"num_format": "0.0%"})
    line = 0
    for unit in edition.units:
        for measure in PUBLISHED:
            line += 1
            figure = unit.measures[measure]
            sheet.text(line, 0, unit.name)
            sheet.text(line, 1, name(measure))
            sheet.number(line, 2, figure.n)
            if figure.of is None:
                continue
            sheet.number(line, 3, figure.of)
            value = figure.n / figure.of if figure.of else "—"
            sheet.formula(line, 4, f'=IF(D{line + 1}=0,"—",C{line + 1}/D{line + 1})', value, percent)
    sheet.finish()


def _traces(book: Workbook, edition: Edition) -> None:
    sheet = FittedSheet(book, "得分依据", ("单位", "规则", "分值", "依据"))
    line = 0
    for unit in edition.units:
        for each in unit.trace:
            line += 1
            sheet.text(line, 0, unit.name)
            sheet.text(line, 1, each.rule)
            sheet.number(line, 2, float(each.points))
            sheet.text(line, 3, each.text)
        line = _total(sheet, line, unit)
    sheet.finish()


def _total(sheet: FittedSheet, line: int, unit: UnitResult) -> int:
    """Write the sum of the trace lines, which is the score; return the last written line."""
    if unit.score is None:
        return line
    line += 1
    first, last = line - len(unit.trace) + 1, line
    sheet.text(line, 0, unit.name)
    sheet.text(line, 1, "合计")
    sheet.formula(line, 2, f"=ROUND(SUM(C{first}:C{last}),2)", float(unit.score))
    return line


def _rows(book: Workbook, facts: Iterable[Fact]) -> None:
    headings = ("工单", "派单", "单位", "指标", "分子", "分母", "日期", "计入", "规则", "理由")
    sheet = FittedSheet(book, "数据行", headings)
    for line, fact in enumerate(facts, start=1):
        told = (fact.claim or fact.article, str(fact.dispatch), fact.unit_name, name(Measure(fact.measure)))
        for place, text in enumerate(told):
            sheet.text(line, place, text)
        sheet.number(line, 4, fact.n)
        sheet.number(line, 5, fact.of)
        for place, text in enumerate((f"{fact.day}", "是" if fact.counted else "否", fact.rule, fact.why), 6):
            sheet.text(line, place, text)
    sheet.finish()


def _about(book: Workbook, bulletin: Bulletin) -> None:
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 100)
    sheet.write_string(0, 0, bulletin.title, book.add_format({"bold": True}))
    told = [bulletin.subtitle, *bulletin.closing]
    for part in bulletin.sections:
        told += [part.title, *part.sentences]
    for line, text in enumerate(told, start=1):
        sheet.write_string(line, 0, text)
