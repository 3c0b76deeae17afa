"""R48: two claims never merge into each other, whatever the order of actions and messages.

All orders are tried, for 2, 3 and 4 claims that are each merged into any other; with repeated messages,
claims withdrawn meanwhile, and claims that give up waiting.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final

import pytest

from tests.support.claims.merging_claims import Exploration, World, closed_otherwise

A, B, C, D = (f"QH20261124000{n}" for n in range(1, 5))
pytestmark = pytest.mark.rule("R48")

Ways = dict[str, str]
explore = pytest.mark.explore


def ways(*numbers: str) -> Iterator[Ways]:
    """Yield each way to merge every claim into one of the others."""
    for targets in product(numbers, repeat=len(numbers)):
        if all(number != into for number, into in zip(numbers, targets, strict=True)):
            yield dict(zip(numbers, targets, strict=True))


RINGS: Final[list[Ways]] = [
    {A: B, B: A},
    {A: B, B: C, C: A},
    {A: C, C: B, B: A},
    {A: B, B: C, C: D, D: A},
    {A: C, C: B, B: D, D: A},
    {A: D, D: C, C: B, B: A},
    {A: B, B: D, D: C, C: A},
]


def nothing_is_lost(world: World) -> None:
    """Check that every merged claim ends in one that has taken it over and is not merged."""
    for number, into in world.merged.items():
        end = world.claims[world.survivor(number)]
        assert not end.merged_into
        answers = [one for one in world.claims[into].take_overs if one.asked_by == number]
        assert [one.accepted for one in answers] == [True]
    if not any(closed_otherwise(claim) for claim in world.claims.values()):
        assert len(world.merged) < len(world.claims)


def everybody_is_answered(world: World, into: Ways) -> None:
    """Check that each merge request has one outcome, and that it is true."""
    outcomes = dict(world.outcomes)
    assert outcomes.keys() == into.keys()
    assert all(claim.merging is None for claim in world.claims.values())
    assert {number for number, outcome in outcomes.items() if outcome == "accepted"} == set(world.merged)


def explored(exploration: Exploration) -> list[World]:
    """Return the final worlds, after checking the invariants in all worlds before."""
    quiet, whole = [], set()
    for world in exploration.worlds():
        if world.together not in whole:
            nothing_is_lost(world)
            whole.add(world.together)
        if world.is_quiet:
            everybody_is_answered(world, dict(exploration.into))
            quiet.append(world)
    assert quiet
    return quiet


def test_of_two_claims_merged_crosswise_exactly_one_is_merged() -> None:
    assert {len(world.merged) for world in explored(Exploration({A: B, B: A}))} == {1}


def test_of_two_claims_merged_at_the_very_same_time_the_first_registered_stays() -> None:
    """Both wait before either is asked."""
    exploration = Exploration({A: B, B: A}, again=False)
    both_wait = [w for w in exploration.worlds() if len(w.sent) == len(w.undelivered) == 2]
    assert both_wait
    assert {A: B} in [w.merged for w in explored(exploration)], "one after the other, as the operator said"
    for world in both_wait:
        ends = [w for w in _from(exploration, world) if w.is_quiet]
        assert {tuple(w.merged.items()) for w in ends} == {((B, A),)}


def _from(exploration: Exploration, world: World) -> Iterator[World]:
    todo = [world]
    while todo:
        world = todo.pop()
        yield world
        todo += exploration.following(world)


@pytest.mark.parametrize("ring", RINGS, ids=lambda ring: f"{len(ring)}")
def test_in_a_ring_at_least_one_is_merged_and_at_least_one_stays(ring: Ways) -> None:
    for world in explored(Exploration(ring, again=len(ring) < 4)):
        assert 1 <= len(world.merged) < len(ring)


TELLING: Final[list[Ways]] = [{A: B, B: C, C: A}, {A: C, B: C, C: A}]
"""Of three claims: a ring, and two that merge into a third one, which merges into the first."""
OF_THREE: Final = [pytest.param(w, marks=() if w in TELLING else explore) for w in ways(A, B, C)]


@pytest.mark.parametrize("into", OF_THREE, ids=str)
def test_three_claims_merged_in_any_way_withdrawn_or_given_up_meanwhile(into: Ways) -> None:
    for withdrawn in (A, B, C):
        explored(Exploration(into, withdrawn=(withdrawn,), gives_up=True, again=False))


@pytest.mark.parametrize("withdrawn", [(), (A,), (B,), (A, B)])
def test_two_claims_withdrawn_given_up_and_told_again(withdrawn: tuple[str, ...]) -> None:
    explored(Exploration({A: B, B: A}, withdrawn=withdrawn, gives_up=True))


@pytest.mark.parametrize("into", list(ways(A, B, C)), ids=str)
def test_three_claims_told_again(into: Ways) -> None:
    explored(Exploration(into))


@explore
def test_four_claims_merged_in_any_way() -> None:
    for into in ways(A, B, C, D):
        explored(Exploration(into, again=False))
