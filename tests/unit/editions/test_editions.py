"""What an edition changes, for whom, and from when (R7, R8)."""

from datetime import datetime

import pytest

from claims.editions.edition import (
    OWN_NUMBERS,
    Edition,
    Reach,
    built_in_editions,
    built_in_policy,
    editions_between,
    policy_after,
    policy_for,
)
from claims.editions.validation import PARAMETERS, contradiction_in
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Category, Channel
from tests.support.claims.editions import edition
from tests.support.dates import beijing

BEFORE = beijing("Thu 2026-12-31 23:59")
THEN = beijing("Fri 2027-01-01 00:00")
BUILT_IN = DEFAULT_POLICY.version
LATER = beijing("Mon 2027-02-01 09:00")


@pytest.mark.rule("R7")
def test_the_first_built_in_edition_is_the_plan_with_its_source() -> None:
    plan = built_in_editions()[0]
    assert (plan.id, plan.in_force_from) == ("2021-4", beijing("Wed 2021-03-24 00:00"))
    assert "枣办发〔2021〕4号" in plan.source


@pytest.mark.rule("R7")
def test_the_default_policy_is_what_the_built_in_editions_say_together() -> None:
    assert policy_for((), THEN) == DEFAULT_POLICY
    assert set().union(*(edition.changes for edition in built_in_editions())) == PARAMETERS
    assert contradiction_in(DEFAULT_POLICY) == contradiction_in(Policy()) == ""


@pytest.mark.rule("R7")
def test_a_later_built_in_edition_reaches_open_claims_and_speaks_for_everybody() -> None:
    for later in built_in_editions()[1:]:
        assert (later.reaches, later.channels, later.categories) == (Reach.OPEN, {}, {})


@pytest.mark.rule("R7")
def test_a_claim_of_the_plan_alone_takes_only_what_the_later_built_in_editions_change() -> None:
    plan, *later = built_in_policy(1), *built_in_editions()[1:]
    after = policy_after(plan.model_copy(update={"resolve_days": 12}), (), LATER, registered_at=BEFORE)
    assert after == DEFAULT_POLICY.model_copy(update={"resolve_days": 12})
    assert (after.version, after.revision, after.built_in) == ("2021-4+2021-4-1+2021-4-2", 0, 3)
    assert {name for name in PARAMETERS if getattr(plan, name) != getattr(DEFAULT_POLICY, name)} == {
        name for edition in later for name in edition.changes
    }
    assert policy_after(after, (), LATER, registered_at=BEFORE) is after


@pytest.mark.rule("R7")
def test_the_place_of_a_published_edition_stays_when_a_built_in_one_is_added() -> None:
    knows_one = built_in_policy(1).model_copy(update={"version": "2021-4+a", "revision": 1})
    editions = [
        edition("a", {"reply_days": 1}, reaches="open"),
        edition("b", {"resolve_days": 8}, reaches="open"),
    ]
    after = policy_after(knows_one, editions, LATER, registered_at=BEFORE)
    assert (after.version, after.revision, after.built_in) == ("2021-4+a+2021-4-1+2021-4-2+b", 2, 3)
    assert (after.reply_days, after.resolve_days) == (2, 8)
    assert [one.id for one in editions_between(knows_one, after, editions)] == ["2021-4-1", "2021-4-2", "b"]


@pytest.mark.rule("R7")
@pytest.mark.parametrize(
    ("mine", "others", "later"),
    [
        ((2, 0), (1, 0), True),
        ((1, 1), (1, 0), True),
        ((2, 1), (1, 1), True),
        ((1, 0), (1, 0), False),
        ((2, 0), (1, 1), False),
        ((1, 1), (2, 0), False),
        ((1, 0), (2, 0), False),
    ],
)
def test_a_policy_is_later_than_one_whose_editions_it_all_knows(
    mine: tuple[int, int], others: tuple[int, int], later: bool
) -> None:
    one, other = (Policy(built_in=built_in, revision=revision) for built_in, revision in (mine, others))
    assert one.is_later_than(other) is later


@pytest.mark.rule("R7")
def test_a_policy_without_the_later_fields_is_the_old_behaviour() -> None:
    assert (Policy().contact_after_signing, Policy().revision, Policy().standstill_days) == (False, 0, 0)


@pytest.mark.rule("R7")
@pytest.mark.parametrize(("at", "days"), [(BEFORE, 10), (THEN, 8), (LATER, 8)])
def test_an_edition_applies_from_its_instant_on(at: datetime, days: int) -> None:
    policy = policy_for([edition()], at)
    assert policy.resolve_days == days
    assert (policy.version, policy.revision) == ((f"{BUILT_IN}+2027-1", 1) if days == 8 else (BUILT_IN, 0))


@pytest.mark.rule("R7")
@pytest.mark.parametrize(("reaches", "days"), [("new", 10), ("open", 8)])
def test_a_claim_of_before_is_reached_only_by_an_edition_that_says_so(reaches: str, days: int) -> None:
    policy = policy_for([edition(reaches=reaches)], LATER, registered_at=BEFORE)
    assert policy.resolve_days == days


@pytest.mark.rule("R7")
def test_an_open_claim_takes_of_two_editions_only_the_one_that_reaches_it() -> None:
    for_new = edition("a", {"resolve_days": 8})
    for_open = edition("b", {"reply_days": 1}, reaches="open")
    policy = policy_for([for_new, for_open], LATER, registered_at=BEFORE)
    assert (policy.resolve_days, policy.reply_days) == (10, 1)
    assert (policy.version, policy.revision) == (f"{BUILT_IN}+b", 2)
    new = policy_for([for_new, for_open], LATER)
    assert (new.resolve_days, new.reply_days, new.version) == (8, 1, f"{BUILT_IN}+a+b")


PROVINCE = edition(
    "own",
    {},
    channels={"province-hotline": {"resolve_days": 7, "reply_days": 2}},
    categories={"complaint": {"resolve_days": 9, "reply_days": 1}},
)


@pytest.mark.rule("R8")
@pytest.mark.parametrize(
    ("channel", "category", "resolve", "reply"),
    [
        (Channel.HOTLINE, Category.HELP, 10, 2),
        (Channel.PROVINCE_HOTLINE, Category.HELP, 7, 2),
        (Channel.HOTLINE, Category.COMPLAINT, 9, 1),
        (Channel.PROVINCE_HOTLINE, Category.COMPLAINT, 7, 1),
    ],
)
def test_of_two_own_numbers_the_stricter_applies(
    channel: Channel, category: Category, resolve: int, reply: int
) -> None:
    policy = policy_for([PROVINCE], LATER, channel, category)
    assert (policy.resolve_days, policy.reply_days) == (resolve, reply)


@pytest.mark.rule("R8")
def test_of_two_numbers_of_calls_the_larger_is_the_stricter() -> None:
    own = edition(
        "calls",
        {},
        channels={"app": {"unreachable_attempts": 4}},
        categories={"help": {"unreachable_attempts": 5}},
    )
    assert policy_for([own], LATER, Channel.APP, Category.HELP).unreachable_attempts == 5


@pytest.mark.rule("R8")
def test_an_own_number_stands_beside_a_later_general_one() -> None:
    later = edition("later", {"resolve_days": 12})
    policies = [policy_for([PROVINCE, later], LATER, channel) for channel in (None, Channel.PROVINCE_HOTLINE)]
    assert [policy.resolve_days for policy in policies] == [12, 7]


@pytest.mark.rule("R8")
def test_an_edition_for_other_channels_is_not_named() -> None:
    assert policy_for([PROVINCE], LATER, Channel.DESK, Category.HELP).version == BUILT_IN


def test_every_own_number_is_a_number_of_the_policy() -> None:
    assert all(Policy.model_fields[name].annotation is int for name in OWN_NUMBERS)


def test_an_edition_survives_its_json() -> None:
    assert Edition.model_validate_json(PROVINCE.model_dump_json()) == PROVINCE


@pytest.mark.rule("R7")
def test_a_policy_older_than_its_parameters_takes_what_an_edition_changes_and_no_more() -> None:
    old = Policy(version="2021-4", built_in=3)
    editions = [edition("a", {"reply_days": 1}), edition("b", {"resolve_days": 8}, reaches="open")]
    after = policy_after(old, editions, LATER, registered_at=BEFORE)
    assert after == old.model_copy(update={"resolve_days": 8, "version": "2021-4+b", "revision": 2})
    assert policy_after(after, editions, LATER, registered_at=BEFORE) is after
    assert policy_after(old, editions, BEFORE, registered_at=BEFORE) is old


@pytest.mark.rule("R7", "R8")
def test_an_own_number_outlasts_a_later_general_one_in_an_open_claim_too() -> None:
    own = PROVINCE.model_copy(update={"reaches": Reach.OPEN})
    later = edition("later", {"resolve_days": 12}, reaches="open")
    policy = DEFAULT_POLICY
    for known in ([own], [own, later]):
        policy = policy_after(policy, known, LATER, Channel.PROVINCE_HOTLINE, registered_at=BEFORE)
    assert (policy.resolve_days, policy.version) == (7, f"{BUILT_IN}+own+later")
