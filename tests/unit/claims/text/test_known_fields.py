"""Fields that nobody would read in a signal to a unit's account that somebody has typed in the Temporal UI (§1)."""

from collections.abc import Mapping

import pytest

from claims.editions.edition import built_in_policy
from claims.model.journal import Outcome
from claims.model.messages.known_fields import fields_beside
from claims.model.messages.unit_action_bodies import UnitAction, UnitEnvelope
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Role
from claims.model.unit_account import UnitAccount
from claims.model.values import CONSOLE, Actor
from claims.units.procedure import act
from tests.support.claims.people import WATER, person
from tests.support.dates import beijing

pytestmark = pytest.mark.rule("§1")
NOW = beijing("Tue 2026-12-01 09:00")
STEP = {"measure": "x", "text": "已处理"}


def done(
    sent: dict[str, object], actor: Actor = CONSOLE, policy: Policy = DEFAULT_POLICY
) -> tuple[Outcome, list[str]]:
    """An accountability step, as a workflow reads what was sent, and what the account's journal says."""
    given = {**sent, "actor": actor, "beside": fields_beside(sent, UnitEnvelope)}
    envelope = UnitEnvelope.model_validate(given)
    step, outcome, _ = act(UnitAccount(unit=WATER, policy=policy), envelope, now=NOW)
    return outcome, [entry.text for entry in step.entries]


def typed(body: Mapping[str, object], **beside: object) -> dict[str, object]:
    return {"action": UnitAction.RECORD_ACCOUNTABILITY_STEP, "body": {"request_id": "r", **body}, **beside}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (typed({**STEP, "close": True}), "没有名为 close 的字段，是否想填 closes？"),
        (typed(STEP, close=True), "没有名为 close 的字段，是否想填 closes？"),
        (typed(STEP, closes=True), "closes 应写在 body 里面"),
        (typed(STEP, beside=["closes"]), "没有名为 beside 的字段，是否想填 closes？"),
    ],
)
def test_a_typed_field_that_would_not_be_read_is_refused(sent: dict[str, object], said: str) -> None:
    outcome, journal = done(sent)
    assert (outcome.status, outcome.rule, outcome.reason) == ("refused", "§1", said)
    assert journal == [f"不予办理：{said}"]


def test_known_fields_are_judged_by_the_role() -> None:
    outcome, _ = done(typed({**STEP, "closes": True}, received_at="2026-12-01T09:00:00+08:00"))
    assert outcome.reason == "您的身份不能办理此事项"


def test_what_a_later_api_adds_does_not_stop_an_action() -> None:
    body = {**STEP, "later": True}
    outcome, _ = done(typed(body, later=True), person(Role.COORDINATOR))
    assert (outcome.rule, outcome.reason) == ("R36", "没有这项问责材料")


@pytest.mark.rule("R7")
def test_an_account_of_an_earlier_law_ignores_such_a_field() -> None:
    outcome, _ = done(typed({**STEP, "close": True}), policy=built_in_policy(2))
    assert outcome.reason == "您的身份不能办理此事项"


def test_an_envelope_without_more_is_whole() -> None:
    assert fields_beside(typed(STEP), UnitEnvelope) == ()
    assert fields_beside("text", UnitEnvelope) == ()
    assert fields_beside({"x" * 100: 1, "y": 2}, UnitEnvelope) == ("x" * 60,)
