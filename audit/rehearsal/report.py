"""A rehearsal's result as text, as an HTML page and as a workbook."""

import io
from html import escape
from typing import Final

from xlsxwriter import Workbook

from assessment.editions.model import UnitResult
from audit.rehearsal.comparison import Rehearsal
from claims.model.labels import minute
from documents.bulletins.content import Grid
from documents.bulletins.page import STYLE, table
from documents.bulletins.workbook import UNDATED
from documents.rendering import dated_zip

NONE: Final = "—"
_SCORED: Final = "得分和名次"
_SCORES: Final = ("实际得分", "假设得分", "实际等次", "假设等次", "实际名次", "假设名次")
_SHOWN: Final = 20
"""Maximum lines of each kind in the text."""


def text(found: Rehearsal) -> str:
    """Return the result as text for a terminal."""
    head = (
        f"{found.period}　{found.law}；方案 {found.scheme_was} → {found.scheme_would}；工单 {found.claims} 件"
    )
    if not found.claims:
        return f"{head}\n没有可推演的工单。{_problems(found)}"
    if not (found.changes or found.differing or found.outcomes):
        return f"{head}\n与实际无异：时限、亮牌、指标、得分和名次都不变。{_problems(found)}"
    lines = [head, f"指标、得分和名次不同 {len(found.changes)} 处："]
    lines += [f"　{line}" for line in found.changes[:_SHOWN]]
    lines.append(f"工单不同 {len(found.differing)} 件：")
    for claim in found.differing[:_SHOWN]:
        lines += [f"　{claim.number}　{line}" for line in (*claim.limits, *claim.lights)]
    lines.append(f"办理结果不同 {len(found.outcomes)} 项：")
    lines += [f"　{one.number}　{minute(one.at)}　{one.text}" for one in found.outcomes[:_SHOWN]]
    return "\n".join(lines) + _problems(found)


def _problems(found: Rehearsal) -> str:
    return "".join(f"\n历史有问题　{name}：{problem}" for name, problem in found.problems)


def grids(found: Rehearsal) -> list[Grid]:
    """Return the whole result as tables."""
    was, would = (
        {line.unit: line for line in edition.units} if edition else {} for edition in (found.was, found.would)
    )
    rows = [_scores(was.get(unit), would.get(unit)) for unit in dict.fromkeys([*was, *would])]
    claims = [
        (claim.number, kind, line)
        for claim in found.differing
        for kind, told in (("时限", claim.limits), ("亮牌", claim.lights), ("数据", claim.facts))
        for line in told
    ]
    outcomes = [(one.number, minute(one.at), one.text) for one in found.outcomes]
    return [
        Grid(_SCORED, _columns("单位", *_SCORES), tuple(rows)),
        Grid("差异", _columns("指标、得分、等次、名次"), tuple((line,) for line in found.changes)),
        Grid("工单", _columns("工单", "项目", "实际 → 假设"), tuple(claims)),
        Grid("办理结果", _columns("工单", "时间", "情况"), tuple(outcomes)),
        Grid("未能推演", _columns("流程", "原因"), tuple(found.problems)),
    ]


def _scores(was: UnitResult | None, would: UnitResult | None) -> tuple[str, ...]:
    line = would or was
    cells = (cell for pair in zip(_cells(was), _cells(would), strict=True) for cell in pair)
    return (line.name if line else "", *cells)


def _cells(line: UnitResult | None) -> tuple[str, str, str]:
    """Return score, band and rank."""
    if line is None:
        return NONE, NONE, NONE
    if line.score is None:
        return "不计分", NONE, NONE
    return str(line.score), line.band, str(line.rank)


def _columns(*names: str) -> tuple[tuple[str, int], ...]:
    return tuple((name, 156 // len(names)) for name in names)


def page(found: Rehearsal) -> bytes:
    """Return a self-contained HTML page."""
    title = f"{found.period} 推演报告"
    parts = [f"<h1>{escape(title)}</h1>", f"<p>假设：{escape(found.law)}。</p>"]
    parts.append(
        f"<p>考核方案：{escape(found.scheme_was)} → {escape(found.scheme_would)}；工单{found.claims}件。</p>"
    )
    parts.append("<p>企业和单位的行为保持不变，时间所致的重新计算；不作猜测，不改变任何数据。</p>")
    for grid in grids(found):
        parts.append(f"<h2>{escape(grid.title)}</h2>")
        parts.append(table(Grid("", grid.columns, grid.rows)) if grid.rows else "<p>无。</p>")
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    ).encode()


def workbook(found: Rehearsal) -> bytes:
    """Return a workbook with a sheet per table. The same result gives the same bytes."""
    written = io.BytesIO()
    with Workbook(
        written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"created": UNDATED})
        bold = book.add_format({"bold": True})
        for grid in grids(found):
            sheet = book.add_worksheet(grid.title)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(grid.columns) - 1, 28)
            sheet.set_column(
                len(grid.columns) - 1, len(grid.columns) - 1, 28 if grid.title == _SCORED else 90
            )
            for place, (name, _) in enumerate(grid.columns):
                sheet.write_string(0, place, name, bold)
            for line, row in enumerate(grid.rows, start=1):
                for place, cell in enumerate(row):
                    sheet.write_string(line, place, cell)
    return dated_zip(written)
