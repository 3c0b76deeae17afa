"""A call with several matters is split into linked claims before its dispatch (R49). 2026-11-24 is a Tuesday."""

import pytest

from claims import linked_claims, procedure
from claims.editions.edition import built_in_policy
from claims.lifecycle import allowed_actions
from claims.model.events import EventKind
from claims.model.linked_claims import MattersRegistered
from claims.model.messages.envelopes import MattersToRegister
from claims.model.terms import Action, BackgroundTaskKind, Category, LimitKind
from claims.notifications import what
from claims.papers.redaction import redact_claim
from claims.transition import ENTERPRISE
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import OPERATOR
from tests.support.dates import beijing

MATTERS = [
    {"matter": "变压器验收排不上"},
    {"matter": "门前道路破损", "category": "suggestion"},
    {"matter": "研发费用怎么扣除", "category": "consultation"},
]
NUMBERS = ("QH202611240002", "QH202611240003")


def split(paper: Paper) -> MattersToRegister:
    paper.must(Action.SPLIT, OPERATOR, request_id="s1", matters=MATTERS)
    (task,) = [one for one in paper.background_tasks if one.kind is BackgroundTaskKind.REGISTER_MATTERS]
    return MattersToRegister.model_validate(task.body)


def hear(paper: Paper, request_id: str = "s1", numbers: tuple[str, ...] = NUMBERS) -> None:
    word = MattersRegistered(request_id=request_id, numbers=numbers)
    paper.adopt(linked_claims.take_message(paper.claim, word, now=paper.now))


@pytest.mark.rule("R49")
def test_the_claim_keeps_the_first_matter_and_the_others_are_registered_as_of_the_call() -> None:
    paper = Paper("Tue 2026-11-24 09:00")
    whole = paper.claim.order
    paper.until("Thu 2026-11-26 09:00")
    asked = split(paper)
    assert paper.claim.order == whole.model_copy(update={"matter": "变压器验收排不上"})
    assert (asked.number, asked.received_at) == (paper.claim.number, beijing("Tue 2026-11-24 09:00"))
    assert asked.actor == OPERATOR
    assert [entry.rules for entry in paper.events(EventKind.SPLIT)] == [("R49",)]
    told = [(one.matter, one.category, one.external_id, one.split_from) for one in asked.orders]
    number = paper.claim.number
    assert told == [
        ("门前道路破损", Category.SUGGESTION, f"{number}-2", number),
        ("研发费用怎么扣除", Category.CONSULTATION, f"{number}-3", number),
    ]
    assert {(one.enterprise, one.phone, one.channel) for one in asked.orders} == {
        (whole.enterprise, whole.phone, whole.channel)
    }


@pytest.mark.rule("R49")
def test_a_matter_has_the_calls_subcategory_only_within_the_calls_category() -> None:
    paper = Paper("Tue 2026-11-24 09:00", category=Category.HELP)
    order = paper.claim.order.model_copy(update={"subcategory": "用电"})
    paper.claim = paper.claim.model_copy(update={"order": order})
    matters = [
        {"matter": "变压器验收排不上"},
        {"matter": "电表坏了"},
        {"matter": "电费算错了", "category": "help"},
        {"matter": "路灯太暗", "category": "suggestion"},
        {"matter": "路灯不亮", "category": "suggestion", "subcategory": "照明"},
    ]
    paper.must(Action.SPLIT, OPERATOR, request_id="s1", matters=matters)
    (task,) = [one for one in paper.background_tasks if one.kind is BackgroundTaskKind.REGISTER_MATTERS]
    asked = MattersToRegister.model_validate(task.body)
    assert [(one.category, one.subcategory) for one in asked.orders] == [
        (Category.HELP, "用电"),
        (Category.HELP, "用电"),
        (Category.SUGGESTION, ""),
        (Category.SUGGESTION, "照明"),
    ]


@pytest.mark.rule("R49")
def test_a_split_gives_the_platform_no_more_time_to_dispatch() -> None:
    paper = Paper("Tue 2026-11-24 09:00")
    paper.until("Thu 2026-11-26 09:00")
    asked = split(paper)
    part = Paper("Tue 2026-11-24 09:00")
    part.adopt(
        procedure.register(
            NUMBERS[0],
            asked.orders[0],
            actor=asked.actor,
            at=asked.received_at,
            recorded_at=paper.now,
            policy=asked.policy,
        )
    )
    (registered,) = [entry for entry in part.journal if "拆分" in entry.text]
    assert (registered.rules, paper.claim.number in registered.text) == (("R10", "R49"), True)
    schedule = part.limit(LimitKind.DISPATCH).schedule
    assert schedule is not None
    assert schedule.due_at == beijing("Wed 2026-11-25 24:00")


@pytest.mark.rule("R49")
def test_the_enterprise_hears_all_numbers_once() -> None:
    paper = Paper()
    split(paper)
    for _ in range(2):
        hear(paper)
    assert paper.claim.split is not None
    assert paper.claim.split.numbers == NUMBERS
    (entry,) = paper.events(EventKind.SPLIT_REGISTERED)
    (notice,) = [one for one in paper.notices if one.unit == ENTERPRISE]
    words = what(notice.kind, notice.text)
    assert (entry.rules, all(one in words for one in (paper.claim.number, *NUMBERS))) == (("R49",), True)


@pytest.mark.rule("R49")
def test_the_enterprise_hears_how_many_matters_there_are_after_what_was_due_before() -> None:
    paper = Paper("Tue 2026-11-24 09:00")
    split(paper)
    paper.now = beijing("Thu 2026-11-26 09:00")  # the claim should have been dispatched on Wednesday
    told = len(paper.journal)
    hear(paper)
    delayed, registered, *_ = paper.journal[told:]
    assert (delayed.kind, delayed.at) == (EventKind.PLATFORM_DELAYED, beijing("Wed 2026-11-25 24:00"))
    assert registered.kind is EventKind.SPLIT_REGISTERED
    assert registered.text.startswith("您一次反映的3个事项已分别登记")


@pytest.mark.rule("R49")
def test_numbers_of_another_split_say_nothing() -> None:
    paper = Paper()
    hear(paper)
    split(paper)
    hear(paper, "s2")
    assert paper.events(EventKind.SPLIT_REGISTERED) == []


@pytest.mark.rule("R49")
@pytest.mark.parametrize("matters", [[], MATTERS[:1], [*MATTERS * 4], [{"matter": ""}, {"matter": "供电"}]])
def test_a_split_into_less_than_two_or_too_many_matters_is_refused(matters: list[object]) -> None:
    paper = Paper()
    outcome = paper.do(Action.SPLIT, OPERATOR, matters=matters)
    assert (outcome.status, outcome.rule, paper.claim.split) == ("refused", "R49", None)


@pytest.mark.rule("R49")
def test_what_came_of_a_split_and_what_is_dispatched_is_not_split() -> None:
    paper = Paper()
    paper.claim.order = paper.claim.order.model_copy(update={"split_from": "QH202611240009"})
    assert paper.do(Action.SPLIT, OPERATOR).rule == "R49"
    assert Action.SPLIT not in allowed_actions(Paper().dispatched().claim, OPERATOR)


@pytest.mark.rule("R7", "R49")
def test_a_claim_of_the_plan_alone_is_not_split() -> None:
    outcome = Paper(policy=built_in_policy(1)).do(Action.SPLIT, OPERATOR)
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R49", "not-now")


@pytest.mark.rule("R70")
def test_the_whole_call_is_redacted_as_its_matter_is() -> None:
    paper = Paper()
    paper.claim.order = paper.claim.order.model_copy(update={"matter": "请打 13800001234"})
    split(paper)
    kept = redact_claim(paper.claim).split
    assert kept is not None
    assert "13800001234" not in kept.matter
