"""An open claim without running limits is not forgotten (R32)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from claims.deadlines.inactivity import update_inactivity_timer
from claims.deadlines.moments import next_due
from claims.editions.edition import built_in_policy
from claims.model.events import EventKind
from claims.model.organisation import COORDINATION
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Action, LimitKind, Stage
from claims.notifications import INSPECTION, addressees
from tests.support.claims.calendars import calendar_with, correction
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, ENTERPRISE, HANDLER, OPERATOR, POWER, SUPERVISOR
from tests.support.dates import beijing

TUESDAY = "Tue 2026-11-24 09:00"
FIRST_EDITION = built_in_policy(1)


def days_pass(paper: Paper, until: str) -> Paper:
    """Advance day by day, so that the limits started by each day are scheduled."""
    end = beijing(until)
    while paper.now < end:
        paper.wait(min(timedelta(days=1), end - paper.now))
    return paper


def reminded_at(paper: Paper) -> list[datetime]:
    return [entry.at for entry in paper.events(EventKind.STOOD_STILL)]


def of_whom(paper: Paper) -> list[tuple[str, ...]]:
    return [addressees(told) for told in paper.notices if told.kind is EventKind.STOOD_STILL]


@pytest.mark.rule("R32", "R38")
def test_a_claim_that_the_platform_never_dispatches_is_put_before_it_every_five_working_days() -> None:
    paper = days_pass(Paper(TUESDAY), "Sun 2026-12-20 09:00")
    assert paper.events(EventKind.PLATFORM_DELAYED)[0].at == beijing("Wed 2026-11-25 24:00")
    assert reminded_at(paper) == [
        beijing("Thu 2026-12-03 24:00"),  # of Thursday 26 November
        beijing("Fri 2026-12-11 24:00"),
        beijing("Fri 2026-12-18 24:00"),
    ]
    assert of_whom(paper) == [("PF", COORDINATION.id, INSPECTION)] * 3
    assert "第3次提醒" in paper.events(EventKind.STOOD_STILL)[-1].text
    assert (paper.claim.lights, next_due(paper.claim)) == ([], None)


@pytest.mark.rule("R32")
def test_a_unit_that_stays_silent_after_its_last_reminder_hears_of_it_again() -> None:
    paper = days_pass(Paper(TUESDAY).dispatched(), "Tue 2027-01-05 09:00")
    assert [entry.at for entry in paper.events(EventKind.ESCALATED)] == [beijing("Wed 2026-12-02 24:00")]
    assert reminded_at(paper) == [
        beijing("Thu 2026-12-10 24:00"),  # of Thursday the 3rd, while the resolve limit's red day runs
        beijing("Fri 2026-12-18 24:00"),
        beijing("Fri 2026-12-25 24:00"),
        beijing("Mon 2027-01-04 24:00"),
    ]
    assert of_whom(paper) == [(POWER, COORDINATION.id, INSPECTION)] * 4
    assert "再次提请督导问效组关注" in paper.events(EventKind.STOOD_STILL)[0].text
    assert len(paper.claim.lights) == 6


def undecided(paper: Paper) -> Paper:
    paper.dispatched()
    for action in (Action.CONTACT, Action.REPLY, Action.REQUEST_EXTENSION):
        paper.must(action, HANDLER)
    return paper


@pytest.mark.rule("R32")
@pytest.mark.parametrize(
    ("led", "stage", "turn"),
    [
        (Paper.returned, Stage.REDETERMINATION, "PF"),
        (Paper.referred, Stage.ARBITRATION, "PF"),
        (undecided, Stage.HANDLING, "PF"),
        (Paper.fed_back, Stage.CALL_BACK, "PF"),
        (Paper.redoing, Stage.REDO, POWER),
        (Paper.in_review, Stage.REVIEW, POWER),
        (Paper.verifying, Stage.VERIFICATION, "PF"),
        (Paper.completing, Stage.COMPLETION, POWER),
        (Paper.before_leadership, Stage.LEADERSHIP, "PF"),
    ],
)
def test_wherever_it_stands_somebody_is_reminded_for_as_long_as_it_stands(
    led: Callable[[Paper], Paper], stage: Stage, turn: str
) -> None:
    paper = days_pass(led(Paper(TUESDAY)), "Mon 2027-02-01 09:00")
    assert paper.claim.stage is stage
    assert len(reminded_at(paper)) >= 4
    assert of_whom(paper) == [(turn, COORDINATION.id, INSPECTION)] * len(reminded_at(paper))
    assert len([limit for limit in paper.claim.limits if limit.kind is LimitKind.STANDSTILL]) == 1


@pytest.mark.rule("R32", "R41")
def test_an_enterprise_that_nobody_calls_again_is_not_forgotten() -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    days_pass(paper, "Wed 2026-12-02 09:00")
    assert reminded_at(paper) == [beijing("Tue 2026-12-01 24:00")]
    assert of_whom(paper) == [("PF", COORDINATION.id, INSPECTION)]


@pytest.mark.rule("R32")
def test_before_the_leadership_group_it_counts_from_the_day_it_came_there() -> None:
    paper = days_pass(Paper(TUESDAY).before_leadership(), "Wed 2026-12-02 09:00")
    assert reminded_at(paper) == [beijing("Tue 2026-12-01 24:00")]


@pytest.mark.rule("R32")
def test_an_act_that_starts_a_clock_ends_it_and_the_next_standstill_counts_anew() -> None:
    paper = days_pass(Paper(TUESDAY), "Fri 2026-12-04 09:00")
    assert len(reminded_at(paper)) == 1
    paper.dispatched()
    assert paper.claim.live(LimitKind.STANDSTILL) is None
    days_pass(paper, "Mon 2026-12-21 09:00")
    assert len(reminded_at(paper)) == 1
    days_pass(paper, "Tue 2027-01-05 09:00")
    assert reminded_at(paper)[1:] == [
        beijing("Wed 2026-12-23 24:00"),  # escalated as Tuesday the 15th ended
        beijing("Thu 2026-12-31 24:00"),
    ]


@pytest.mark.rule("R32")
def test_a_claim_that_is_closed_or_withdrawn_stands_still_in_peace() -> None:
    paper = days_pass(Paper(TUESDAY), "Mon 2026-11-30 09:00")
    assert paper.claim.live(LimitKind.STANDSTILL) is not None
    paper.must(Action.WITHDRAW, CALLER)
    days_pass(paper, "Tue 2027-01-05 09:00")
    assert reminded_at(paper) == []
    answered = Paper(TUESDAY).fed_back()
    answered.must(Action.CALL_BACK, CALLER, grade="satisfied")
    assert reminded_at(days_pass(answered, "Tue 2027-01-05 09:00")) == []


@pytest.mark.rule("R6", "R32")
def test_a_new_calendar_moves_the_next_reminder() -> None:
    paper = days_pass(Paper(TUESDAY), "Mon 2026-11-30 09:00")
    paper.recalculate(calendar_with(correction(off="2026-12-01", published="2026-11-30")))
    days_pass(paper, "Sat 2026-12-05 09:00")
    assert reminded_at(paper) == [beijing("Fri 2026-12-04 24:00")]


@pytest.mark.rule("R6")
def test_claims_that_began_without_it_keep_their_course() -> None:
    earlier = DEFAULT_POLICY.model_copy(update={"standstill_days": 0})
    paper = days_pass(Paper(TUESDAY, policy=earlier), "Tue 2027-01-05 09:00")
    assert (reminded_at(paper), paper.claim.limit(LimitKind.STANDSTILL)) == ([], None)
    paper.must(Action.DECLINE, OPERATOR)


@pytest.mark.rule("R16", "R32")
def test_a_return_while_it_stands_still_is_decided_as_ever() -> None:
    paper = days_pass(Paper(TUESDAY).returned(), "Thu 2026-12-10 09:00")
    assert reminded_at(paper)
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    assert paper.claim.live(LimitKind.STANDSTILL) is None
    assert paper.claim.live(LimitKind.RESOLVE) is not None


@pytest.mark.rule("R32")
def test_what_lies_before_the_inspectors_comes_before_them_again_until_somebody_acts() -> None:
    paper = days_pass(Paper(TUESDAY).dispatched(), "Thu 2026-12-03 09:00")  # escalated as Wednesday ended
    assert paper.claim.live(LimitKind.STANDSTILL) is not None
    assert paper.claim.live(LimitKind.RESOLVE) is not None
    paper.must(Action.REMIND, ENTERPRISE)
    assert paper.claim.live(LimitKind.STANDSTILL) is not None
    paper.must(Action.PROGRESS, HANDLER)
    assert paper.claim.live(LimitKind.STANDSTILL) is None
    days_pass(paper, "Fri 2026-12-11 09:00")
    assert reminded_at(paper) == []


@pytest.mark.rule("R7", "R18", "R32")
@pytest.mark.parametrize(
    ("only_ahead", "again"),
    [
        (True, ["Wed 2027-01-27 24:00"]),
        (
            False,
            [
                *("Thu 2026-12-24 24:00", "Mon 2027-01-04 24:00", "Tue 2027-01-12 24:00"),
                "Wed 2027-01-20 24:00",
            ],
        ),
    ],
)
def test_feedback_that_is_sent_back_late_brings_no_repetition_for_days_that_have_passed(
    again: list[str], *, only_ahead: bool
) -> None:
    policy = DEFAULT_POLICY.model_copy(update={"repeats_only_ahead": only_ahead})
    paper = Paper(TUESDAY, policy=policy).dispatched()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until("Thu 2026-12-10 09:00")  # yellow as Tuesday the 8th ended; red as Thursday ends
    paper.must(Action.FEEDBACK, HANDLER)
    paper.until("Wed 2027-01-20 09:00")
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.wait(timedelta())
    days_pass(paper, "Thu 2027-01-28 09:00")
    assert [entry.at for entry in paper.events(EventKind.ESCALATED)] == [beijing("Wed 2026-12-16 24:00")]
    told = [entry for entry in paper.events(EventKind.STOOD_STILL) if "再次提请督导问效组" in entry.text]
    assert [entry.at for entry in told] == [beijing(at) for at in again]


@pytest.mark.rule("R32")
def test_nobody_is_to_act_on_a_closed_claim_though_it_lay_before_the_inspectors() -> None:
    paper = Paper(TUESDAY).unreachable()
    paper.claim.put_before_inspectors = True
    assert (paper.claim.closed is None, paper.claim.over) == (False, False)
    update_inactivity_timer(paper.claim, paper.now)
    assert paper.claim.live(LimitKind.STANDSTILL) is None


@pytest.mark.rule("R2", "R7", "R32")
@pytest.mark.parametrize(
    ("policy", "at"), [(DEFAULT_POLICY, "Thu 2026-12-03 24:00"), (FIRST_EDITION, "Wed 2026-12-02 24:00")]
)
def test_of_what_stands_still_from_midnight_the_first_edition_counts_the_day_before_as_day_0(
    policy: Policy, at: str
) -> None:
    paper = days_pass(Paper(TUESDAY, policy=policy), "Fri 2026-12-04 09:00")  # due as Wednesday 11-25 ended
    assert reminded_at(paper) == [beijing(at)]


@pytest.mark.rule("R2", "R7", "R32")
@pytest.mark.parametrize(
    ("after", "at"),
    [(timedelta(), "Tue 2026-12-01 24:00"), (timedelta(microseconds=1), "Wed 2026-12-02 24:00")],
)
def test_under_the_first_edition_midnight_alone_belongs_to_the_day_before(after: timedelta, at: str) -> None:
    paper = Paper("Tue 2026-11-24 09:00", policy=FIRST_EDITION)
    paper.now = beijing("Tue 2026-11-24 24:00") + after
    days_pass(paper.before_leadership(), "Thu 2026-12-03 09:00")
    assert reminded_at(paper) == [beijing(at)]
