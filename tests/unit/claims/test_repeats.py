"""Maximums of repeated actions on a claim, and that actions which end it are always possible (R46)."""

from typing import Final

import pytest

from claims import procedure
from claims.lifecycle import allowed_actions
from claims.model.events import EventKind
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, Role, Stage
from claims.model.values import Actor
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, ENTERPRISE, HANDLER, OPERATOR, POWER, SUPERVISOR, envelope

LONG: Final = "办" * 4900
MOST: Final = 20


def handled() -> Paper:
    return Paper().dispatched(POWER)


@pytest.mark.rule("R46")
@pytest.mark.parametrize(
    ("action", "actor", "fields"),
    [
        (Action.PROGRESS, HANDLER, {"summary": "已到现场"}),
        (Action.REPLY, HANDLER, {"text": "正在办理"}),
        (Action.CONTACT, HANDLER, {}),
        (Action.REMIND, CALLER, {"text": "请快些"}),
        (Action.SUPPLEMENT, ENTERPRISE, {"text": "补充"}),
        (Action.WITHDRAW, ENTERPRISE, {"reason": "不办了"}),
    ],
)
def test_one_person_repeats_an_action_twenty_times_in_a_round(
    action: Action, actor: Actor, fields: dict[str, object]
) -> None:
    paper = handled()
    for _ in range(MOST):
        paper.must(action, actor, **fields)
    refused = paper.do(action, actor, **fields)
    assert (refused.status, refused.kind) == ("refused", "not-now")
    assert action not in allowed_actions(paper.claim, actor)


@pytest.mark.rule("R46")
def test_what_one_person_has_used_up_another_may_still_do() -> None:
    paper = handled()
    for _ in range(MOST):
        paper.must(Action.SUPPLEMENT, ENTERPRISE, text="补充")
    paper.must(Action.SUPPLEMENT, CALLER, text="企业来电补充")


@pytest.mark.rule("R46")
def test_all_people_of_a_unit_together_repeat_an_action_sixty_times_in_a_round() -> None:
    paper = handled()
    people = [HANDLER.model_copy(update={"sub": f"handler-{n}"}) for n in range(100)]
    outcomes = [paper.do(Action.PROGRESS, person, summary="已到现场") for person in people]
    assert [outcome.status for outcome in outcomes] == ["accepted"] * 60 + ["refused"] * 40
    assert (outcomes[-1].rule, outcomes[-1].kind) == ("R18", "not-now")
    paper.must(Action.REMIND, CALLER, text="请快些")
    paper.must(Action.CONTACT, HANDLER)


@pytest.mark.rule("R46")
def test_all_people_of_a_unit_together_repeat_an_action_five_times_once_the_history_is_long() -> None:
    paper = handled()
    paper.claim.long_history = True
    people = [HANDLER.model_copy(update={"sub": f"handler-{n}"}) for n in range(10)]
    outcomes = [paper.do(Action.PROGRESS, person, summary="已到现场") for person in people]
    assert [outcome.status for outcome in outcomes] == ["accepted"] * 5 + ["refused"] * 5


@pytest.mark.rule("R46")
def test_a_history_that_has_once_been_long_stays_long() -> None:
    paper = handled()
    outcomes = []
    for n in range(6):
        sent = envelope(Action.PROGRESS, HANDLER, {"request_id": f"p{n}", "summary": "已到现场"})
        step, outcome = procedure.act(paper.claim, Action.PROGRESS, sent, now=paper.now, long_history=n == 0)
        paper.adopt(step)
        outcomes.append(outcome.status)
    assert outcomes == ["accepted"] * 3 + ["refused"] * 3


@pytest.mark.rule("R46", "R41")
def test_an_enterprise_that_reports_calls_again_and_again_does_not_keep_the_hotline_from_closing() -> None:
    paper = handled()
    for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
        paper.must(action, HANDLER)
    calls = [paper.do(Action.CALL_BACK, ENTERPRISE, reached=False) for _ in range(138)]
    assert sum(call.status == "accepted" for call in calls) <= MOST
    paper.must(Action.CALL_BACK, CALLER, reached=True, grade="satisfied", resolved=True, contacted=True)
    assert paper.claim.stage is Stage.CLOSED


@pytest.mark.rule("R46")
def test_a_claim_with_many_long_texts_takes_short_ones_until_it_is_closed() -> None:
    paper = handled()
    people = [HANDLER.model_copy(update={"sub": f"handler-{n}"}) for n in range(20)]
    outcomes = [paper.do(Action.REPLY, one, text=LONG) for one in people for _ in range(10)]
    refused = [outcome for outcome in outcomes if outcome.status == "refused"]
    assert 20 <= len(outcomes) - len(refused) <= 40
    assert {outcome.rule for outcome in refused} == {"R46"}
    for action in (Action.CONTACT, Action.FEEDBACK):
        paper.must(action, HANDLER)
    paper.must(Action.CALL_BACK, CALLER, reached=True, grade="satisfied", resolved=True, contacted=True)
    assert paper.claim.stage is Stage.CLOSED
    assert len(paper.claim.model_dump_json().encode()) < 1_500_000


@pytest.mark.rule("R46")
def test_refused_attempts_are_recorded_a_hundred_times_and_then_counted() -> None:
    paper = handled()
    for _ in range(150):
        assert paper.do(Action.ANSWER, OPERATOR).status == "refused"
    lines = [entry for entry in paper.journal if entry.kind is EventKind.REFUSED]
    assert (len(lines), paper.claim.refusals) == (100, 150)
    paper.must(Action.SIGN_FOR, HANDLER)


@pytest.mark.rule("R46")
def test_a_claim_of_an_older_policy_takes_as_much_as_it_did() -> None:
    bounds = {"repeats_per_round": 0, "repeats_per_side": 0, "claim_bytes": 0, "refusals_recorded": 0}
    paper = Paper(policy=DEFAULT_POLICY.model_copy(update=bounds)).dispatched(POWER)
    for _ in range(MOST + 5):
        paper.must(Action.PROGRESS, HANDLER, summary="进展")
    assert paper.do(Action.ANSWER, OPERATOR).status == "refused"
    assert (paper.claim.repeats, paper.claim.refusals) == ({}, 0)


@pytest.mark.rule("§1")
def test_a_role_that_this_version_does_not_know_gives_nothing() -> None:
    actor = Actor.model_validate({"sub": "x", "roles": ["supervisor", "mayor-of-a-later-version"]})
    assert actor.roles == (Role.SUPERVISOR,)
    assert SUPERVISOR.has(Role.SUPERVISOR)
