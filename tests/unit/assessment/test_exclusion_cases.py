"""The procedure of an exclusion (R65): apply, decide, appeal once, with the appeal's result recorded by
another coordinator.
"""

import pytest

from assessment.cases.model import CaseEnvelope
from assessment.exclusion_cases import procedure
from assessment.exclusion_cases.actions import ExclusionAction
from assessment.exclusion_cases.model import ApplicationStatus, ExclusionState
from claims.model.journal import Outcome
from claims.model.terms import Role
from claims.model.values import Actor
from tests.support.claims.people import COORDINATOR, HANDLER, HEAD, POWER, SUPERVISOR, WATER, person
from tests.support.dates import beijing

OTHER = person(Role.COORDINATOR, name="另一位")
WINDOW: dict[str, object] = {
    "accountable": [POWER],
    "until": "2026-12-04",
    "due_at": beijing("Fri 2026-12-04 24:00").isoformat(),
}
APPEAL: dict[str, object] = {"until": "2026-12-14", "due_at": beijing("Mon 2026-12-14 24:00").isoformat()}
GROUNDS: dict[str, object] = {
    "unit": POWER,
    "reason": "uncooperative",
    "text": "企业拒不配合",
    "evidence": ["att-1"],
}


def act(
    state: ExclusionState,
    action: ExclusionAction,
    actor: Actor,
    at: str,
    context: dict[str, object] | None = None,
    /,
    **fields: object,
) -> tuple[ExclusionState, Outcome]:
    content = {"actor": actor, "body": {"request_id": at, **fields}, "context": context or {}}
    envelope = CaseEnvelope.model_validate(content)
    step, outcome = procedure.perform(state, action, envelope, now=beijing(at))
    return step.state, outcome


def applied(**fields: object) -> tuple[ExclusionState, Outcome]:
    state = ExclusionState(number="QH1")
    given = {**GROUNDS, **fields}
    return act(state, ExclusionAction.APPLY, HEAD, "Wed 2026-12-02 09:00", WINDOW, **given)


def decided(approve: bool) -> ExclusionState:
    state, _ = applied()
    said: dict[str, object] = {"application": "QH1-1", "approve": approve, "text": "经查"}
    return act(state, ExclusionAction.DECIDE, COORDINATOR, "Thu 2026-12-03 09:00", APPEAL, **said)[0]


@pytest.mark.rule("R65")
@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, ""),
        ({"measure": "satisfied"}, ""),
        ({"measure": "red"}, "R65"),
        ({"evidence": []}, "R65"),
        ({"reason": "tired"}, "R65"),
        ({"unit": WATER}, "R65"),
    ],
)
def test_an_application_has_a_reason_from_the_list_and_evidence(fields: dict[str, object], rule: str) -> None:
    state, outcome = applied(**fields)
    assert outcome.rule == rule
    assert len(state.applications) == (0 if rule else 1)


@pytest.mark.rule("R65")
@pytest.mark.parametrize(
    ("at", "context", "said"),
    [
        ("Fri 2026-12-04 23:59", WINDOW, ""),
        ("Sat 2026-12-05 00:00", WINDOW, "截止"),
        ("Wed 2026-12-02 09:00", {**WINDOW, "accountable": [WATER]}, "没有派给"),
        ("Wed 2026-12-02 09:00", {"accountable": [POWER]}, "尚未办结"),
    ],
)
def test_it_comes_within_five_working_days_from_a_unit_that_had_the_claim(
    at: str, context: dict[str, object], said: str
) -> None:
    _, outcome = act(ExclusionState(number="QH1"), ExclusionAction.APPLY, HEAD, at, context, **GROUNDS)
    assert (outcome.status, said in outcome.reason) == ("refused" if said else "accepted", True)


@pytest.mark.rule("R65")
def test_only_what_was_approved_leaves_the_figures() -> None:
    (gone,) = decided(approve=True).exclusions()
    assert (gone.claim, gone.unit, gone.measure, gone.reason) == ("QH1", POWER, None, "uncooperative")
    refused = decided(approve=False)
    assert refused.exclusions() == ()
    assert refused.applications[0].status is ApplicationStatus.REFUSED


@pytest.mark.rule("R65")
def test_a_refusal_is_appealed_once_and_another_coordinator_records_the_end() -> None:
    state = decided(approve=False)
    appeal: dict[str, object] = {"application": "QH1-1", "text": "请研究"}
    state, outcome = act(state, ExclusionAction.APPEAL, HANDLER, "Mon 2026-12-14 23:00", **appeal)
    assert outcome.status == "accepted"
    said: dict[str, object] = {"application": "QH1-1", "approve": True, "text": "领导小组同意"}
    _, same = act(state, ExclusionAction.DECIDE, COORDINATOR, "Tue 2026-12-15 09:00", APPEAL, **said)
    assert "原核定人" in same.reason
    state, _ = act(state, ExclusionAction.DECIDE, OTHER, "Tue 2026-12-15 10:00", APPEAL, **said)
    assert state.applications[0].status is ApplicationStatus.APPEAL_APPROVED
    assert len(state.exclusions()) == 1
    _, twice = act(state, ExclusionAction.APPEAL, HANDLER, "Tue 2026-12-15 11:00", **appeal)
    assert twice.status == "refused"


@pytest.mark.rule("R65")
def test_an_appeal_after_its_time_is_refused() -> None:
    appeal: dict[str, object] = {"application": "QH1-1", "text": "请研究"}
    _, outcome = act(
        decided(approve=False), ExclusionAction.APPEAL, HANDLER, "Tue 2026-12-15 00:00", **appeal
    )
    assert "截止" in outcome.reason


@pytest.mark.rule("R65")
def test_only_coordinators_decide() -> None:
    state, _ = applied()
    said: dict[str, object] = {"application": "QH1-1", "approve": True, "text": "同意"}
    _, outcome = act(state, ExclusionAction.DECIDE, SUPERVISOR, "Thu 2026-12-03 09:00", APPEAL, **said)
    assert (outcome.status, outcome.kind) == ("refused", "wrong-role")


@pytest.mark.rule("R61", "R65")
def test_the_successor_of_a_merged_unit_applies_once_for_both_and_appeals() -> None:
    window = {**WINDOW, "accountable": [POWER, WATER], "pooled_with": [POWER, WATER]}
    state, _ = act(
        ExclusionState(number="QH1"), ExclusionAction.APPLY, HEAD, "Wed 2026-12-02 09:00", window, **GROUNDS
    )
    successor = person(Role.HEAD, unit=WATER)
    grounds = {**GROUNDS, "unit": WATER}
    _, twice = act(state, ExclusionAction.APPLY, successor, "Wed 2026-12-02 10:00", window, **grounds)
    assert "已经申请过" in twice.reason
    said: dict[str, object] = {"application": "QH1-1", "approve": False, "text": "经查"}
    state, _ = act(state, ExclusionAction.DECIDE, COORDINATOR, "Thu 2026-12-03 09:00", APPEAL, **said)
    appeal: dict[str, object] = {"application": "QH1-1", "text": "请研究"}
    _, other = act(state, ExclusionAction.APPEAL, successor, "Fri 2026-12-04 09:00", **appeal)
    assert (other.status, other.kind) == ("refused", "wrong-role")
    merged: dict[str, object] = {"taken_over": [POWER]}
    _, outcome = act(state, ExclusionAction.APPEAL, successor, "Fri 2026-12-04 10:00", merged, **appeal)
    assert outcome.status == "accepted"
