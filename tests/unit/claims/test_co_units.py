"""Co-units' parts: signed for, reported, overdue (R22). 2026-11-24 is a Tuesday; the lead's ten working days end with
Tuesday 12-08, a part two working days before, with Friday 12-04."""

from datetime import timedelta

import pytest

from assessment.facts.claim_run import ClaimRun, CoUnitPart, parts_of
from assessment.facts.extraction import facts_of
from assessment.terms import Measure
from claims import procedure
from claims.deadlines.recalculation import NewEdition
from claims.editions.edition import built_in_policy
from claims.lifecycle import allowed_actions
from claims.model.claim_parts import CoUnit
from claims.model.events import EventKind
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, PartOutcome, Role
from claims.ui_summary import ui_summary
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import (
    HANDLER,
    HEAD,
    HOUSING,
    OPERATOR,
    POWER,
    SUPERVISOR,
    WATER,
    envelope,
    person,
)
from tests.support.dates import beijing

CO_UNIT = person(Role.HANDLER, WATER)
END = "Fri 2026-12-04 24:00"


def assisted(paper: Paper | None = None) -> Paper:
    """Return a claim of the power company with the water office as co-unit; contacted and replied."""
    paper = (paper or Paper()).dispatched(POWER, co_units=[WATER])
    for action in (Action.CONTACT, Action.REPLY):
        paper.must(action, HANDLER)
    return paper


def part(paper: Paper) -> CoUnit:
    dispatch = paper.claim.dispatch
    assert dispatch is not None
    (found,) = dispatch.co_units
    return found


def overdue_at(paper: Paper) -> list[object]:
    return [entry.at for entry in paper.events(EventKind.PART_OVERDUE)]


@pytest.mark.rule("R20", "R22")
def test_a_co_unit_signs_for_its_part_and_the_lead_for_the_work_order() -> None:
    paper = assisted()
    paper.wait(timedelta(minutes=119, seconds=59))
    paper.must(Action.SIGN_FOR, CO_UNIT)
    assert part(paper).signed_for_at == paper.now
    (entry,) = paper.events(EventKind.PART_SIGNED_FOR)
    assert (entry.rules, entry.data) == (("R22", "R20"), {"unit": WATER, "delay_minutes": 119})
    assert paper.claim.dispatches[0].signed_for_at is None
    paper.must(Action.SIGN_FOR, HANDLER)
    again = paper.do(Action.SIGN_FOR, CO_UNIT)
    assert (again.status, again.rule) == ("refused", "R22")


@pytest.mark.rule("R22")
@pytest.mark.parametrize(("outcome", "says"), [("done", "协办事项已办结"), ("none", "无协办事项")])
def test_a_part_is_reported_done_or_none_with_reason_and_the_lead_is_notified(
    outcome: str, says: str
) -> None:
    paper = assisted()
    paper.notices.clear()
    paper.must(Action.REPORT_PART, CO_UNIT, outcome=outcome, text="管线不在施工范围内")
    assert (part(paper).outcome, part(paper).reported_at) == (PartOutcome(outcome), paper.now)
    assert part(paper).text == "管线不在施工范围内"
    (entry,) = paper.events(EventKind.PART_REPORTED)
    assert (entry.rules, f"（{says}）：管线不在施工范围内" in entry.text) == (("R22",), True)
    assert entry.data == {"unit": WATER, "outcome": outcome, "overdue": False}
    assert [notice.unit for notice in paper.notices] == [POWER]
    assert says in ui_summary(paper.claim, paper.now)
    paper.until("Wed 2026-12-09 09:00")
    assert overdue_at(paper) == []


@pytest.mark.rule("R22")
@pytest.mark.parametrize("fields", [{"text": ""}, {"outcome": "busy"}])
def test_a_report_without_words_or_of_another_kind_is_refused(fields: dict[str, object]) -> None:
    outcome = assisted().do(Action.REPORT_PART, CO_UNIT, **fields)
    assert (outcome.status, outcome.rule) == ("refused", "R22")


@pytest.mark.rule("R14", "R22")
def test_a_late_co_unit_is_warned_at_its_end_without_a_light_and_may_still_report() -> None:
    paper = assisted()
    paper.until("Fri 2026-12-04 23:59")
    assert overdue_at(paper) == []
    paper.notices.clear()
    paper.until("Sat 2026-12-05 09:00")
    assert overdue_at(paper) == [beijing(END)]
    assert [notice.unit for notice in paper.notices if notice.kind is EventKind.PART_OVERDUE] == [
        WATER,
        POWER,
    ]
    assert "2026-12-04 24:00" in paper.events(EventKind.PART_OVERDUE)[0].text
    assert (paper.claim.lights, paper.claim.letters) == ([], [])
    assert "协办超期" in ui_summary(paper.claim, paper.now)
    paper.must(Action.REPORT_PART, CO_UNIT)
    assert (part(paper).overdue, paper.events(EventKind.PART_REPORTED)[0].data["overdue"]) == (True, True)


@pytest.mark.rule("R22")
def test_a_late_part_is_no_excuse_of_the_leads() -> None:
    paper = assisted()
    paper.until("Wed 2026-12-09 09:00")
    assert [light.unit for light in paper.claim.lights] == [POWER]


@pytest.mark.rule("R22", "R60")
@pytest.mark.parametrize(("reports", "late"), [("Fri 2026-12-04 23:59", 0), (END, 1), ("", 1)])
def test_a_late_part_counts_in_the_co_units_assessment(reports: str, late: int) -> None:
    paper = assisted()
    if reports:
        paper.until(reports)
        paper.must(Action.REPORT_PART, CO_UNIT)
    paper.until("Mon 2026-12-07 09:00")
    run = ClaimRun(
        claim=paper.claim, entries=tuple(paper.journal), until=paper.now, parts=parts_of(paper.claim)
    )
    (row,) = [fact for fact in facts_of(run) if fact.measure is Measure.CO_UNIT_LATE]
    assert (row.unit, row.n, row.of, row.rule) == (WATER, late, 1, "R22")


@pytest.mark.rule("R22")
def test_a_claim_whose_co_units_were_never_asked_says_nothing_about_their_parts() -> None:
    assert parts_of(assisted(Paper(policy=built_in_policy(1))).claim) is None
    paper = assisted()
    assert parts_of(paper.claim) == ()
    paper.must(Action.REPORT_PART, CO_UNIT)
    assert parts_of(paper.claim) == (CoUnitPart(dispatch=1, unit=WATER, reported_at=paper.now),)


@pytest.mark.rule("R5", "R22")
def test_a_return_stops_the_part_and_a_confirmation_lets_it_run_on() -> None:
    paper = Paper().dispatched(POWER, co_units=[WATER])
    paper.must(Action.REJECT, HEAD, suggested_unit=HOUSING)
    paper.until("Thu 2026-11-26 09:00")
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    # Ten working days after Thursday 11-26 end with Thursday 12-10.
    assert part(paper).due_at == beijing("Tue 2026-12-08 24:00")
    paper.until("Tue 2026-12-08 23:00")
    assert overdue_at(paper) == []
    paper.until("Wed 2026-12-09 09:00")
    assert overdue_at(paper) == [beijing("Tue 2026-12-08 24:00")]


@pytest.mark.rule("R5", "R22")
def test_nothing_is_overdue_while_a_return_is_undecided() -> None:
    paper = Paper().dispatched(POWER, co_units=[WATER])
    paper.must(Action.REJECT, HEAD, suggested_unit=HOUSING)
    paper.until("Fri 2026-12-11 09:00")
    assert overdue_at(paper) == []


@pytest.mark.rule("R16", "R22")
def test_under_a_new_dispatch_the_part_is_signed_for_and_reported_anew() -> None:
    paper = Paper().dispatched(POWER, co_units=[WATER])
    for action in (Action.SIGN_FOR, Action.REPORT_PART):
        paper.must(action, CO_UNIT)
    paper.must(Action.REJECT, HEAD, suggested_unit=HOUSING)
    paper.must(Action.REDETERMINE, SUPERVISOR, unit=HOUSING)
    assert (part(paper).signed_for_at, part(paper).reported_at) == (None, None)
    assert {Action.SIGN_FOR, Action.REPORT_PART} <= set(allowed_actions(paper.claim, CO_UNIT))


@pytest.mark.rule("R17", "R22")
def test_an_approved_extension_gives_the_part_its_new_end() -> None:
    paper = assisted()
    paper.until("Thu 2026-12-03 09:00")
    paper.must(Action.REQUEST_EXTENSION, HEAD)
    paper.until("Mon 2026-12-07 09:00")
    assert overdue_at(paper) == []
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=True)
    # Twenty-five working days after Tuesday 11-24 end with Tuesday 12-29.
    assert part(paper).due_at == beijing("Fri 2026-12-25 24:00")


@pytest.mark.rule("R17", "R22")
def test_a_refused_extension_leaves_the_part_a_working_day() -> None:
    paper = assisted()
    paper.until("Thu 2026-12-03 09:00")
    paper.must(Action.REQUEST_EXTENSION, HEAD)
    paper.until("Mon 2026-12-07 09:00")
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=False)
    assert part(paper).due_at == beijing("Tue 2026-12-08 24:00")
    assert overdue_at(paper) == []


@pytest.mark.rule("R6", "R17", "R22")
def test_a_part_that_was_overdue_before_an_extension_stays_so() -> None:
    paper = assisted()
    paper.until("Mon 2026-12-07 09:00")
    paper.must(Action.REQUEST_EXTENSION, HEAD)
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=True)
    assert (part(paper).overdue, part(paper).due_at) == (True, beijing(END))


@pytest.mark.rule("R7", "R22")
@pytest.mark.parametrize(
    ("adopted", "asked"),
    [("Fri 2026-12-04 09:00", True), (END, False), ("Mon 2026-12-07 09:00", False)],
)
def test_an_open_claim_asks_its_co_units_only_for_what_is_not_due_yet(adopted: str, asked: bool) -> None:
    paper = assisted(Paper(policy=built_in_policy(1)))
    paper.until(adopted)
    assert Action.REPORT_PART not in allowed_actions(paper.claim, CO_UNIT)
    news = NewEdition(edition="2021-4-1", source="解释口径", policy=DEFAULT_POLICY)
    paper.adopt(procedure.new_edition(paper.claim, news, now=paper.now))
    assert part(paper).reports is asked
    assert (Action.REPORT_PART in allowed_actions(paper.claim, CO_UNIT)) is asked
    paper.until("Tue 2026-12-08 09:00")
    assert overdue_at(paper) == ([beijing(END)] if asked else [])


@pytest.mark.rule("R7", "R22")
def test_a_co_unit_whose_part_has_no_end_yet_is_asked_under_the_new_edition() -> None:
    paper = Paper(policy=built_in_policy(1))
    body: dict[str, object] = {"request_id": "r", "unit": POWER, "co_units": [WATER], "basis": "PD-023"}
    sent = envelope(Action.DISPATCH, OPERATOR, body)
    step, _ = procedure.act(paper.claim, Action.DISPATCH, sent, now=paper.now)
    news = NewEdition(edition="2021-4-1", source="解释口径", policy=DEFAULT_POLICY)
    paper.adopt(procedure.new_edition(step.claim, news, now=paper.now))
    assert (part(paper).reports, part(paper).due_at) == (True, beijing(END))


@pytest.mark.rule("R7", "R22")
def test_a_co_unit_that_was_asked_is_asked_still_after_a_further_edition() -> None:
    paper = assisted()
    paper.until("Mon 2026-12-07 09:00")  # late
    later = DEFAULT_POLICY.model_copy(update={"redo_days": 6, "revision": 1})
    news = NewEdition(edition="later", source="虚构的通知，仅供测试", policy=later)
    paper.adopt(procedure.new_edition(paper.claim, news, now=paper.now))
    assert (part(paper).reports, part(paper).overdue) == (True, True)
    paper.must(Action.REPORT_PART, CO_UNIT)


@pytest.mark.rule("R22")
def test_a_claim_of_the_plan_alone_asks_its_co_units_for_nothing() -> None:
    paper = assisted(Paper(policy=built_in_policy(1)))
    for action, rule in ((Action.SIGN_FOR, "R14"), (Action.REPORT_PART, "R22")):
        outcome = paper.do(action, CO_UNIT)
        assert (outcome.status, outcome.rule) == ("refused", rule)
    paper.until("Mon 2026-12-07 09:00")
    assert overdue_at(paper) == []
