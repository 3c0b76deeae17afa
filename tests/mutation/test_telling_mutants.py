"""Each of the chosen mutants is killed by the tests that it names."""

import json
import subprocess
import sys
from typing import Final

import pytest

from tests.mutation.mutants import ROOT
from tests.mutation.telling import TELLING, Telling

LONGEST: Final = 540
"""Seconds."""


@pytest.fixture(scope="module")
def killers() -> dict[str, str]:
    """The test that killed each mutant, "" where none did."""
    command = [sys.executable, "-m", "tests.mutation.run_telling"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONGEST)
    lines = [line for line in result.stdout.splitlines() if line.startswith("[")]
    assert len(lines) == len(TELLING), result.stdout + result.stderr
    return dict(json.loads(line) for line in lines)


@pytest.mark.parametrize("telling", TELLING, ids=lambda telling: telling.name)
def test_a_test_notices(telling: Telling, killers: dict[str, str]) -> None:
    assert killers[telling.name].startswith(telling.killed_by), killers[telling.name] or "it survived"
