"""The rules and kinds of refusals, against the hand-written table."""

from collections.abc import Mapping
from typing import Final

import pytest

from claims.model.terms import Action, Stage
from tests.oracles import claims_by_stage as staged
from tests.oracles.golden import CITED, refusal
from tests.oracles.refused_acts import ASKED, Tried, on
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, SUPERVISOR


def test_every_refusal_that_was_written_down_is_tried() -> None:
    assert list(ASKED) == list(CITED["refusals"])


@pytest.mark.rule("§1", "R12", "R14", "R15", "R16", "R17", "R18", "R20", "R21")
@pytest.mark.rule("R40", "R41", "R44", "R45", "R46", "R47", "R48", "R52")
@pytest.mark.parametrize("name", CITED["refusals"])
def test_a_refusal_cites_its_rule_says_what_is_wrong_and_is_of_its_kind(name: str) -> None:
    outcome, wanted = ASKED[name](), refusal(name)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", wanted.rule, wanted.kind)
    assert outcome.reason


# Not allowed by the rulebook, but not refused today.
TAKEN: Final[Mapping[str, Tried]] = {
    "dissatisfaction without a reason from the list": on(
        staged.fed_back, Action.CALL_BACK, CALLER, grade="dissatisfied"
    ),
}


@pytest.mark.parametrize("name", CITED["accepted"])
def test_what_departs_from_the_rulebook_is_taken_as_was_written_down(name: str) -> None:
    assert TAKEN[name]().status == "accepted"


@pytest.mark.rule("R45")
def test_an_order_of_the_most_days_is_taken() -> None:
    most = CITED["other numbers"]["ordered completion, most days"]["is"]
    paper = staged.verification(Paper())
    paper.must(Action.VERIFY, SUPERVISOR, order_days=most)
    assert paper.claim.stage is Stage.COMPLETION
