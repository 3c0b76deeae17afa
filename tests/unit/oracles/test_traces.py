"""Traces of claims, against the reviewed journals."""

import pytest

from tests.oracles.claim_traces import CLAIM_TRACES, FOLDER


@pytest.mark.rule("R2", "R4", "R5", "R12", "R13", "R14", "R15", "R16", "R17", "R18", "R20", "R21")
@pytest.mark.rule("R30", "R31", "R32", "R33", "R40", "R41", "R43", "R44", "R45", "R46", "R47", "R48", "R52")
@pytest.mark.parametrize("name", CLAIM_TRACES)
def test_a_life_goes_as_it_was_read(name: str) -> None:
    assert CLAIM_TRACES[name]().story == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_every_journal_is_of_a_life() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(CLAIM_TRACES)
