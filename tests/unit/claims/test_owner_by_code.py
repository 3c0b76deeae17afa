"""A one-time code allows acting for the enterprise of its claim, and of no other (R39)."""

import pytest

from claims.lifecycle import allowed_actions
from claims.model.claim_parts import WorkOrder
from claims.model.events import EventKind
from claims.model.terms import Action, Role
from claims.model.values import Actor
from claims.need_to_know import is_same_enterprise, is_surely_same_enterprise, may_see, sees_contacts
from tests.support.claims.credit_codes import code_of
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import ENTERPRISE, order, person

pytestmark = pytest.mark.rule("R39")


def by_code(*claims: str, role: Role = Role.ENTERPRISE) -> Actor:
    return Actor(sub="code:1", name="甲公司（短信验证码）", roles=(role,), claims=claims)


def test_the_enterprise_of_this_claim_acts_and_the_journal_says_how() -> None:
    paper = Paper().dispatched()
    actor = by_code(paper.claim.number)
    assert may_see(paper.claim, actor)
    assert sees_contacts(paper.claim, actor)
    assert allowed_actions(paper.claim, actor) == allowed_actions(paper.claim, ENTERPRISE)
    paper.must(Action.REMIND, actor, text="请尽快")
    (line,) = paper.events(EventKind.REMINDED)
    assert line.actor is not None
    assert line.actor.name == "甲公司（短信验证码）"


@pytest.mark.parametrize(
    "actor", [by_code(), by_code("QH202611249999"), by_code("QH202611240001", role=Role.CHANNEL)]
)
def test_nobody_else_does(actor: Actor) -> None:
    paper = Paper().dispatched()
    assert paper.claim.number == "QH202611240001"
    assert not may_see(paper.claim, actor)
    assert allowed_actions(paper.claim, actor) == []


def test_who_signs_in_is_written_as_histories_have_it() -> None:
    assert "claims" not in person(Role.OPERATOR).model_dump()
    assert by_code("QH202611240001").model_dump()["claims"] == ("QH202611240001",)


def named(**fields: str) -> WorkOrder:
    return order().model_copy(update={"enterprise": "甲公司", "credit_code": "", "account": "", **fields})


@pytest.mark.rule("§1", "R48")
@pytest.mark.parametrize(
    ("one", "other", "may_merge", "opens"),
    [
        (named(account="a"), named(account="a", phone="13905550001"), True, True),
        (named(account="a"), named(account="b", phone="13905550001"), False, False),
        (named(account="a"), named(phone="13905550001"), True, False),
        (named(phone="0632-5550001、13905550001"), named(phone="13905550001"), True, True),
        (named(account="a", credit_code=code_of("甲")), named(account="b", phone="1"), False, False),
        (
            named(account="a", credit_code=code_of("甲")),
            named(account="b", credit_code=code_of("甲")),
            True,
            True,
        ),
        (
            named(credit_code=code_of("甲"), phone=""),
            named(credit_code=code_of("乙"), phone=""),
            False,
            False,
        ),
    ],
)
def test_a_name_merges_no_two_accounts_and_opens_no_other_claim(
    one: WorkOrder, other: WorkOrder, *, may_merge: bool, opens: bool
) -> None:
    assert is_same_enterprise(one, other) == is_same_enterprise(other, one) == may_merge
    assert is_surely_same_enterprise(one, other) == is_surely_same_enterprise(other, one) == opens
