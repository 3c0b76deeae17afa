"""Folders and files stay small enough to read."""

from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
PRODUCT: Final = sorted(
    path
    for path in (*ROOT.glob("*.py"), *ROOT.glob("[!.]*/**/*.py"))
    if path.relative_to(ROOT).parts[0] not in ("tests", "build")
)
FOLDERS: Final = sorted({path.parent for path in ROOT.glob("[!.]*/**/*.py")})
MIGRATIONS: Final = ROOT / "records" / "database" / "migrations" / "versions"
MOST_FILES: Final = 14
MOST_LINES: Final = 300


@pytest.mark.parametrize("folder", [str(folder.relative_to(ROOT)) for folder in FOLDERS])
def test_no_folder_holds_more_modules_than_fit_a_screen(folder: str) -> None:
    if ROOT / folder == MIGRATIONS:
        return
    modules = [path.name for path in (ROOT / folder).glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_FILES, sorted(modules)


def test_no_file_of_the_product_is_over_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in PRODUCT
        if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}
