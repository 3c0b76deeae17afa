"""When a closed claim's phone numbers are masked, and that nothing else of it changes (R70)."""

from datetime import timedelta

import pytest

from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action
from claims.papers.redaction import hidden_from, hides_phones, rid_of_phones
from service_layer.views.serializers import claim_view
from tests.support.offline_claim import Paper
from tests.support.people import OPERATOR, POWER, SUPERVISOR, beijing

pytestmark = pytest.mark.rule("R70")


def closed(at: str) -> Paper:
    paper = Paper(at)
    paper.must(Action.WITHDRAW, OPERATOR)
    return paper


@pytest.mark.parametrize(
    ("closed_at", "hidden"),
    [
        ("2026-11-24 15:00", "2028-11-24 15:00"),
        ("2027-12-31 23:59", "2029-12-31 23:59"),
        ("2028-02-29 10:00", "2030-03-01 10:00"),
        ("2026-02-28 10:00", "2028-02-28 10:00"),
    ],
)
def test_numbers_are_hidden_two_calendar_years_after_closing(closed_at: str, hidden: str) -> None:
    assert hidden_from(beijing(closed_at), DEFAULT_POLICY.phone_years) == beijing(hidden)


def test_the_instant_itself_is_the_first_that_hides_them() -> None:
    paper = closed("2026-11-24 15:00")
    end = beijing("2028-11-24 15:00")
    for now, phone in ((end - timedelta(microseconds=1), paper.claim.order.phone), (end, "063****")):
        view = claim_view(paper.claim, SUPERVISOR, now=now)
        assert (view.phone, view.phone_hidden) == (phone, now == end)


def test_the_claims_own_policy_says_after_how_many_years() -> None:
    claim = closed("2026-11-24 15:00").claim
    claim.policy = DEFAULT_POLICY.model_copy(update={"phone_years": 5})
    assert not hides_phones(claim, beijing("2031-11-24 14:59"))
    assert hides_phones(claim, beijing("2031-11-24 15:00"))


def test_an_open_claim_keeps_its_number_however_long_it_lasts() -> None:
    assert not hides_phones(Paper().dispatched(POWER).claim, beijing("2040-01-01 00:00"))


def test_nothing_but_numbers_is_left_out() -> None:
    claim = Paper().dispatched(POWER).claim
    without = rid_of_phones(claim)
    assert without.order.phone == "063****"
    assert without.model_copy(update={"order": claim.order}) == claim
