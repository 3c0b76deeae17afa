"""Renders papers page by page, and compares pages with a tolerance for fonts and rounding."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, ImageChops

from tools.debian_packages import install

DOTS: Final = 40
"""Per inch: a page has about 330 by 470 pixels."""
_CELL: Final = 8
"""Pixels in a cell's side (five millimetres). Within a cell, ink may move."""
_DARKER: Final = 45
"""Minimum difference of a cell, of 255."""
_MOST_CELLS: Final = 0.004
"""Maximum share of a page's cells that may differ."""
PROGRAMS: Final = ("soffice", "pdftoppm", "pdftotext")
PACKAGES: Final = (
    "libreoffice-writer",
    "poppler-utils",
    "fontconfig",
    "fonts-noto-cjk",
    "fonts-liberation",
)
FONTS: Final = ("Noto Serif CJK SC", "Liberation Serif")
"""Fonts for Chinese and for digits; the latter is as wide as Times New Roman."""


def can_render() -> bool:
    """Return whether LibreOffice, poppler and the fonts of the known pictures are installed. With other
    fonts, line heights and page breaks differ. As root on Debian, install them.
    """
    return install(*PACKAGES, unless=_is_all_there)


def _is_all_there() -> bool:
    return all(map(shutil.which, (*PROGRAMS, "fc-list"))) and all(map(_is_installed, FONTS))


def _is_installed(font: str) -> bool:
    return bool(subprocess.run(["fc-list", font], capture_output=True, check=False).stdout.strip())


class Printed(NamedTuple):
    """A printed paper: its pages in grey, and its lines of text."""

    pages: list[Image.Image]
    lines: list[str]


def printed(papers: Mapping[str, bytes], folder: Path) -> dict[str, Printed]:
    """Return the printed Word files by file name."""
    for name, content in papers.items():
        (folder / f"{name}.docx").write_bytes(content)
    files = [str(folder / f"{name}.docx") for name in papers]
    profile = f"-env:UserInstallation=file://{folder}/profile"
    _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), *files)
    files_printed = {name: folder / f"{name}.pdf" for name in papers}
    return {name: Printed(_pages(pdf), _lines(pdf)) for name, pdf in files_printed.items()}


def _pages(pdf: Path) -> list[Image.Image]:
    _run("pdftoppm", "-r", str(DOTS), "-gray", "-png", str(pdf), str(pdf.with_suffix("")))
    return [Image.open(page).copy() for page in sorted(pdf.parent.glob(f"{pdf.stem}-*.png"))]


def _lines(pdf: Path) -> list[str]:
    return _run("pdftotext", "-layout", str(pdf), "-").decode().splitlines()


def _run(*command: str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True, timeout=240).stdout


def looks_the_same(one: Image.Image, other: Image.Image) -> bool:
    """Return whether two pages have ink in the same places."""
    if abs(one.width - other.width) > 1 or abs(one.height - other.height) > 1:
        return False
    cells = one.width // _CELL, one.height // _CELL
    grey = [page.convert("L").resize(cells, Image.Resampling.BOX) for page in (one, other)]
    differs: Sequence[int] = ImageChops.difference(*grey).histogram()[_DARKER:]
    return sum(differs) <= _MOST_CELLS * cells[0] * cells[1]
