"""Records of a claim contain only the changes, and are read back correctly."""

import copy
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from claims.model.claim import Claim
from claims.model.journal import Outcome
from claims.model.limit import Limit
from claims.model.organisation import UnitRef
from claims.recording.change import NEVER, BaseLost, ClaimChange, claim_changes, in_short, opened
from claims.recording.json_changes import Changes, DoesNotFit, changes_between, with_changes
from tests.support.claims.offline_claim import Paper

LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a/b", "~", "~1"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("a/~0"), inner)
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b/c", "~0", "0"]), VALUES)
JOURNEYS: tuple[Callable[[], Paper], ...] = (
    lambda: Paper(),
    lambda: Paper().dispatched(),
    lambda: Paper().fed_back(),
    lambda: Paper().redoing(),
    lambda: Paper().verifying(),
    lambda: Paper().unreachable(),
    lambda: Paper().returned(),
)


@given(OBJECTS, OBJECTS)
def test_changes_lead_from_one_value_to_the_other(
    before: dict[str, JsonValue], after: dict[str, JsonValue]
) -> None:
    assert with_changes(copy.deepcopy(before), changes_between(before, after)) == after


@pytest.mark.parametrize(
    "changes",
    [
        Changes({"/limits/2": {}}, []),
        Changes({"/limits/x": {}}, []),
        Changes({"/limits/0/status/now": ""}, []),
        Changes({"limits": []}, []),
        Changes({}, ["/closed"]),
        Changes({}, ["/limits/0"]),
    ],
)
def test_changes_of_another_value_do_not_fit(changes: Changes) -> None:
    with pytest.raises(DoesNotFit):
        with_changes({"limits": [{"status": "met"}]}, changes)


@pytest.mark.rule("R10")
@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_record_is_read_as_it_was_written(journey: Callable[[], Paper]) -> None:
    paper = journey()
    before = opened(paper.claim)
    changed, removed = claim_changes(before, paper.claim)
    lines = tuple(paper.journal)
    outcomes = tuple(
        Outcome(request_id=line.request_id, action="act", status="accepted", seq=line.seq, at=line.at)
        for line in lines
        if line.request_id
    )
    change = ClaimChange(
        number=paper.claim.number,
        seq=paper.claim.seq,
        changed=changed,
        removed=tuple(removed),
        entries=lines,
        outcomes=outcomes,
        notices=tuple(paper.notices),
    )
    read = ClaimChange.model_validate_json(change.model_dump_json())
    assert read == change
    assert read.after(before) == paper.claim


def test_limits_that_the_record_holds_are_not_told_again_in_its_line() -> None:
    paper = Paper().dispatched()
    changed, _ = claim_changes(opened(paper.claim), paper.claim)
    line = next(entry for entry in reversed(paper.journal) if "1/0/reply" in entry.data)
    change = ClaimChange(number="QH1", seq=paper.claim.seq, changed=changed, entries=(line,))
    written = change.model_dump(mode="json")["entries"][0]
    assert "data" not in written
    assert written["limits"] == [*line.data]
    moved = line.model_copy(update={"data": {**line.data, "1/0/reply": {"last_day": "2026-12-31"}}})
    said = change.model_copy(update={"entries": (moved,)}).model_dump(mode="json")["entries"][0]
    assert said["data"] == moved.data


def test_a_record_of_version_0_4_is_read() -> None:
    before = Paper().dispatched().claim
    patch = [{"op": "replace", "path": "/seq", "value": 99}, {"op": "add", "path": "/reminders", "value": 1}]
    change = ClaimChange.model_validate({"number": "QH1", "seq": 99, "base": before.seq, "patch": patch})
    after = change.after(before)
    assert (after.seq, after.reminders) == (99, 1)
    with pytest.raises(BaseLost):
        change.model_copy(update={"patch": ({"op": "remove", "path": "/closed"},)}).after(before)


def test_what_is_taken_in_has_no_instant_yet() -> None:
    claim = Paper().dispatched().claim
    assert opened(claim) == Claim(
        number=claim.number, order=claim.order, policy=claim.policy, registered_at=NEVER
    )


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_claim_in_short_is_the_claim(journey: Callable[[], Paper]) -> None:
    claim = journey().claim
    assert Claim.model_validate(in_short(claim)) == claim
    for limit in claim.limits:
        assert Limit.model_validate(limit.model_dump(mode="json")) == limit


def test_a_unit_that_is_accountable_itself_is_named_once() -> None:
    unit = UnitRef(id="A", name="甲", path=("A", "ZZ"), accountable="A", accountable_name="甲")
    below = unit.model_copy(update={"id": "B"})
    assert unit.model_dump(exclude_defaults=True) == {"id": "A", "name": "甲", "path": ["ZZ"]}
    for one in (unit, below):
        assert UnitRef.model_validate(one.model_dump(exclude_defaults=True)) == one
    assert unit.model_dump()["accountable"] == "A"
