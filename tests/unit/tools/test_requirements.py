"""docs/requirements.md lists the proofs of each rule correctly."""

from functools import cache
from pathlib import Path

import pytest

from tests.requirements import PAGE, Proof, faults, generated, page, proofs
from tests.support.rules import RULES, Rule


@cache
def all_proofs() -> dict[str, list[Proof]]:
    """The marked tests of this repository. A fixture, because finding them takes a second."""
    return proofs()


def test_the_table_of_rules_and_tests_is_up_to_date() -> None:
    text = PAGE.read_text("utf-8")
    assert page(text, all_proofs()) == text, "run `make requirements`"


def test_every_mark_names_a_rule_and_every_built_rule_has_a_test() -> None:
    assert faults(all_proofs()) == []


def test_a_mark_without_a_rule_is_found_with_its_test(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    marked = '@pytest.mark.rule("R31", "R99")\nasync def test_lights(): ...\n'
    (tests / "test_it.py").write_text(marked, "utf-8")
    found = proofs(tests)
    assert found["R31"] == [Proof("tests/test_it.py", "test_lights")]
    assert "tests/test_it.py: test_lights names R99, which is no rule" in faults(found)


def test_marks_of_cases_and_classes_count(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    case = 'pytest.param(1, marks=pytest.mark.rule("R2"))'
    lines = [f'@pytest.mark.parametrize("n", [{case}])', "def test_n(n): ...", ""]
    lines += ['TestPlay = pytest.mark.rule("R5")(Play.TestCase)', ""]
    (tests / "test_it.py").write_text("\n".join(lines), "utf-8")
    assert {rule: named[0].name for rule, named in proofs(tests).items()} == {
        "R2": "test_n",
        "R5": "TestPlay",
    }


def test_the_mark_of_a_module_is_one_of_each_of_its_tests(tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    lines = ['pytestmark = pytest.mark.rule("R2")', "N = 1", "def test_a(): ...", "def test_b(): ...", ""]
    (tests / "test_it.py").write_text("\n".join(lines), "utf-8")
    assert [proof.name for proof in proofs(tests)["R2"]] == ["test_a", "test_b"]


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if rule.built], ids=lambda rule: rule.id)
def test_a_built_rule_without_a_test_is_a_fault(rule: Rule) -> None:
    found = {id: named for id, named in all_proofs().items() if id != rule.id}
    assert faults(found) == [f"{rule.id} is built and no test names it"]


def test_a_rule_that_is_proven_is_not_called_unbuilt(monkeypatch: pytest.MonkeyPatch) -> None:
    unbuilt = RULES["R42"]._replace(built=False)
    monkeypatch.setitem(RULES, unbuilt.id, unbuilt)
    found = {**all_proofs(), unbuilt.id: [Proof("tests/test_it.py", "test_it")]}
    assert len(faults(found)) == 1


def test_a_rule_shows_its_tests_as_sentences() -> None:
    shown = generated({"R42": [Proof("tests/unit/test_it.py", "test_satisfied_is_closed")]})
    assert "- [tests/unit/test_it.py](../tests/unit/test_it.py)\n  - satisfied is closed\n" in shown
