"""When a closed claim's phone numbers are masked, and that nothing else of it changes (R70)."""

from datetime import timedelta

import pytest

from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action
from claims.papers.redaction import masking_starts_at, masks_phones, redact_claim
from service_layer.views.serializers import claim_view
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import OPERATOR, POWER, SUPERVISOR
from tests.support.dates import beijing

pytestmark = pytest.mark.rule("R70")


def closed(at: str) -> Paper:
    paper = Paper(at)
    paper.must(Action.WITHDRAW, OPERATOR)
    return paper


@pytest.mark.parametrize(
    ("closed_at", "hidden"),
    [
        ("Tue 2026-11-24 15:00", "Fri 2028-11-24 15:00"),
        ("Fri 2027-12-31 23:59", "Mon 2029-12-31 23:59"),
        ("Tue 2028-02-29 10:00", "Fri 2030-03-01 10:00"),
        ("Sat 2026-02-28 10:00", "Mon 2028-02-28 10:00"),
    ],
)
def test_numbers_are_hidden_two_calendar_years_after_closing(closed_at: str, hidden: str) -> None:
    assert masking_starts_at(beijing(closed_at), DEFAULT_POLICY.phone_years) == beijing(hidden)


def test_the_instant_itself_is_the_first_that_hides_them() -> None:
    paper = closed("Tue 2026-11-24 15:00")
    end = beijing("Fri 2028-11-24 15:00")
    for now, phone in ((end - timedelta(microseconds=1), paper.claim.order.phone), (end, "063****")):
        view = claim_view(paper.claim, SUPERVISOR, now=now)
        assert (view.phone, view.phone_hidden) == (phone, now == end)


def test_the_claims_own_policy_says_after_how_many_years() -> None:
    claim = closed("Tue 2026-11-24 15:00").claim
    claim.policy = DEFAULT_POLICY.model_copy(update={"phone_years": 5})
    assert not masks_phones(claim, beijing("Mon 2031-11-24 14:59"))
    assert masks_phones(claim, beijing("Mon 2031-11-24 15:00"))


def test_an_open_claim_keeps_its_number_however_long_it_lasts() -> None:
    assert not masks_phones(Paper().dispatched(POWER).claim, beijing("Sun 2040-01-01 00:00"))


def test_nothing_but_numbers_is_left_out() -> None:
    claim = Paper().dispatched(POWER).claim
    without = redact_claim(claim)
    assert without.order.phone == "063****"
    assert without.model_copy(update={"order": claim.order}) == claim
