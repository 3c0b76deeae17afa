"""A later law does not decide the past again: decisions are in the history (R6, R7)."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from audit.replay.replayer import replay_runs
from claims.model.claim import Claim
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.unit_account import UnitAccount
from tests.replay.test_replay import is_the_same, replayable
from tests.support.archive.kept_histories import KEPT, Kept, load
from workflows.messages import Opening

ANOTHER: Policy = DEFAULT_POLICY.model_copy(
    update={
        "version": "another",
        "contact_days": 2,
        "reply_days": 3,
        "resolve_days": 12,
        "redo_days": 2,
        "max_dispatches": 1,
        "max_orders": 1,
        "unreachable_attempts": 5,
        "standstill_days": 2,
        "arrival_seconds": 0,
        "contact_after_signing": True,
    }
)
VERSIONS = sorted({path.parent.name for path in KEPT})
ONE_OF_EACH = [
    path
    for version in VERSIONS
    for path in [one for one in KEPT if one.parent.name == version][VERSIONS.index(version) :: len(VERSIONS)]
]
"""A quarter of each version's histories, a different one for each: versions differ in what a history
contains, claims in what they request.
"""
CARRIERS: tuple[type[BaseModel], ...] = (Opening, Claim, UnitAccount)


def use(policy: Policy, *carriers: type[BaseModel]) -> None:
    """Set the policy that the code uses by default."""
    for carrier in carriers:
        carrier.model_fields["policy"] = FieldInfo(annotation=Policy, default=policy)
        carrier.model_rebuild(force=True)


@pytest.fixture
def another_default() -> Iterator[None]:
    before = [carrier.model_fields["policy"].default for carrier in CARRIERS]
    use(ANOTHER, *CARRIERS)
    assert Opening.model_fields["policy"].default == ANOTHER
    yield
    for carrier, default in zip(CARRIERS, before, strict=True):
        use(default, carrier)


@pytest.mark.rule("R6", "R7")
@pytest.mark.parametrize(
    "paths",
    [pytest.param(ONE_OF_EACH, id="one of each"), pytest.param(KEPT, id="all", marks=pytest.mark.explore)],
)
async def test_kept_histories_tell_the_same_under_another_law(
    another_default: None, paths: list[Path]
) -> None:
    assert Claim.model_validate(load(KEPT[0]).claim.model_dump(exclude={"policy"})).policy == ANOTHER
    found = [one async for one in replay_runs(replayable(load(path)) for path in paths)]
    assert [one.problem for one in found] == [None] * len(paths)
    for path, one in zip(paths, found, strict=True):
        kept = load(path).claim
        assert one.replayed is not None
        assert one.replayed.claim is not None
        is_the_same(one.replayed.claim, kept)
        assert one.replayed.claim.policy == kept.policy != ANOTHER
        assert [entry.seq for entry in one.replayed.journal] == list(range(1, kept.seq + 1))


async def test_a_history_that_did_not_carry_its_policy_would_be_judged_again(another_default: None) -> None:
    kept = load(KEPT[2])
    del_policy(kept)
    (found,) = [one async for one in replay_runs([replayable(kept)])]
    tells_the_same = found.replayed is not None and found.replayed.claim == kept.claim
    assert not tells_the_same


def del_policy(kept: Kept) -> None:
    started = kept.events[0]["workflowExecutionStartedEventAttributes"]
    assert isinstance(started, dict)
    payloads = json.dumps(started["input"])
    (data,) = [payload["data"] for payload in json.loads(payloads)["payloads"]]
    opening = json.loads(base64.b64decode(data))
    del opening["policy"]
    started["input"] = json.loads(
        payloads.replace(data, base64.b64encode(json.dumps(opening).encode()).decode())
    )
