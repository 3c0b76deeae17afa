"""The lifecycle table, against the golden matrix: every stage, action, role and scope."""

from datetime import datetime

import pytest

from claims import lifecycle, procedure
from claims.model.events import EventKind
from claims.model.journal import Outcome
from claims.model.organisation import UnitRef
from claims.model.refusals import Refused
from claims.model.terms import Action, Role, Stage
from claims.model.values import Actor
from claims.transition import Transition
from tests.oracles.golden import CITED, MATRIX, Line, Verdict
from tests.oracles.situations import CALLERS, SITUATIONS, Situation, expected_verdict, in_stage
from tests.support.claims.people import (
    TENGZHOU_HOUSING,
    envelope,
    person,
    ref,
    usual,
)

SECTION = UnitRef(
    id="SECTION",
    name="住建局科室",
    path=("SECTION", *ref(TENGZHOU_HOUSING).path),
    accountable=ref(TENGZHOU_HOUSING).accountable,
    accountable_name=ref(TENGZHOU_HOUSING).accountable_name,
)
"""Below all units that may delegate."""
BODIES: dict[Action, dict[str, object]] = {Action.DELEGATE: {"unit": SECTION.id}}


def checked(situation: Situation, action: Action, actor: Actor) -> Verdict:
    """Return the table's answer."""
    paper = situation.paper
    try:
        return Verdict(lifecycle.check(paper.claim, action, actor).rule)
    except Refused as refused:
        return Verdict(refused.rule, refused.kind)


def done(situation: Situation, action: Action, actor: Actor) -> tuple[Transition, Outcome]:
    """Return the procedure's answer to a complete form, without changing the claim."""
    now: datetime = situation.paper.now
    body = {"request_id": "asked", **usual(action, now), **BODIES.get(action, {})}
    sent = envelope(action, actor, body)
    sent = sent.model_copy(update={"units": {**sent.units, SECTION.id: SECTION}})
    return procedure.act(situation.paper.claim, action, sent, now=now)


CELLS = [(stage, action) for stage in Stage for action in Action]


def test_the_matrix_accounts_for_every_cell() -> None:
    assert list(MATRIX.stages) == list(Stage)
    for stage, cells in MATRIX.stages.items():
        assert list(cells) == list(Action), stage


def test_every_remark_is_about_a_cell_and_says_why() -> None:
    cells = {f"{stage}.{action}" for stage, action in CELLS}
    assert {remark.cell for remark in (*MATRIX.decided, *MATRIX.known_departures)} <= cells
    assert all(remark.decided for remark in MATRIX.decided)
    assert all(remark.today and remark.rulebook for remark in MATRIX.known_departures)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: f"{s.stage}: {s.name}")
def test_the_procedure_leads_to_every_situation(situation: Situation) -> None:
    claim = situation.paper.claim
    assert (claim.stage, claim.over) == (situation.stage, situation.over)
    assert situation.holds <= MATRIX.guards.keys()


GUARDED = [
    (stage, action, line) for stage, action in CELLS for line in MATRIX.stages[stage][action] if line.guards
]


@pytest.mark.parametrize(("stage", "action", "line"), GUARDED)
def test_every_guard_of_a_line_holds_in_one_situation_and_alone_does_not_in_another(
    stage: Stage, action: Action, line: Line
) -> None:
    tried = [situation.holds for situation in in_stage(stage) if not situation.over]
    assert any(set(line.guards) <= holds for holds in tried)
    for n, guard in enumerate(line.guards):
        assert any(guard not in holds and set(line.guards[:n]) <= holds for holds in tried), guard


@pytest.mark.rule("§1", "R12", "R13", "R14", "R15", "R16", "R17", "R18", "R20", "R21")
@pytest.mark.rule("R40", "R41", "R43", "R44", "R45", "R46", "R47", "R48", "R52")
@pytest.mark.parametrize(("stage", "action"), CELLS)
def test_a_cell_allows_and_refuses_whom_the_matrix_says_and_cites_its_rule(
    stage: Stage, action: Action
) -> None:
    wrong = [
        f"{situation.name}: {caller.role} ({caller.relation}) {found}, should be {wanted}"
        for situation in in_stage(stage)
        for caller in CALLERS
        if (found := checked(situation, action, caller.actor))
        != (wanted := expected_verdict(situation, action, caller))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.rule("§1")
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: f"{s.stage}: {s.name}")
def test_what_a_caller_is_shown_as_allowed_is_what_the_matrix_allows(situation: Situation) -> None:
    paper = situation.paper
    for caller in CALLERS:
        wanted = [action for action in Action if expected_verdict(situation, action, caller).allowed]
        shown = lifecycle.allowed_actions(paper.claim, caller.actor)
        assert sorted(shown) == sorted(wanted), caller


def _situation_for(stage: Stage, action: Action) -> Situation:
    """Return the first situation in which all guards of the cell hold."""
    needed = {guard for line in MATRIX.stages[stage][action] for guard in line.guards}
    return next(situation for situation in in_stage(stage) if needed <= situation.holds)


@pytest.mark.parametrize(("stage", "action"), CELLS)
def test_the_procedure_does_what_the_matrix_allows_and_the_journal_cites_its_rules(
    stage: Stage, action: Action
) -> None:
    situation = _situation_for(stage, action)
    acts = CITED["acts"]
    for caller in CALLERS:
        if not expected_verdict(situation, action, caller).allowed:
            continue
        keys = (f"{caller.relation}.{action}", f"{stage}.{action}", action)
        cited = next(acts[key] for key in keys if key in acts)
        step, outcome = done(situation, action, caller.actor)
        assert outcome.status == "accepted", (caller, outcome.reason)
        assert list(step.entries[0].rules) == cited, caller
        assert step.entries[0].actor == caller.actor


@pytest.mark.parametrize(("stage", "action"), CELLS)
def test_the_procedure_refuses_what_the_matrix_refuses_changes_nothing_and_writes_it_down(
    stage: Stage, action: Action
) -> None:
    situation = in_stage(stage)[0]
    refused = {expected_verdict(situation, action, caller): caller for caller in CALLERS}
    for wanted, caller in refused.items():
        if wanted.allowed:
            continue
        step, outcome = done(situation, action, caller.actor)
        assert (outcome.status, outcome.rule, outcome.kind) == ("refused", *wanted), caller
        assert [(entry.kind, entry.rules) for entry in step.entries] == [(EventKind.REFUSED, (wanted.rule,))]
        before = situation.paper.claim
        assert step.claim.model_copy(update={"seq": before.seq, "refusals": before.refusals}) == before


@pytest.mark.parametrize("action", Action)
def test_the_roles_that_may_do_an_action_in_some_stage_are_those_of_the_matrix(action: Action) -> None:
    assert lifecycle.roles_for(action) == MATRIX.roles(action)


def test_nobody_acts_who_decides_no_claims() -> None:
    named = {role for action in Action for role in MATRIX.roles(action)}
    assert set(Role) - named == {Role.INSPECTOR, Role.CHANNEL, Role.AUDITOR, Role.ADMIN}


def test_who_holds_two_roles_may_do_what_either_may() -> None:
    situation = in_stage(Stage.REGISTERED)[0]
    both = person(Role.CALLER).model_copy(update={"roles": (Role.CALLER, Role.OPERATOR)})
    apart = {
        action
        for action in Action
        for caller in CALLERS
        if caller.role in both.roles and expected_verdict(situation, action, caller).allowed
    }
    shown = lifecycle.allowed_actions(situation.paper.claim, both)
    assert set(shown) == apart
