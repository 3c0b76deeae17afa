"""R53, R54: who is named in a text: the contact, nobody (the surname is part of a word), or an official."""

import pytest

from claims.model.claim_parts import WorkOrder
from claims.model.terms import Action, Role
from claims.papers.redaction import (
    CONTACT_REDACTED,
    redact_contact,
    redact_identity,
    redact_owner,
    without_name,
)
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import HEAD, POWER, order, person

pytestmark = pytest.mark.rule("R53", "R54")


def of(contact: str, phone: str = "0632-5550004") -> WorkOrder:
    return order().model_copy(update={"contact": contact, "phone": phone})


@pytest.mark.parametrize(
    ("contact", "text"),
    [
        ("王经理", "王经理、王女士、王总、王某、王总经理、王总工、王工、王会计"),
        ("王建国", "王建国、王建国经理、王先生"),
        ("王建国经理", "王建国、王总"),
        ("王经理，李女士", "王总、李女士、李总"),
        ("联系人：王经理", "王经理"),
        ("王经理（李总代）", "李总"),
        ("老王", "老王、王师傅"),
        ("小李", "小李、李经理"),
        ("车间王主任", "王主任、王经理"),
        ("王", "王经理"),
        ("欧阳娜", "欧阳娜、欧阳女士"),
        ("高明", "高明、高总、高总投诉"),
        ("王　经理", "王经理、王总"),
    ],
)
def test_a_contact_is_masked_however_it_is_called(contact: str, text: str) -> None:
    for call in text.split("、"):
        for redacted in (
            redact_identity(f"据{call}说", of(contact)),
            redact_contact(f"据{call}说", of(contact)),
        ):
            left = str(redacted).replace(CONTACT_REDACTED, "")
            assert call[0] not in left, (call, redacted)
            assert str(redacted).startswith(f"据{CONTACT_REDACTED}"), (call, redacted)


@pytest.mark.parametrize(
    ("contact", "text"),
    [
        ("高明", "提高总产量，创新高总量"),
        ("万里", "追加3万总投资"),
        ("任重", "责任主任"),
        ("方女士", "双方经理到场，地方总队协助"),
        ("王经理", "霸王总店"),
        ("成龙", "构成总额，完成工程"),
        ("施先生", "施工单位的施工队"),
        ("金总", "资金总额一千万元，金工车间"),
        ("周强", "本周总结，上周主任会议"),
        ("经理", "经理已到场"),
        ("财务", "财务人员"),
        ("Wang", "王经理"),
    ],
)
def test_words_that_a_surname_is_part_of_stay(contact: str, text: str) -> None:
    assert redact_identity(text, of(contact)) == text


def test_a_name_that_stands_beside_a_number_is_a_contacts_too() -> None:
    said = redact_identity("孙会计说，孙女士也在", of("王经理", "13906320001（孙会计）"))
    assert said == f"{CONTACT_REDACTED}说，{CONTACT_REDACTED}也在"


def test_an_official_of_the_same_surname_stays_named_for_what_they_did() -> None:
    """Actors and signers are accountable; the enterprise itself is not identified by them."""
    work_order = of("王经理")
    official = person(Role.HEAD, POWER).model_copy(update={"name": "王主任"})
    assert without_name(official, work_order).name == "王主任"
    loose = official.model_copy(update={"name": f"王主任（{work_order.enterprise}）"})
    assert work_order.enterprise not in without_name(loose, work_order).name
    paper = Paper().dispatched(POWER)
    paper.must(Action.REJECT, HEAD)
    dispatch = paper.claim.dispatches[-1]
    assert dispatch.returned is not None
    signed = dispatch.returned.signature.model_copy(update={"head": "王主任"})
    returned = dispatch.returned.model_copy(update={"signature": signed, "reason": "王主任说"})
    paper.claim.dispatches[-1] = dispatch.model_copy(update={"returned": returned})
    shown = redact_owner(paper.claim).dispatches[-1].returned
    assert shown is not None
    assert (shown.signature.head, shown.reason) == ("王主任", f"{CONTACT_REDACTED}说")
