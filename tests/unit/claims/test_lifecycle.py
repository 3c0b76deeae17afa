"""Every row of the lifecycle table, accepted and refused."""

from copy import copy
from functools import cache

import pytest

from claims import lifecycle
from claims.editions.edition import built_in_policy
from claims.lifecycle import TABLE, Row
from claims.model.claim_parts import CoUnit
from claims.model.events import EVENT_NAMES, EventKind
from claims.model.labels import label
from claims.model.policy import Policy
from claims.model.terms import Action, Category, Role, Stage
from claims.model.values import CONSOLE, Actor
from tests.support.claims.later_actions import LATER_LAW, bring_with
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    ARBITER,
    CALLER,
    ENTERPRISE,
    EVERYBODY,
    HANDLER,
    HEAD,
    OPERATOR,
    POWER,
    SUPERVISOR,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    person,
    ref,
)


def at_stage(stage: Stage, action: Action | None = None) -> Paper:
    """Return a claim in a stage in which the action's guard holds."""
    paper = copy(_at_stage(stage, action))
    paper.claim = paper.claim.model_copy(deep=True)
    return paper


@cache
def _at_stage(stage: Stage, action: Action | None) -> Paper:
    if stage is Stage.REGISTERED:
        return Paper(category=Category.CONSULTATION if action is Action.ANSWER else Category.HELP)
    if stage is Stage.ANSWERED:
        paper = Paper(category=Category.CONSULTATION)
        paper.must(Action.ANSWER, OPERATOR)
        return paper
    paper = Paper()
    match stage:
        case Stage.HANDLING:
            paper.dispatched()
        case Stage.REDETERMINATION:
            paper.returned()
        case Stage.ARBITRATION:
            paper.referred()
        case Stage.CALL_BACK:
            paper.fed_back()
        case Stage.REDO:
            paper.redoing()
        case Stage.REVIEW:
            paper.in_review()
        case Stage.VERIFICATION:
            paper.verifying()
        case Stage.COMPLETION:
            paper.completing()
        case Stage.LEADERSHIP:
            paper.before_leadership()
        case Stage.CLOSED:
            closed(paper, action)
    if stage is Stage.HANDLING and action is Action.FEEDBACK:
        paper.must(Action.CONTACT, HANDLER)
        paper.must(Action.REPLY, HANDLER)
    if action is Action.DECIDE_EXTENSION:
        paper.must(Action.REQUEST_EXTENSION, HANDLER)
    if action is Action.CONFIRM_FALSE_FEEDBACK:
        paper.claim.disputed_at = paper.now
    return paper


def closed(paper: Paper, action: Action | None) -> None:
    """Return a claim closed so that the action is possible."""
    match action:
        case Action.REPLY:
            paper.verifying()
            paper.must(Action.VERIFY, SUPERVISOR, compliant=True)
        case Action.REOPEN:
            paper.unreachable()
        case Action.CONFIRM_FALSE_FEEDBACK:
            paper.fed_back()
            paper.must(Action.CALL_BACK, CALLER, contacted=False)
        case _:
            paper.must(Action.WITHDRAW, CALLER)


def delegating(action: Action) -> dict[str, object]:
    """Return the delegating unit: the power company has no units below it; a district has."""
    return {"unit": TENGZHOU_HOUSING} if action is Action.DELEGATE else {}


def on_stage(row: Row) -> tuple[Paper, dict[Role, Actor]]:
    """Return the row's claim and all actors, with a district's staff if only a district can perform the action."""
    if row.action is not Action.DELEGATE:
        return at_stage(row.stage, row.action), EVERYBODY
    paper = Paper().dispatched(unit=TENGZHOU)
    staff = {role: person(role, TENGZHOU) for role in (Role.HANDLER, Role.HEAD)}
    if row.stage is Stage.REDO:
        for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
            paper.must(action, staff[Role.HANDLER])
        paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    return paper, EVERYBODY | staff


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.stage}-{row.action}")
def test_every_row_allows_its_roles_and_refuses_all_others(row: Row) -> None:
    paper, people = on_stage(row)
    if row.action is Action.REPORT_PART:
        paper.claim.dispatches[-1].co_units = (CoUnit(unit=ref(WATER), reports=True),)
        people = people | {role: person(role, WATER) for role in lifecycle.UNIT}
    claim = paper.claim
    for role, actor in people.items():
        outcome = paper.do(row.action, actor, **delegating(row.action))
        paper.claim = claim
        if role in row.roles:
            assert outcome.status == "accepted", (role, outcome.reason)
        else:
            assert outcome.status == "refused", role
            assert outcome.kind in ("wrong-role", "not-yours"), (role, outcome.reason)


UNLISTED = [(stage, action) for stage in Stage for action in Action if not lifecycle.row_of(stage, action)]


@pytest.mark.parametrize(("stage", "action"), UNLISTED)
def test_what_the_table_does_not_list_is_refused_with_a_rule_and_a_way_out(
    stage: Stage, action: Action
) -> None:
    paper = at_stage(stage)
    before = paper.claim.model_copy(deep=True)
    role = next(iter(lifecycle.roles_for(action) - {Role.CONSOLE, Role.ENTERPRISE}))
    outcome = paper.do(action, EVERYBODY[role])
    undelivered = role in lifecycle.UNIT and not before.dispatches
    assert (outcome.status, outcome.kind) == ("refused", "not-yours" if undelivered else "not-now")
    assert outcome.rule
    assert outcome.reason
    assert outcome.instead or undelivered
    assert paper.claim.model_copy(update={"seq": before.seq, "refusals": before.refusals}) == before


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.CONSOLE])
def test_what_is_shown_as_allowed_is_what_is_allowed(stage: Stage, role: Role) -> None:
    paper = at_stage(stage)
    actor = EVERYBODY[role]
    claim = paper.claim
    allowed = lifecycle.allowed_actions(claim, actor)
    for action in Action:
        shown = action in allowed
        outcome = paper.do(action, actor, **({"unit": WATER} if action is Action.DELEGATE else {}))
        paper.claim = claim
        if outcome.kind != "incomplete":
            assert (outcome.status == "accepted") is shown, (action, outcome.reason)


@pytest.mark.rule("§1")
def test_another_units_claim_does_not_exist_for_a_unit() -> None:
    paper = Paper().dispatched(unit=POWER)
    outcome = paper.do(Action.CONTACT, person(Role.HANDLER, WATER))
    assert (outcome.status, outcome.kind) == ("refused", "not-yours")


@pytest.mark.rule("R14", "R21")
@pytest.mark.parametrize(
    ("unit", "action", "accepted"),
    [
        (TENGZHOU, Action.CONTACT, True),
        (TENGZHOU_HOUSING, Action.CONTACT, False),
        (WATER, Action.PROGRESS, True),
        (WATER, Action.CONTACT, False),
    ],
)
def test_the_lead_handles_and_co_units_report_progress(unit: str, action: Action, accepted: bool) -> None:
    paper = Paper().dispatched(unit=TENGZHOU, co_units=[WATER])
    outcome = paper.do(action, person(Role.HANDLER, unit))
    assert (outcome.status == "accepted") is accepted, outcome.reason


@pytest.mark.rule("R21")
def test_a_delegate_may_act_and_the_district_answers_for_it() -> None:
    paper = Paper().dispatched(unit=TENGZHOU)
    paper.must(Action.DELEGATE, person(Role.HANDLER, TENGZHOU), unit=TENGZHOU_HOUSING)
    paper.until("Thu 2026-11-26 08:00")
    paper.must(Action.CONTACT, person(Role.HANDLER, TENGZHOU_HOUSING))
    light = paper.claim.lights[0]
    assert (light.unit, light.caused_by) == (TENGZHOU, TENGZHOU_HOUSING)


@pytest.mark.rule("R11", "R14")
@pytest.mark.parametrize(
    ("category", "name"),
    [
        (Category.CONSULTATION, "咨询类"),
        (Category.HELP, "求助类"),
        (Category.SUGGESTION, "意见建议类"),
        (Category.COMPLAINT, "投诉类"),
    ],
)
def test_a_claim_of_each_of_the_plans_categories_is_dispatched(category: Category, name: str) -> None:
    paper = Paper(category=category).dispatched()
    assert (label(category), paper.claim.stage) == (name, Stage.HANDLING)


@pytest.mark.rule("R21")
def test_nobody_delegates_to_a_unit_that_is_not_below() -> None:
    paper = Paper().dispatched(unit=TENGZHOU)
    outcome = paper.do(Action.DELEGATE, person(Role.HEAD, TENGZHOU), unit=WATER)
    assert (outcome.status, outcome.rule) == ("refused", "R21")


def test_the_console_may_approve_and_report_dissatisfaction_and_nothing_else() -> None:
    allowed = {row.action for row in TABLE if Role.CONSOLE in row.roles}
    assert allowed == {Action.DECIDE_EXTENSION, Action.CALL_BACK}
    assert CONSOLE.roles == (Role.CONSOLE,)


@pytest.mark.parametrize("actor", [SUPERVISOR, ARBITER, HEAD], ids=lambda actor: actor.sub)
def test_a_closed_claim_takes_no_action(actor: Actor) -> None:
    paper = at_stage(Stage.CLOSED)
    assert lifecycle.allowed_actions(paper.claim, actor) == []


@pytest.mark.rule("R7")
def test_an_action_of_a_later_law_is_not_there_for_claims_of_an_earlier_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bring_with(monkeypatch, Action.PROGRESS)
    earlier, later = Paper().dispatched(), Paper(policy=LATER_LAW).dispatched()
    for paper, is_there in ((earlier, False), (later, True)):
        assert (Action.PROGRESS in lifecycle.allowed_actions(paper.claim, HANDLER)) is is_there
        assert lifecycle.knows(paper.claim.policy, Action.PROGRESS) is is_there
        assert paper.do(Action.PROGRESS, HANDLER).status == ("accepted" if is_there else "refused")
        assert ("登记进展" in paper.do(Action.ARBITRATE, ARBITER).instead) is is_there
        assert lifecycle.knows(paper.claim.policy, Action.REMIND)
    assert not lifecycle.knows(LATER_LAW, None)


@pytest.mark.rule("R46")
@pytest.mark.parametrize("action", [Action.REMIND, Action.SUPPLEMENT, Action.PROGRESS])
def test_what_may_be_said_again_and_again_ends_where_the_claim_is_full(action: Action) -> None:
    paper = Paper().dispatched()
    actor = HANDLER if action is Action.PROGRESS else CALLER
    paper.claim.seq = paper.claim.policy.journal_lines - 1
    paper.must(action, actor)
    outcome = paper.do(action, actor)
    assert (outcome.status, outcome.rule) == ("refused", "R46")
    assert action not in lifecycle.allowed_actions(paper.claim, actor)
    for further in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
        paper.must(further, HANDLER)


@pytest.mark.rule("R46", "R47")
def test_a_full_claim_takes_no_more_wishes_to_withdraw_but_the_call_that_confirms_one() -> None:
    paper = Paper().dispatched()
    paper.claim.seq = paper.claim.policy.journal_lines
    assert paper.do(Action.WITHDRAW, ENTERPRISE).rule == "R46"
    paper.must(Action.WITHDRAW, CALLER)


@pytest.mark.rule("R6", "R46")
def test_a_claim_that_began_before_there_was_such_an_end_has_none() -> None:
    paper = Paper(policy=Policy.model_validate({"version": "2021-4"})).dispatched()
    paper.claim.seq = 5000
    paper.must(Action.REMIND, CALLER)


def test_a_refusal_out_of_stage_names_the_stage_and_what_can_be_done_in_it() -> None:
    outcome = Paper().dispatched().do(Action.ANSWER, OPERATOR)
    assert outcome.reason == "工单现处于“办理中”，不能即时答复"
    assert outcome.instead.startswith("此阶段可以：签收、退单、")


@pytest.mark.rule("R15", "R46", "R47")
def test_a_refusal_while_a_return_is_undecided_names_what_can_be_done_then_and_nothing_else() -> None:
    outcome = Paper().returned().do(Action.ANSWER, OPERATOR)
    assert outcome.instead == "此阶段可以：重新核定、提请裁定、催办、补充材料、撤回诉求"


OF_WATER = person(Role.HANDLER, WATER)
FED_BACK = [(Action.CONTACT, OF_WATER), (Action.REPLY, OF_WATER), (Action.FEEDBACK, OF_WATER)]
REDOING = [*FED_BACK, (Action.CALL_BACK, CALLER)]
REVIEWED = [*REDOING, (Action.FEEDBACK, OF_WATER), (Action.CALL_BACK, CALLER)]


@pytest.mark.rule("R7", "R14")
@pytest.mark.parametrize(
    ("acts", "stage"),
    [
        ([], Stage.HANDLING),
        (REDOING, Stage.REDO),
        (REVIEWED, Stage.REVIEW),
        ([*REVIEWED, (Action.REVIEW_FORM, OF_WATER)], Stage.VERIFICATION),
    ],
)
def test_under_an_earlier_law_a_unit_sees_what_it_gave_back_and_records_nothing_on_it(
    acts: list[tuple[Action, Actor]], stage: Stage
) -> None:
    paper = Paper(policy=built_in_policy(2)).returned()
    paper.must(Action.REDETERMINE, SUPERVISOR)
    for action, actor in acts:
        paper.must(action, actor, **({"grade": "dissatisfied"} if actor is CALLER else {}))
    assert paper.claim.stage is stage
    outcome = paper.do(Action.PROGRESS, HANDLER)
    assert (outcome.rule, outcome.reason) == ("R14", "此事项由首接单位办理")


def test_a_refusal_after_the_end_says_that_it_is_closed() -> None:
    paper = Paper().fed_back()
    paper.must(Action.CALL_BACK, CALLER)
    outcome = paper.do(Action.DISPATCH, OPERATOR)
    assert outcome.reason == "工单已办结，不能再派单"


def test_a_refusal_on_a_closed_claim_that_is_still_followed_says_that_it_is_closed() -> None:
    paper = Paper().fed_back()
    paper.must(Action.CALL_BACK, CALLER, contacted=False)
    assert not paper.claim.over
    assert paper.do(Action.DISPATCH, OPERATOR).reason == "工单已办结，不能再派单"


def test_every_kind_of_event_has_a_chinese_name() -> None:
    assert set(EVENT_NAMES) == set(EventKind)
