"""The layout of papers, page by page, against reviewed pictures (GB/T 9704).

`UPDATE_LAYOUTS=1 python -m pytest tests/integration/papers/test_paper_layout.py` replaces the pictures; look
at each.
"""

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from claims.papers.requests import FORMS, PaperKind
from documents.rendering import render
from tests.support.claims.paper_samples import DRAWN_UP, numbered, with_fields
from tests.support.paper_pages import PACKAGES, Printed, can_render, looks_the_same, printed

pytestmark = pytest.mark.timeout(1800)
"""On an empty machine LibreOffice is installed first."""
LAYOUTS = Path(__file__).with_name("layouts")
KNOWN = sorted(LAYOUTS.glob("*.png"))

USUAL = {
    **dict.fromkeys(("登记时间", "送达时间", "起算时间", "约谈时间"), "2026-11-28 19:23"),
    "企业名称": "枣庄经济开发区恒昌新能源装备制造有限公司",
    "诉求事项": "园区主管道本月已停水三次且未提前通知，我公司豆制品杀菌工序被迫停线，要求明确原因并给出保供方案，"
    "同时协调供水单位在检修前告知企业。",
    "协办单位": "市住房和城乡建设局、市城乡水务局",
    **dict.fromkeys(
        ("首次回访", "再次回访"), "非常不满意（2026-12-08 10:23）：电送上了，但停产期间的损失没有答复。"
    ),
    "派单依据": "职责依据：供用电服务；电力法第26条；优化营商环境条例第28条",
}
"""Texts of usual length, and an instant with two-digit hours and minutes."""
ONE_PAGE = (PaperKind.SUPERVISION_LETTER, PaperKind.DISPATCH_ORDER, PaperKind.REVIEW_FORM)

Papers = dict[str, Printed]


def usual(kind: PaperKind) -> bytes:
    """Return a paper with usual texts in its fields."""
    paper = DRAWN_UP[kind]()
    given = {name: value for name, value in USUAL.items() if name in paper.fields}
    return render(numbered(with_fields(paper, **given)))


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """All papers, rendered at once."""
    if not can_render():
        pytest.skip(f"needs {', '.join(PACKAGES)}")
    files = {kind.value: render(numbered(DRAWN_UP[kind]())) for kind in PaperKind}
    files |= {f"usual-{kind.value}": usual(kind) for kind in PaperKind}
    return printed(files, tmp_path_factory.mktemp("papers"))


@pytest.mark.rule("R17", "R31", "R35", "R36", "R44", "R45")
@pytest.mark.parametrize("kind", list(PaperKind), ids=lambda kind: FORMS[kind].name)
def test_a_paper_looks_as_it_did(papers: Papers, kind: PaperKind) -> None:
    pages = papers[kind.value].pages
    if os.environ.get("UPDATE_LAYOUTS"):
        LAYOUTS.mkdir(exist_ok=True)
        for n, page in enumerate(pages, start=1):
            page.quantize(8).save(LAYOUTS / f"{kind.value}-{n}.png", optimize=True)
    known = [Image.open(file) for file in sorted(LAYOUTS.glob(f"{kind.value}-*.png"))]
    assert len(pages) == len(known)
    for n, (page, before) in enumerate(zip(pages, known, strict=True), start=1):
        assert looks_the_same(page, before), f"page {n}"


def test_no_line_ends_within_a_number_or_a_word(papers: Papers) -> None:
    broken = [
        (name, line, following)
        for name, paper in papers.items()
        for line, following in pairwise(filter(str.strip, paper.lines))
        if re.search("[0-9A-Za-z]$", line) and re.match("[0-9A-Za-z]", following.strip())
    ]
    assert not broken


@pytest.mark.parametrize("kind", ONE_PAGE, ids=lambda kind: FORMS[kind].name)
def test_a_letter_or_form_with_usual_words_stays_on_one_page(papers: Papers, kind: PaperKind) -> None:
    assert len(papers[f"usual-{kind.value}"].pages) == 1


def test_an_instant_stands_on_one_line_of_its_cell(papers: Papers) -> None:
    lines = [line.replace(" ", "") for line in papers[f"usual-{PaperKind.DISPATCH_ORDER.value}"].lines]
    assert sum("2026年11月28日19时23分" in line for line in lines) == 2


def test_a_notice_of_criticism_fills_its_first_page(papers: Papers) -> None:
    first = papers[PaperKind.CRITICISM.value].pages[0].convert("L")
    written = first.crop((0, 0, first.width, round(first.height * 0.85)))  # without the page number
    lowest = written.point(lambda grey: 255 * (grey < 128)).getbbox()
    assert lowest is not None
    assert lowest[3] / first.height > 0.7


@pytest.mark.parametrize("file", KNOWN, ids=lambda file: file.stem)
def test_what_has_moved_by_two_lines_is_seen_and_one_pixel_is_not(file: Path) -> None:
    page = Image.open(file).convert("L")
    assert looks_the_same(page, ImageChops.offset(page, 1, 0))
    assert not looks_the_same(page, ImageChops.offset(page, 0, 32))
