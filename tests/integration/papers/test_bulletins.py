"""Bulletins of the hand-reckoned November: what they say, in all three forms, and the same bytes each time (R62)."""

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pytest
from docx import Document

from assessment.editions.model import Edition, sha256
from assessment.editions.monthly import monthly_edition
from assessment.facts.extraction import facts_of
from assessment.facts.model import Fact
from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from data import load_organisation
from documents.bulletins.charts import png, svg
from documents.bulletins.content import Bars, Bulletin, Heading, bulletin, said
from documents.bulletins.page import page
from documents.bulletins.word import word
from documents.bulletins.workbook import workbook
from tests.support.assessment.november import stories

PERIOD = parse_period("2026-11")


@pytest.fixture(scope="module")
def facts() -> tuple[Fact, ...]:
    lives = [play.life("Mon 12-07 09:00") for play in stories()]
    return PERIOD.facts(fact for life in lives for fact in facts_of(life))


@pytest.fixture(scope="module")
def edition(facts: tuple[Fact, ...]) -> Edition:
    scheme = scheme_for(PERIOD, load_schemes())
    return monthly_edition(PERIOD, facts, assessed_units(load_organisation()), scheme)


@pytest.fixture(scope="module")
def november(edition: Edition) -> Bulletin:
    heading = Heading(published_at=datetime(2026, 12, 7, 2, tzinfo=UTC), hash=sha256(edition))
    return bulletin(edition, heading, {"QX-370481": "滕州市"})


@pytest.mark.rule("R62")
def test_the_paper_says_the_scores_and_never_a_bare_percentage(november: Bulletin) -> None:
    paper = Document(io.BytesIO(word(november)))
    text = "\n".join(each.text for each in paper.paragraphs)
    assert "关于2026年11月“企呼枣（早）应、接诉即办”工作情况的通报" in text
    assert "2026年12月7日" in text
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert "60.63（合格）" in cells
    assert "9/13（69.2%）" in cells
    assert all("/" in cell for cell in cells if "%" in cell)
    assert not any("QH" in cell for cell in cells)


@pytest.mark.rule("R62")
def test_the_workbook_holds_numbers_and_formulas_that_make_the_rates(
    edition: Edition, november: Bulletin, facts: tuple[Fact, ...]
) -> None:
    data = workbook(edition, november, facts)
    book = openpyxl.load_workbook(io.BytesIO(data))
    rows = [tuple(cell.value for cell in row) for row in book["指标"].iter_rows(min_row=2)]
    contact = next(row for row in rows if row[:2] == ("枣庄供电公司", "响应率"))
    assert contact[2:4] == (9, 13)
    assert str(contact[4]).startswith("=IF(D")
    assert book["数据行"].max_row == len(facts) + 1
    assert any(name.startswith("xl/charts/") for name in zipfile.ZipFile(io.BytesIO(data)).namelist())


@pytest.mark.rule("R62")
def test_every_list_of_the_workbook_is_filtered_and_as_wide_as_its_words(
    edition: Edition, november: Bulletin, facts: tuple[Fact, ...]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(edition, november, facts)))
    for title in ("得分排名", "指标", "得分依据", "数据行"):
        assert book[title].auto_filter.ref == f"A1:{book[title].dimensions.partition(':')[2]}", title
    longest = max(2 * len(unit.name) for unit in edition.units)
    assert book["指标"].column_dimensions["A"].width >= longest


@pytest.mark.rule("R62")
def test_the_same_edition_gives_the_same_bytes(
    edition: Edition, november: Bulletin, facts: tuple[Fact, ...]
) -> None:
    assert word(november) == word(november)
    assert page(november) == page(november)
    assert workbook(edition, november, facts) == workbook(edition, november, facts)


@pytest.mark.rule("R62")
def test_charts_have_no_word_and_are_told_by_patterns(november: Bulletin) -> None:
    chart = next(part for section in november.sections for part in section.parts if isinstance(part, Bars))
    assert png(chart).startswith(b"\x89PNG")
    drawn = svg(chart)
    assert drawn == svg(chart)
    patterned = Bars("得分", (("1", Decimal("84.10"), "良好"),))
    assert "<pattern" in svg(patterned)
    assert "<text" not in drawn


@pytest.mark.rule("R62")
@pytest.mark.parametrize(
    ("period", "name"),
    [
        ("2026-11", "2026年11月"),
        ("2026-Q4", "2026年第四季度"),
        ("2026-H1", "2026年上半年"),
        ("2026", "2026年度"),
    ],
)
def test_periods_are_said_as_papers_say_them(period: str, name: str) -> None:
    assert said(parse_period(period)) == name
