"""What the second built-in edition refuses and a claim under the plan alone still accepts. 2026-11-24 is a
Tuesday.
"""

from datetime import timedelta

import pytest

from claims.editions.edition import built_in_policy
from claims.lifecycle import allowed_actions
from claims.model.events import EventKind
from claims.model.journal import Outcome
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, Category, CloseReason, Role, Stage
from claims.model.values import CONSOLE
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    ARBITER,
    CALLER,
    ENTERPRISE,
    HANDLER,
    HOUSING,
    OPERATOR,
    POWER,
    SUPERVISOR,
    TENGZHOU,
    TENGZHOU_HOUSING,
    person,
)
from tests.support.dates import beijing

PLAN_ALONE = built_in_policy(1)
TOWN_HEAD = person(Role.HEAD, TENGZHOU_HOUSING)
DISTRICT_HEAD = person(Role.HEAD, TENGZHOU)


def status_and_rule(outcome: Outcome) -> tuple[str, str]:
    return outcome.status, outcome.rule


def delegated(paper: Paper) -> Paper:
    paper.dispatched(TENGZHOU)
    paper.must(Action.DELEGATE, person(Role.HANDLER, TENGZHOU), unit=TENGZHOU_HOUSING)
    return paper


@pytest.mark.rule("R20")
def test_where_the_policy_says_so_a_unit_signs_before_it_records_a_contact() -> None:
    policy = DEFAULT_POLICY.model_copy(update={"contact_after_signing": True})
    paper = Paper("Tue 2026-11-24 09:00", policy=policy).dispatched()
    refused = paper.do(Action.CONTACT, HANDLER)
    assert (status_and_rule(refused), refused.instead) == (("refused", "R20"), "请先签收")
    paper.must(Action.SIGN_FOR, HANDLER)
    paper.must(Action.CONTACT, HANDLER)


@pytest.mark.rule("R18")
@pytest.mark.parametrize(
    ("at", "status"),
    [
        ("2026-11-21T10:00:00+08:00", "refused"),  # Saturday, three days before
        ("2026-11-24T09:30:06+08:00", "refused"),  # after registration, a second before delivery
        ("2026-11-24T09:30:07+08:00", "accepted"),  # the very second of delivery, as clients write it
        ("2026-11-24T01:30:07Z", "accepted"),
        ("2026-11-24T09:30:08+08:00", "accepted"),
    ],
)
def test_a_contact_before_delivery_is_refused_and_one_at_its_very_second_is_not(at: str, status: str) -> None:
    paper = Paper("Tue 2026-11-24 09:00")
    paper.wait(timedelta(minutes=30, seconds=7, microseconds=480_000))
    paper.dispatched()
    paper.wait(timedelta(minutes=1))
    outcome = paper.do(Action.CONTACT, HANDLER, at=at)
    assert status_and_rule(outcome) == (status, "R18" if status == "refused" else "")
    assert status == "accepted" or "2026-11-24 09:30:07" in outcome.reason


@pytest.mark.rule("R18", "R16")
def test_a_contact_of_an_earlier_dispatch_is_none_of_the_new_one() -> None:
    paper = Paper().dispatched()
    paper.must(Action.REJECT, HANDLER, suggested_unit=HOUSING)
    paper.until("Wed 2026-11-25 10:00")
    paper.must(Action.REDETERMINE, SUPERVISOR, unit=HOUSING)
    paper.until("Wed 2026-11-25 11:00")
    housing = person(Role.HANDLER, HOUSING)
    early = paper.do(Action.CONTACT, housing, at=beijing("Wed 2026-11-25 09:59").isoformat())
    assert status_and_rule(early) == ("refused", "R18")
    paper.must(Action.CONTACT, housing, at=beijing("Wed 2026-11-25 10:00").isoformat())


@pytest.mark.rule("R7", "R18")
def test_under_the_plan_alone_a_contact_of_the_day_of_registration_is_taken() -> None:
    paper = Paper("Tue 2026-11-24 09:00", policy=PLAN_ALONE).dispatched()
    paper.must(Action.CONTACT, HANDLER, at="2026-11-24T08:00:00+08:00")
    assert status_and_rule(paper.do(Action.CONTACT, HANDLER, at="2026-11-23T23:59:00+08:00")) == (
        "refused",
        "§二.四.1",
    )


@pytest.mark.rule("R12")
def test_an_answer_that_did_not_satisfy_is_dispatched_and_nothing_else() -> None:
    paper = Paper(category=Category.CONSULTATION)
    paper.must(Action.ANSWER, OPERATOR)
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    decides = {Action.ANSWER, Action.DECLINE, Action.DISPATCH, Action.MERGE, Action.SPLIT}
    assert decides & set(allowed_actions(paper.claim, OPERATOR)) == {Action.DISPATCH}
    for action in (Action.ANSWER, Action.DECLINE, Action.MERGE, Action.SPLIT):
        assert status_and_rule(paper.do(action, OPERATOR)) == ("refused", "R12")
    paper.must(Action.DISPATCH, OPERATOR)
    assert paper.claim.stage is Stage.HANDLING


@pytest.mark.rule("R7", "R12")
@pytest.mark.parametrize("action", [Action.ANSWER, Action.DECLINE, Action.MERGE])
def test_under_the_plan_alone_it_may_be_decided_anew(action: Action) -> None:
    paper = Paper(category=Category.CONSULTATION, policy=PLAN_ALONE)
    paper.must(Action.ANSWER, OPERATOR)
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    paper.must(action, OPERATOR)


@pytest.mark.rule("R13")
@pytest.mark.parametrize(
    ("reason", "door", "says"),
    [
        ("litigation", "court", "已进入诉讼程序；请通过受理案件的人民法院（12368）反映"),
        ("诉讼", "人民法院", "已进入诉讼程序；请通过受理案件的人民法院（12368）反映"),
        ("信访事项", "市信访局", "信访事项；请通过信访部门（市信访局）反映"),
        ("emergency", "１１９", "紧急警情、火情、急救、交通事故；请通过119火警反映"),
    ],
)
def test_a_claim_is_declined_by_the_lists_in_their_own_words(reason: str, door: str, says: str) -> None:
    paper = Paper()
    paper.must(Action.DECLINE, OPERATOR, reason=reason, door=door, remark="可先咨询12348")
    (entry,) = paper.events(EventKind.DECLINED)
    assert entry.text == f"不予受理：{says}。可先咨询12348"


@pytest.mark.rule("R13")
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"reason": "太忙了"}, "不是不予受理的理由"),
        ({"reason": "太忙了", "remark": "已进入诉讼程序"}, "不是不予受理的理由"),
        ({"door": "以后再说"}, "渠道目录中没有"),
        ({"door": "119"}, "不受理"),
        ({"reason": "petition", "door": "court"}, "不受理"),
    ],
)
def test_words_do_not_replace_the_listed_reason_and_the_right_door(fields: dict[str, str], says: str) -> None:
    outcome = Paper().do(Action.DECLINE, OPERATOR, **fields)
    assert (*status_and_rule(outcome), says in outcome.reason) == ("refused", "R13", True)


@pytest.mark.rule("R7", "R13")
@pytest.mark.parametrize(
    ("quotes", "begins"), [(True, "不予办理“不予受理”：“太忙了”"), (False, "不予不予受理：“太忙了”")]
)
def test_the_line_of_a_refused_decline_quotes_it(quotes: bool, begins: str) -> None:
    paper = Paper(policy=DEFAULT_POLICY.model_copy(update={"quotes_refused_declines": quotes}))
    paper.do(Action.DECLINE, OPERATOR, reason="太忙了")
    paper.do(Action.REPLY, OPERATOR)
    declined, replied = (entry.text for entry in paper.events(EventKind.REFUSED))
    assert declined.startswith(begins)
    assert replied.startswith("不予答复")


@pytest.mark.rule("R7", "R13")
def test_under_the_plan_alone_a_claim_is_declined_in_any_words() -> None:
    paper = Paper(policy=PLAN_ALONE)
    paper.must(Action.DECLINE, OPERATOR, reason="太忙了", door="以后再说")
    (declined,) = paper.events(EventKind.DECLINED)
    assert declined.text == "不予受理：太忙了；请通过以后再说反映"
    assert declined.data == {"reason": "太忙了", "door": "以后再说"}


@pytest.mark.rule("R40", "R42")
@pytest.mark.parametrize("missing", [("resolved",), ("contacted",), ("resolved", "contacted")])
@pytest.mark.parametrize("actor", [CALLER, ENTERPRISE])
def test_a_call_counts_only_with_both_answers(missing: tuple[str, ...], actor: object) -> None:
    paper = Paper().fed_back()
    who = CALLER if actor is CALLER else ENTERPRISE
    outcome = paper.do(Action.CALL_BACK, who, **dict.fromkeys(missing))
    assert status_and_rule(outcome) == ("refused", "R40")
    assert (paper.claim.call_backs, paper.claim.stage) == ([], Stage.CALL_BACK)


@pytest.mark.rule("R12", "R40")
def test_of_an_answer_on_the_spot_neither_question_is_asked() -> None:
    paper = Paper(category=Category.CONSULTATION)
    paper.must(Action.ANSWER, OPERATOR)
    paper.must(Action.CALL_BACK, CALLER, resolved=None, contacted=None)
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.ANSWERED


@pytest.mark.rule("R43")
def test_the_plans_own_word_in_the_temporal_ui_is_enough() -> None:
    paper = Paper().fed_back()
    paper.must(Action.CALL_BACK, CONSOLE, grade="dissatisfied", resolved=None, contacted=None)
    assert paper.claim.stage is Stage.REDO


@pytest.mark.rule("R41")
def test_that_nobody_was_reached_only_the_hotline_says() -> None:
    paper = Paper().fed_back()
    outcome = paper.do(Action.CALL_BACK, ENTERPRISE, reached=False, grade=None)
    assert status_and_rule(outcome) == ("refused", "R41")
    paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    assert [call.reached for call in paper.claim.call_backs] == [False]


@pytest.mark.rule("R7", "R41", "R42")
def test_under_the_plan_alone_a_call_counts_without_answers() -> None:
    paper = Paper(policy=PLAN_ALONE).fed_back()
    paper.must(Action.CALL_BACK, ENTERPRISE, reached=False, grade=None)
    paper.must(Action.CALL_BACK, CALLER, resolved=None, contacted=None)
    assert paper.claim.stage is Stage.CLOSED


@pytest.mark.rule("R5", "R21")
@pytest.mark.parametrize("action", [Action.REJECT, Action.REQUEST_EXTENSION])
def test_a_delegate_neither_returns_nor_extends_for_its_district(action: Action) -> None:
    paper = delegated(Paper())
    outcome = paper.do(action, TOWN_HEAD, suggested_unit=HOUSING)
    assert (*status_and_rule(outcome), outcome.kind, "滕州市" in outcome.instead) == (
        "refused",
        "R21",
        "wrong-role",
        True,
    )
    assert action not in allowed_actions(paper.claim, TOWN_HEAD)
    paper.must(action, DISTRICT_HEAD, suggested_unit=HOUSING)


@pytest.mark.rule("R7", "R21")
@pytest.mark.parametrize("action", [Action.REJECT, Action.REQUEST_EXTENSION])
def test_under_the_plan_alone_a_delegate_does(action: Action) -> None:
    delegated(Paper(policy=PLAN_ALONE)).must(action, TOWN_HEAD, suggested_unit=HOUSING)


@pytest.mark.rule("R7", "R14")
@pytest.mark.parametrize("action", [Action.REJECT, Action.REQUEST_EXTENSION])
def test_under_the_plan_alone_a_co_unit_neither_returns_nor_extends(action: Action) -> None:
    paper = Paper(policy=PLAN_ALONE).dispatched(POWER, co_units=[HOUSING])
    outcome = paper.do(action, person(Role.HEAD, HOUSING))
    assert (*status_and_rule(outcome), outcome.kind) == ("refused", "R14", "wrong-role")


@pytest.mark.rule("§1", "R16")
@pytest.mark.parametrize("unit", [None, "ZZ-SFJ", "PF", POWER])
def test_nobody_rules_but_the_office_of_the_commission(unit: str | None) -> None:
    paper = Paper().referred()
    outcome = paper.do(Action.ARBITRATE, person(Role.ARBITER, unit))
    assert (*status_and_rule(outcome), outcome.kind) == ("refused", "R16", "wrong-role")
    assert paper.claim.stage is Stage.ARBITRATION


@pytest.mark.rule("R16")
def test_a_ruling_holds_the_opinion_of_the_justice_bureau_named_and_dated() -> None:
    paper = Paper("Tue 2026-11-24 09:00").referred()
    opinion = {"name": "张科长", "given_on": "2026-11-24", "text": "同意由市住建局承办"}
    for missing in ("name", "given_on", "text"):
        partial = {name: value for name, value in opinion.items() if name != missing}
        assert status_and_rule(paper.do(Action.ARBITRATE, ARBITER, opinion=partial)) == ("refused", "R16")
    assert status_and_rule(paper.do(Action.ARBITRATE, ARBITER, opinion=None)) == ("refused", "R16")
    late = {**opinion, "given_on": "2026-11-25"}
    assert status_and_rule(paper.do(Action.ARBITRATE, ARBITER, opinion=late)) == ("refused", "R16")
    paper.must(Action.ARBITRATE, ARBITER, opinion=opinion)
    (entry,) = paper.events(EventKind.ARBITRATED)
    assert "市司法局意见（张科长，2026-11-24）：同意由市住建局承办" in entry.text
    assert (entry.data["opinion_by"], entry.data["opinion_on"]) == ("张科长", "2026-11-24")


@pytest.mark.rule("R7", "R16")
def test_under_the_plan_alone_any_arbiter_rules_without_an_opinion() -> None:
    paper = Paper(policy=PLAN_ALONE).referred()
    paper.must(Action.ARBITRATE, person(Role.ARBITER), opinion=None)
    assert paper.events(EventKind.ARBITRATED)[0].data.keys() == {"unit", "reason"}


@pytest.mark.rule("R18", "R44", "R45")
@pytest.mark.parametrize(
    ("policy", "rules"),
    [(None, ["R44", "R18", "R44", "R45"]), (PLAN_ALONE, ["R18", "§1", "§1", "§1"])],
    ids=["second edition", "plan alone"],
)
def test_a_verification_that_cannot_be_read_cites_the_rule_of_its_stage(
    policy: object, rules: list[str]
) -> None:
    def fresh() -> Paper:
        return Paper() if policy is None else Paper(policy=PLAN_ALONE)

    said_of = [
        fresh().dispatched().do(Action.VERIFY, SUPERVISOR, opinion=""),
        fresh().fed_back().do(Action.VERIFY, SUPERVISOR, opinion=""),
        fresh().verifying().do(Action.VERIFY, SUPERVISOR, opinion=""),
        fresh().before_leadership().do(Action.VERIFY, person(Role.COORDINATOR), opinion=""),
    ]
    assert [outcome.rule for outcome in said_of] == rules
