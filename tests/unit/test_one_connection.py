"""Clients and data converters are created only in `runtime/`, so that codec and TLS are configured once."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = {path.parent for path in ROOT.glob("[!.]*/*.py")} - {ROOT / "runtime"}
SOURCES: Final = {*ROOT.glob("*.py"), *(path for room in ROOMS for path in room.rglob("*.py"))}


@pytest.mark.parametrize("call", ["Client.connect", "pydantic_data_converter"])
def test_only_runtime_connects_and_converts(call: str) -> None:
    others = SOURCES - {Path(__file__)}
    naming = [path for path in others if re.search(rf"\b{re.escape(call)}\b", path.read_text("utf-8"))]
    assert [str(path.relative_to(ROOT)) for path in naming] == []
