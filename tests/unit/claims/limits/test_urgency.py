"""The most urgent limit of a claim: missed and unmet ones come first."""

import pytest

from claims.model.labels import instant_end
from claims.model.terms import Action, LimitKind
from claims.ui_summary import ui_summary
from claims.urgency import by_urgency, is_unmet, most_urgent_end
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, HANDLER
from tests.support.dates import beijing
from workflows.search_attributes import due_of

TUESDAY = "Tue 2026-11-24 09:00"


def unmet(paper: Paper) -> list[LimitKind]:
    return [limit.kind for limit in by_urgency(paper.claim) if is_unmet(paper.claim, limit)]


@pytest.mark.rule("R31", "R32")
def test_a_red_claim_is_more_urgent_than_one_whose_limits_run() -> None:
    paper = Paper(TUESDAY).dispatched()
    assert most_urgent_end(paper.claim) == beijing("Wed 2026-11-25 24:00")

    paper.until("Wed 2026-12-02 09:00")

    assert unmet(paper)[:2] == [LimitKind.CONTACT, LimitKind.REPLY]
    assert most_urgent_end(paper.claim) == beijing("Wed 2026-11-25 24:00")
    assert due_of(paper.claim)["ClaimNextDue"].value == beijing("Wed 2026-11-25 24:00")
    assert "最紧急的时限：2026-11-25 24:00" in ui_summary(paper.claim, beijing("Wed 2026-12-02 09:00"))


@pytest.mark.rule("R31")
def test_a_limit_that_is_met_late_is_not_urgent_any_more() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until("Thu 2026-11-26 09:00")
    paper.do(Action.CONTACT, HANDLER)

    assert unmet(paper) == []
    assert most_urgent_end(paper.claim) == beijing("Thu 2026-11-26 24:00")


def test_a_dispatch_that_the_platform_missed_is_urgent_until_it_is_made() -> None:
    paper = Paper(TUESDAY)
    paper.until("Fri 2026-11-27 09:00")
    assert (unmet(paper), most_urgent_end(paper.claim)) == (
        [LimitKind.DISPATCH],
        beijing("Wed 2026-11-25 24:00"),
    )
    assert unmet(paper.dispatched()) == []


def test_a_closed_claim_is_not_urgent() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.do(Action.CONTACT, HANDLER)
    paper.do(Action.REPLY, HANDLER)
    paper.do(Action.FEEDBACK, HANDLER)
    paper.do(Action.CALL_BACK, CALLER)

    assert most_urgent_end(paper.claim) is None


def test_an_end_at_midnight_is_written_as_the_day_before() -> None:
    assert instant_end(beijing("Mon 2026-11-30 24:00")) == "2026-11-30 24:00"
    assert instant_end(beijing("Mon 2026-11-30 17:30")) == "2026-11-30 17:30"
