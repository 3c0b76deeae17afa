"""How the city's papers look, page by page, beside pictures that were looked at (GB/T 9704).

`UPDATE_LAYOUTS=1 python -m pytest tests/integration/papers/test_paper_layout.py` draws the pictures anew; look at each.
"""

import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from claims.papers.requests import FORMS, PaperKind
from documents.rendering import render
from tests.support.claims.paper_samples import DRAWN_UP, numbered
from tests.support.paper_pages import FONT, PROGRAMS, can_render, looks_the_same, pages_of

LAYOUTS = Path(__file__).with_name("layouts")
KNOWN = sorted(LAYOUTS.glob("*.png"))

Pages = dict[str, list[Image.Image]]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """All papers, rendered at once."""
    if not can_render():
        pytest.skip(f"needs {', '.join(PROGRAMS)} and the font {FONT}")
    papers = {kind.value: render(numbered(DRAWN_UP[kind]())) for kind in PaperKind}
    return pages_of(papers, tmp_path_factory.mktemp("papers"))


@pytest.mark.rule("R17", "R31", "R35", "R36", "R44", "R45")
@pytest.mark.parametrize("kind", list(PaperKind), ids=lambda kind: FORMS[kind].name)
def test_a_paper_looks_as_it_did(pages: Pages, kind: PaperKind) -> None:
    if os.environ.get("UPDATE_LAYOUTS"):
        LAYOUTS.mkdir(exist_ok=True)
        for n, page in enumerate(pages[kind.value], start=1):
            page.quantize(8).save(LAYOUTS / f"{kind.value}-{n}.png", optimize=True)
    known = [Image.open(file) for file in sorted(LAYOUTS.glob(f"{kind.value}-*.png"))]
    assert len(pages[kind.value]) == len(known)
    for n, (page, before) in enumerate(zip(pages[kind.value], known, strict=True), start=1):
        assert looks_the_same(page, before), f"page {n}"


@pytest.mark.parametrize("file", KNOWN, ids=lambda file: file.stem)
def test_what_has_moved_by_two_lines_is_seen_and_one_pixel_is_not(file: Path) -> None:
    page = Image.open(file).convert("L")
    assert looks_the_same(page, ImageChops.offset(page, 1, 0))
    assert not looks_the_same(page, ImageChops.offset(page, 0, 32))
