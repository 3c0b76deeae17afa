"""Unknown fields of an action, in a signal typed in the Temporal UI (§1)."""

import pytest

from claims.editions.edition import built_in_policy
from claims.model.events import EventKind
from claims.model.terms import Action, Stage
from claims.model.values import CONSOLE
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER

TYPED = {"grade": "dissatisfied", "reason": "result", "remrak": "电话里很着急"}


@pytest.mark.rule("§1")
def test_a_typed_field_that_the_action_does_not_have_is_refused_and_the_nearest_is_named() -> None:
    paper = Paper().fed_back()
    outcome = paper.do(Action.CALL_BACK, CONSOLE, **TYPED)
    assert (outcome.status, outcome.rule) == ("refused", "§1")
    assert outcome.reason == "没有名为 remrak 的字段，是否想填 remark？"
    assert paper.claim.stage is Stage.CALL_BACK
    assert paper.events(EventKind.REFUSED)[-1].text.endswith(outcome.reason)


def test_known_fields_are_taken_as_before() -> None:
    paper = Paper().fed_back()
    fields = {name: value for name, value in TYPED.items() if name != "remrak"}
    paper.must(Action.CALL_BACK, CONSOLE, **fields, remark="电话里很着急")
    assert paper.claim.stage is Stage.REDO


def test_what_a_later_api_adds_does_not_stop_an_action() -> None:
    paper = Paper().fed_back()
    paper.must(Action.CALL_BACK, CALLER, **TYPED)
    assert paper.claim.stage is Stage.REDO


@pytest.mark.rule("R7")
def test_claims_of_an_earlier_law_ignore_such_a_field() -> None:
    paper = Paper(policy=built_in_policy(2)).fed_back()
    paper.must(Action.CALL_BACK, CONSOLE, **TYPED)
    assert paper.claim.stage is Stage.REDO
