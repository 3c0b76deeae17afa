"""A transition of a unit's account works on a copy and names the actor."""

import pytest

from claims.model.messages.unit_action_bodies import UnitAction
from claims.model.terms import LimitKind, Role
from claims.model.unit_account import MeasureKind, UnitAccount, kind_of_measure, measure_id
from claims.model.values import Actor
from claims.units.interviews import interviews_to_schedule
from claims.units.transition import UnitTransition, post_light, update_measures
from tests.support.claims.offline_unit_account import Account, light
from tests.support.claims.people import WATER
from tests.support.dates import beijing


def test_a_transition_leaves_the_account_as_it_was() -> None:
    account = UnitAccount(unit=WATER)
    step = UnitTransition(account, at=beijing("Tue 2026-12-01 09:00"))
    for one in (light("Mon 2026-11-16"), light("Wed 2026-11-18")):
        post_light(step, one)
    update_measures(step)
    assert account == UnitAccount(unit=WATER)


@pytest.mark.rule("R35")
@pytest.mark.parametrize(("name", "recorded"), [("王督查", "王督查"), ("", "u-17")])
def test_a_record_names_who_made_it_or_else_his_account(name: str, recorded: str) -> None:
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    inspector = Actor(sub="u-17", name=name, roles=(Role.INSPECTOR,))
    (interview,) = account.measures
    account.do(UnitAction.RECORD_INTERVIEW, inspector, measure=interview.id, person="李局长", record="已约谈")
    assert account.measures[0].notes[0].by == recorded


@pytest.mark.rule("R35")
def test_the_request_for_the_schedule_of_an_interview_says_that_it_is_one() -> None:
    step = UnitTransition(UnitAccount(unit=WATER), at=beijing("Tue 2026-12-01 09:00"))
    for one in (light("Mon 2026-11-16"), light("Wed 2026-11-18")):
        post_light(step, one)
    update_measures(step)
    assert [request.kind for request in interviews_to_schedule(step.account)] == [LimitKind.INTERVIEW]


@pytest.mark.rule("R35", "R36")
@pytest.mark.parametrize("kind", list(MeasureKind))
def test_a_measures_id_says_of_which_kind_it_is(kind: MeasureKind) -> None:
    id = measure_id(UnitAccount(unit=WATER), kind, "QH1/1/0/contact/yellow", "QH2/1/0/contact/yellow")
    assert kind_of_measure(id) is kind


@pytest.mark.parametrize("id", ["", WATER, f"{WATER}/", f"{WATER}/light/QH1"])
def test_the_id_of_no_measure_is_of_no_kind(id: str) -> None:
    with pytest.raises(ValueError, match="MeasureKind"):
        kind_of_measure(id)
