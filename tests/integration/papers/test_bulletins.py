"""Bulletins of the hand-calculated November: their content in all three formats, and the same bytes each time
(R62).
"""

import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn
from PIL import Image

from assessment.editions.composition import basis, composed_edition, samples
from assessment.editions.model import Edition, sha256
from assessment.editions.monthly import monthly_edition
from assessment.editions.sampling import Reinterview
from assessment.facts.extraction import facts_of
from assessment.facts.model import Fact
from assessment.meetings.model import AgendaItem, AgendaKind, Followed, MeetingState
from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from data import load_organisation
from documents.bulletins.charts import png, svg
from documents.bulletins.content import Bars, Bulletin, Grid, Heading, bulletin, period_name
from documents.bulletins.meetings import agenda_paper, minutes_paper
from documents.bulletins.page import page
from documents.bulletins.word import word
from documents.bulletins.workbook import workbook
from tests.support.assessment.november import stories

PERIOD = parse_period("2026-11")


@pytest.fixture(scope="module")
def facts() -> tuple[Fact, ...]:
    runs = [play.run("Mon 12-07 09:00") for play in stories()]
    return PERIOD.facts(fact for life in runs for fact in facts_of(life))


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
    assert {"60.63", "合格", "9/13\n（69.2%）"} <= set(cells)
    assert all("/" in cell for cell in cells if "%" in cell)
    assert not any("QH" in cell for cell in cells)


@pytest.mark.rule("R62")
def test_the_paper_is_worded_and_signed_as_the_standard_says(edition: Edition) -> None:
    """GB/T 9704: full names, no rule ids, 署名 above 成文日期 at the right, numbers never split."""
    period_name = (
        "新增剔除：市工信局的QH202611020001响应率（政策所限）",
        "市工信局：响应率 5/6 → 5/5（不再计入QH202611020001）",
        "平台延误（派单时限） 1/1 → 无",
    )
    scheme = scheme_for(PERIOD, load_schemes())
    at = datetime(2026, 12, 7, 2, tzinfo=UTC)
    heading = Heading(at, sha256(edition), "核定剔除一项", differences=period_name, scheme=scheme.title)
    names = {unit.id: unit.name for unit in load_organisation().units}
    made = bulletin(edition, heading, {"QX-370481": "滕州市"}, names)
    paper = Document(io.BytesIO(word(made)))
    texts = [each.text for each in paper.paragraphs]
    cells = {cell.text for table in paper.tables for row in table.rows for cell in row.cells}
    assert {"国网枣庄供电公司", "滕州市"} <= cells
    assert "枣庄供电公司" not in cells
    assert not re.search(r"R\d\d|QH\d|\d{4}-\d\d", "\n".join([*texts, *cells]))
    assert [text for text in texts if "→" in text or "剔除：" in text] == [
        "新增剔除：市工信局的1件工单响应率（政策所限）。",
        "市工信局：响应率 5/6 → 5/5。",
        "平台延误（派单时限） 1/1 → 无。",
    ]
    *_, organ, group, day = paper.paragraphs
    assert organ.text == "枣庄市“企呼枣（早）应、接诉即办”"
    assert (group.text, day.text) == ("工作领导小组综合协调组", "2026年12月7日")
    assert all(each.paragraph_format.left_indent for each in (organ, group, day))
    language = paper.styles["Normal"].element.rPr.find(qn("w:lang"))
    assert (language.get(qn("w:val")), language.get(qn("w:eastAsia"))) == ("en-US", "zh-CN")


@pytest.mark.rule("R62")
def test_a_quarters_paper_says_how_the_score_was_put_together(edition: Edition) -> None:
    quarter, scheme = parse_period("2026-Q4"), scheme_for(PERIOD, load_schemes())
    units = assessed_units(load_organisation())
    months = [
        edition if month == PERIOD else monthly_edition(month, (), units, scheme) for month in quarter.months
    ]
    drawn = samples(basis(quarter, months, units), scheme)
    answers = tuple(
        Reinterview(claim=claim, unit=unit, satisfied=place > 0)
        for unit, claims in drawn.items()
        for place, claim in enumerate(claims)
    )
    whole = composed_edition(quarter, months, units, scheme, answers=answers)
    made = bulletin(whole, Heading(datetime(2027, 1, 18, 2, tzinfo=UTC), sha256(whole)), {})
    [grid] = [
        part
        for section in made.sections
        for part in section.parts
        if isinstance(part, Grid) and part.title == "得分构成"
    ]
    told = next(cells[1] for cells in grid.rows if cells[0] == "枣庄供电公司")
    assert "扣分按月平均：各月24.50，共3个月" in told
    assert "再回访满意4/5，权重10分" in told
    assert "QH" not in "".join(cell for row in grid.rows for cell in row)


@pytest.mark.rule("R63")
def test_agenda_and_minutes_are_worded_and_signed_as_the_standard_says() -> None:
    late = AgendaItem(
        kind=AgendaKind.OVERDUE,
        claim="QH202611020016",
        unit="ZZ-GXJ",
        unit_name="市工信局",
        text="解决时限2026-11-16 24:00已过",
    )
    own = AgendaItem(kind=AgendaKind.PLATFORM, text="派单时限逾期3件（到期120件）")
    decided = Followed(id="2026-11-abc-1", text="逐件销号", unit="ZZ-GD", until=date(2026, 12, 20))
    meeting = MeetingState(
        id="2026-11-abc",
        period="2026-11",
        agenda=(late, own),
        held_at=datetime(2026, 12, 8, 7, tzinfo=UTC),
        host="陈副市长",
        followed=(decided,),
    )
    names = {unit.id: unit.name for unit in load_organisation().units}
    at = datetime(2026, 12, 7, 2, tzinfo=UTC)
    for content, day, words in (
        (
            agenda_paper(meeting, names, at=at),
            "2026年12月7日",
            ("枣庄市工业和信息化局", "2026年11月16日24时"),
        ),
        (
            minutes_paper(meeting, names),
            "2026年12月8日",
            ("国网枣庄供电公司", "2026年12月20日", "12月8日15时"),
        ),
    ):
        paper = Document(io.BytesIO(content))
        cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
        text = "\n".join([*(each.text for each in paper.paragraphs), *cells])
        assert all(word in text for word in words)
        assert not re.search(r"\d{4}-\d\d", text)
        assert [each.text for each in paper.paragraphs[-2:]] == ["工作领导小组综合协调组", day]


def test_the_chart_of_many_units_leaves_room_for_its_note() -> None:
    many = Bars("市直部门得分", tuple((str(n), Decimal(80), "良好") for n in range(1, 60)))
    with Image.open(io.BytesIO(png(many))) as picture:
        assert picture.height / picture.width * 140 <= 200  # millimetres


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
    assert period_name(parse_period(period)) == name
