"""The mutants that no test can kill, from the list in docs/mutants.md."""

import re
from typing import Final

from tests.mutation.mutants import ROOT

PAGE: Final = ROOT / "docs" / "mutants.md"
ITEM: Final = re.compile(
    r"^- `(?P<path>\S+)` `(?P<function>\S*)`: `(?P<old>.+?)` → `(?P<new>.*?)`\. \S", re.MULTILINE
)


def explained() -> frozenset[tuple[str, str, str, str]]:
    """Their identities."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return frozenset(
        (found["path"], found["function"], found["old"], found["new"]) for found in ITEM.finditer(text)
    )
