"""No unit handles a complaint about itself (R53)."""

import pytest

from claims.model.terms import Action, Category, DispatchOrigin, Role, Stage
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    ARBITER,
    HOUSING,
    OPERATOR,
    POWER,
    SUPERVISOR,
    TENGZHOU,
    TENGZHOU_HOUSING,
    WATER,
    person,
    ref,
)

pytestmark = pytest.mark.rule("R53")


def complaint(about: str) -> Paper:
    paper = Paper("Tue 2026-11-24 09:00", category=Category.COMPLAINT)
    order = paper.claim.order.model_copy(update={"complained_of": ref(about)})
    paper.claim = paper.claim.model_copy(update={"order": order})
    return paper


@pytest.mark.parametrize(
    ("about", "unit", "co_units"),
    [
        (WATER, WATER, []),
        (TENGZHOU, TENGZHOU_HOUSING, []),  # a unit below it
        (WATER, POWER, [HOUSING, WATER]),  # as one of several co-units
    ],
)
def test_it_is_not_dispatched_to_a_unit_that_it_is_about(about: str, unit: str, co_units: list[str]) -> None:
    paper = complaint(about)
    outcome = paper.do(Action.DISPATCH, OPERATOR, unit=unit, co_units=co_units)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R53", "incomplete")
    assert (paper.claim.stage, paper.claim.dispatches) == (Stage.REGISTERED, [])


@pytest.mark.parametrize(
    ("about", "unit"),
    [
        (WATER, POWER),
        (TENGZHOU_HOUSING, TENGZHOU),  # the unit above it
    ],
)
def test_it_is_dispatched_to_a_unit_beside_or_above_it(about: str, unit: str) -> None:
    paper = complaint(about).dispatched(unit)
    assert [one.unit.id for one in paper.claim.dispatches] == [unit]


def test_the_ruling_does_not_give_it_to_the_unit_that_it_is_about_either() -> None:
    paper = complaint(WATER).dispatched(POWER)
    paper.must(Action.REJECT, person(Role.HEAD, POWER), suggested_unit=HOUSING)
    paper.must(Action.REFER, SUPERVISOR)
    outcome = paper.do(Action.ARBITRATE, ARBITER, unit=WATER)
    assert (outcome.status, outcome.rule) == ("refused", "R53")
    paper.must(Action.ARBITRATE, ARBITER, unit=HOUSING)
    assert [one.origin for one in paper.claim.dispatches][-1] is DispatchOrigin.ARBITRATION


def test_its_district_does_not_delegate_it_to_the_unit_that_it_is_about() -> None:
    paper = complaint(TENGZHOU_HOUSING).dispatched(TENGZHOU)
    district = person(Role.HANDLER, TENGZHOU)
    outcome = paper.do(Action.DELEGATE, district, unit=TENGZHOU_HOUSING)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R53", "incomplete")
    assert paper.claim.dispatches[0].delegate is None
    paper.must(Action.DELEGATE, district, unit="ZJ-370481001")
