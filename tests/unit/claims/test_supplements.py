"""Additions to a claim: facts, and the code of an enterprise without one (§1, R46)."""

from typing import Final

import pytest

from claims.model.events import EventKind
from claims.model.terms import Action, Role
from claims.model.values import Actor
from claims.need_to_know import owns
from tests.support.claims.credit_codes import code_of
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, ENTERPRISE, OPERATOR, POWER, person

CODE: Final = ENTERPRISE.credit_code
OTHER: Final = code_of("另一家")


def without_code(account: str = "") -> Paper:
    """Without a code, as registered by the hotline or by an account without one."""
    paper = Paper().dispatched(POWER)
    paper.claim.order = paper.claim.order.model_copy(update={"credit_code": "", "account": account})
    return paper


@pytest.mark.rule("§1", "R46")
@pytest.mark.parametrize("who", [CALLER, OPERATOR])
def test_the_hotline_adds_the_code_and_the_enterprise_owns_its_claim(who: Actor) -> None:
    paper = without_code()
    assert not owns(paper.claim.order, ENTERPRISE)
    limits = list(paper.claim.limits)
    paper.must(Action.SUPPLEMENT, who, text="企业来电报代码", credit_code=CODE.lower())
    assert owns(paper.claim.order, ENTERPRISE)
    assert paper.claim.limits == limits
    [entry] = paper.events(EventKind.SUPPLEMENTED)
    assert entry.text == "企业补充：企业来电报代码；补填了统一社会信用代码"


@pytest.mark.rule("§1")
def test_an_account_that_now_has_a_code_adds_its_own_and_no_other() -> None:
    paper = without_code(account=ENTERPRISE.sub)
    refused = paper.do(Action.SUPPLEMENT, ENTERPRISE, text="代码", credit_code=OTHER)
    assert (refused.status, refused.rule, refused.kind) == ("refused", "§1", "incomplete")
    paper.must(Action.SUPPLEMENT, ENTERPRISE, text="代码", credit_code=CODE)
    assert paper.claim.order.credit_code == CODE
    namesake = person(Role.ENTERPRISE, name="另一家").model_copy(update={"sub": ENTERPRISE.sub})
    assert not owns(paper.claim.order, namesake)


@pytest.mark.rule("§1")
def test_a_code_once_recorded_stays() -> None:
    paper = Paper().dispatched(POWER)
    refused = paper.do(Action.SUPPLEMENT, OPERATOR, text="改代码", credit_code=OTHER)
    assert (refused.status, refused.rule) == ("refused", "§1")
    paper.must(Action.SUPPLEMENT, OPERATOR, text="同一代码", credit_code=CODE)
    [entry] = paper.events(EventKind.SUPPLEMENTED)
    assert (paper.claim.order.credit_code, entry.text) == (CODE, "企业补充：同一代码")


@pytest.mark.rule("§1")
@pytest.mark.parametrize("code", ["91370400", "91370400MA000000-1", "９１３７０４００ＭＡ００００００１Ｘ"])
def test_what_is_no_code_is_refused(code: str) -> None:
    paper = without_code()
    refused = paper.do(Action.SUPPLEMENT, OPERATOR, text="代码", credit_code=code)
    assert (refused.status, refused.rule, paper.claim.order.credit_code) == ("refused", "§1", "")
