"""Who acts for a claim's enterprise by a one-time code: of that claim, and of no other (R39)."""

import pytest

from claims.lifecycle import allowed_actions
from claims.model.terms import Action, EventKind, Role
from claims.model.values import Actor
from claims.need_to_know import may_see, sees_contacts
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import ENTERPRISE, person

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
