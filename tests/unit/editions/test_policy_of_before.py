"""Policies in kept histories lack later fields: each default must mean the law before that field (R6, R7)."""

import pytest

from claims.model.policy import Policy

OF_VERSION_0_1 = Policy()
NO_SUCH_THING = (
    *("revision", "standstill_days", "arrival_seconds", "journal_lines", "refusals_recorded"),
    *("repeats_per_round", "repeats_per_side", "short_body_bytes", "claim_bytes", "merge_answer_minutes"),
)
"""0: no such limit, maximum or edition."""
AS_EVER = {"built_in": 1, "most_take_overs": 100, "clock_skew_seconds": 60}


@pytest.mark.rule("R6", "R7")
def test_every_switch_that_a_policy_lacks_is_off() -> None:
    switches = [name for name, field in Policy.model_fields.items() if field.annotation is bool]
    assert [name for name in switches if getattr(OF_VERSION_0_1, name)] == []
    assert len(switches) >= 30


@pytest.mark.rule("R6", "R7")
@pytest.mark.parametrize("name", NO_SUCH_THING)
def test_every_limit_that_a_policy_lacks_is_none(name: str) -> None:
    assert getattr(OF_VERSION_0_1, name) == 0


@pytest.mark.rule("R6", "R7")
@pytest.mark.parametrize(("name", "value"), AS_EVER.items(), ids=str)
def test_numbers_that_were_always_so_stay_so(name: str, value: int) -> None:
    assert getattr(OF_VERSION_0_1, name) == value
