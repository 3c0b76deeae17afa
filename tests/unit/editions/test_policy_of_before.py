"""Policies in kept histories lack later fields: each default must mean the law before that field (R6, R7)."""

import pytest

from claims.model.policy import DEFAULT_POLICY, Policy

OF_VERSION_0_1 = Policy()
NO_SUCH_THING = (
    *("revision", "standstill_days", "arrival_seconds", "journal_lines", "refusals_recorded"),
    *("repeats_per_round", "repeats_per_side", "short_body_bytes", "claim_bytes", "merge_answer_minutes"),
)
"""0: no such limit, maximum or edition."""
OF_THE_PLAN = {
    "R14": {"dispatch_days": 1, "co_unit_lead_days": 2},
    "R15": {"return_window_days": 1, "redetermine_days": 1},
    "R16": {"arbitrate_days": 1, "max_dispatches": 3},
    "§二.四.1": {"contact_days": 1},
    "§二.四.2": {"reply_days": 2, "resolve_days": 10},
    "R17": {"extended_resolve_days": 25, "extension_decision_days": 1},
    "R5": {"at_least_days": 1},
    "R30": {"warning_days": 1},
    "R32": {"supervised_feedback_days": 1, "reminders_after_red": 3, "escalate_after_red_days": 3},
    "R35": {"interview_days": 5},
    "R40": {"call_back_days": 1},
    "R41": {
        "unreachable_attempts": 3,
        "unreachable_attempt_days": 2,
        "link_days": 3,
        "reopening_days": 10,
    },
    "R43": {"redo_days": 5},
    "R44": {"review_form_days": 3, "verification_days": 3, "explanation_days": 10},
    "R45": {"ordered_completion_days": 5, "ordered_completion_most_days": 15, "max_orders": 2},
    "R52": {"dispute_days": 10},
    "R12": {"answered_follow_up_days": 10},
    "R70": {"phone_years": 2},
}
"""The rulebook's numbers. It names none for the last day of an explanation, of a dispute and of an answer's question: these
stand as kept histories have them."""
NUMBERS = [(rule, name, value) for rule, numbers in OF_THE_PLAN.items() for name, value in numbers.items()]
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


@pytest.mark.rule("R5", "R6", "R7", "R12", "R14", "R15", "R16", "R17", "R30", "R32", "R35", "R40")
@pytest.mark.rule("R41", "R43", "R44", "R45", "R52", "R70", "§二.四.1", "§二.四.2")
@pytest.mark.parametrize(("rule", "name", "value"), NUMBERS, ids=str)
def test_the_plans_numbers_are_the_rulebooks(rule: str, name: str, value: int) -> None:
    assert getattr(OF_VERSION_0_1, name) == value
    assert getattr(DEFAULT_POLICY, name) == value


def test_every_number_of_days_is_one_of_the_rulebooks() -> None:
    days = {name for name in Policy.model_fields if name.endswith("_days")}
    assert days - {name for _, name, _ in NUMBERS} == {"standstill_days"}


@pytest.mark.rule("R6", "R7")
def test_in_short_a_policy_names_its_switches_once_and_is_read_as_it_was() -> None:
    policy = Policy(resolve_days=8, lead_signs=True, scans_with_claim=True)
    short = policy.model_dump(mode="json", exclude_defaults=True)
    assert short == {"resolve_days": 8, "switched_on": "lead_signs scans_with_claim"}
    assert Policy.model_validate(short) == policy
