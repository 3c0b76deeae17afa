"""Steps of long scenarios, found by random play or slow counting: each once failed."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from claims.deadlines.recalculation import NewCalendar
from claims.model.messages.envelopes import Envelope
from claims.model.messages.unit_action_bodies import UnitAction, UnitEnvelope
from claims.model.policy import Policy
from claims.model.terms import Action, Category, CloseReason, Colour, LimitKind, LimitStatus, Stage
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, HANDLER, OPERATOR, SUPERVISOR
from tests.support.dates import beijing, day

TUESDAY = "Tue 2026-11-24 09:00"


def end_of(paper: Paper, kind: LimitKind) -> date:
    schedule = paper.limit(kind).schedule
    assert schedule is not None
    return schedule.last_day


def sent_back(paper: Paper) -> None:
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False, opinion="缺少验收材料")


@pytest.mark.rule("R12")
def test_an_answer_that_is_over_is_not_reopened_by_a_word_that_came_late() -> None:
    paper = Paper(TUESDAY, category=Category.CONSULTATION)
    paper.must(Action.ANSWER, OPERATOR)
    paper.until("Tue 2026-12-08 24:00")  # the tenth working day is over
    late = paper.do(Action.CALL_BACK, CALLER, beijing("Tue 2026-12-08 23:59"), grade="dissatisfied")
    assert (late.status, late.instead) == ("refused", "如有新的情况，请登记新的诉求")
    assert (paper.claim.over, paper.claim.stage) == (True, Stage.ANSWERED)


@pytest.mark.rule("R41")
def test_a_claim_that_is_over_is_not_reopened() -> None:
    paper = Paper(TUESDAY).unreachable()
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.UNREACHABLE
    paper.wait(timedelta(days=30))
    assert paper.claim.over
    assert paper.do(Action.REOPEN, CALLER).status == "refused"
    assert paper.claim.over


@pytest.mark.rule("R17", "R18")
def test_feedback_sent_back_after_an_undecided_extension_has_a_working_day_more() -> None:
    paper = Paper(TUESDAY).dispatched()
    for action in (Action.CONTACT, Action.REPLY):
        paper.must(action, HANDLER)
    paper.until("Tue 2026-12-08 09:00")  # the tenth day
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    paper.must(Action.FEEDBACK, HANDLER)
    paper.until("Mon 2026-12-14 09:00")
    sent_back(paper)
    assert end_of(paper, LimitKind.RESOLVE) == day("Tue 2026-12-15")
    assert paper.claim.lights == []


@pytest.mark.rule("R17", "R32")
def test_an_application_lapses_with_the_feedback_and_is_not_approved_after_a_light() -> None:
    paper = Paper(TUESDAY).dispatched()
    for action in (Action.CONTACT, Action.REPLY, Action.REQUEST_EXTENSION, Action.FEEDBACK):
        paper.must(action, HANDLER)
    sent_back(paper)
    paper.until("Fri 2026-12-11 09:00")  # after the tenth day, Tuesday the 8th, and the red as Thursday ended
    assert [light.colour for light in paper.claim.lights] == [Colour.YELLOW, Colour.RED]
    outcome = paper.do(Action.DECIDE_EXTENSION, SUPERVISOR)
    assert (outcome.status, outcome.rule) == ("refused", "R17")
    assert paper.limit(LimitKind.RESOLVE).status is LimitStatus.MISSED


@pytest.mark.rule("R17", "R18")
def test_the_day_for_completing_late_feedback_is_not_extended() -> None:
    paper = Paper(TUESDAY).dispatched()
    for action in (Action.CONTACT, Action.REPLY):
        paper.must(action, HANDLER)
    paper.until("Wed 2026-12-09 09:00")  # a day late
    paper.must(Action.FEEDBACK, HANDLER)
    sent_back(paper)
    outcome = paper.do(Action.REQUEST_EXTENSION, HANDLER)
    assert (outcome.status, outcome.rule) == ("refused", "R17")


@pytest.mark.rule("R18", "R41")
def test_the_link_to_the_enterprise_falls_away_when_the_feedback_is_sent_back() -> None:
    paper = Paper(TUESDAY).fed_back()
    for _ in range(3):
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
        paper.wait(timedelta(days=1))
    assert paper.limit(LimitKind.LINK).is_live
    sent_back(paper)
    paper.until("Fri 2026-12-04 09:00")  # the link's three days have passed, the ten days have not
    assert (paper.claim.stage, paper.claim.closed) == (Stage.HANDLING, None)


@pytest.mark.rule("R5", "R32")
def test_a_return_stops_the_clock_of_a_red_light_too() -> None:
    paper = Paper(TUESDAY, policy=Policy(return_window_days=3, version="test")).dispatched()
    paper.until("Thu 2026-11-26 09:00")  # the yellow light of the contact was at midnight
    paper.must(Action.REJECT, HANDLER)
    paper.until("Tue 2026-12-01 09:00")
    assert [light.colour for light in paper.claim.lights] == [Colour.YELLOW]
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    paper.until("Thu 2026-12-03 09:00")
    reds = [light.at for light in paper.claim.lights if light.colour is Colour.RED]
    assert reds == [beijing("Wed 2026-12-02 24:00")]  # one working day after the decision


@pytest.mark.rule("R6")
def test_an_instant_without_its_zone_is_refused_where_it_comes_in() -> None:
    said = "2026-11-24T09:00:00"
    with pytest.raises(ValidationError, match="received_at"):
        Envelope.model_validate({"received_at": said})
    with pytest.raises(ValidationError, match="received_at"):
        UnitEnvelope.model_validate({"action": UnitAction.REVOKE_LIGHT, "received_at": said})
    with pytest.raises(ValidationError, match="sent_at"):
        NewCalendar.model_validate({"sent_at": said})
