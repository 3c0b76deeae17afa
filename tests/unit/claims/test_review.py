"""After the second dissatisfaction, and doubted feedback: dated cases with weekdays."""

from datetime import date, timedelta

import pytest

from claims.editions.edition import built_in_policy
from claims.model.events import EventKind
from claims.model.limit import Limit
from claims.model.terms import Action, Category, CloseReason, LimitKind, LimitStatus, Stage
from claims.model.values import CONSOLE
from claims.ui_summary import ui_summary
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, COORDINATOR, ENTERPRISE, HANDLER, OPERATOR, SUPERVISOR
from tests.support.dates import beijing, day

TUESDAY = "Tue 2026-11-24 09:00"


def due(limit: Limit) -> date:
    assert limit.schedule is not None
    return limit.schedule.last_day


def colours(paper: Paper) -> list[str]:
    return [f"{light.limit}/{light.colour}" for light in paper.claim.lights]


@pytest.mark.rule("R44")
def test_the_form_is_due_three_working_days_after_the_second_dissatisfaction_and_lights_up() -> None:
    paper = Paper(TUESDAY).in_review()
    assert due(paper.limit(LimitKind.REVIEW_FORM)) == day("Fri 2026-11-27")
    paper.until("Tue 2026-12-01 08:00")  # of Saturday 28 November, the red a working day later
    assert colours(paper) == ["review-form/yellow", "review-form/red"]
    assert [beijing("Fri 2026-11-27 24:00"), beijing("Mon 2026-11-30 24:00")] == [
        light.at for light in paper.claim.lights
    ]
    paper.must(Action.REVIEW_FORM, HANDLER)
    assert paper.claim.stage is Stage.VERIFICATION


@pytest.mark.rule("R44")
@pytest.mark.parametrize("missing", ["first_result", "second_result", "reasons", "basis", "seal"])
def test_a_form_that_lacks_something_is_refused_and_the_clock_runs_on(missing: str) -> None:
    paper = Paper(TUESDAY).in_review()
    outcome = paper.do(Action.REVIEW_FORM, HANDLER, **{missing: ""})
    assert (outcome.status, outcome.rule, outcome.kind) == ("refused", "R44", "incomplete")
    assert paper.limit(LimitKind.REVIEW_FORM).status is LimitStatus.RUNNING
    assert paper.claim.reviews == []


@pytest.mark.rule("R44")
@pytest.mark.parametrize(
    "paper_of_it", [None, {"head": "李主任", "paper": " "}, {"head": " ", "paper": "att-1"}]
)
def test_a_handlers_form_needs_the_heads_signature(paper_of_it: object) -> None:
    paper = Paper(TUESDAY).in_review()
    refused = paper.do(Action.REVIEW_FORM, HANDLER, signature=paper_of_it)
    assert (refused.rule, refused.kind, paper.claim.reviews) == ("R44", "incomplete", [])


@pytest.mark.rule("R44")
def test_the_refusal_of_an_empty_form_names_all_that_it_lacks() -> None:
    empty = dict.fromkeys(("first_result", "second_result", "reasons", "basis", "seal"), "")
    refused = Paper(TUESDAY).in_review().do(Action.REVIEW_FORM, HANDLER, signature=None, **empty)
    lacking = "首次办理情况、再次办理情况、不满意原因、办理依据、主要负责人签字、单位盖章件"
    assert refused.reason == f"审核反馈表不完整，缺少：{lacking}；时限继续计算"
    assert refused.instead == f"请补齐{lacking}后重新提交"


@pytest.mark.rule("R44")
def test_a_compliant_form_closes_as_verified_and_the_units_explanation_is_recorded() -> None:
    paper = Paper(TUESDAY).verifying()
    assert due(paper.limit(LimitKind.VERIFICATION)) == day("Fri 2026-11-27")
    paper.must(Action.VERIFY, SUPERVISOR, compliant=True)
    assert paper.claim.closed is not None
    assert (paper.claim.stage, paper.claim.closed.reason) == (Stage.CLOSED, CloseReason.VERIFIED)
    assert not paper.claim.over
    paper.must(Action.REPLY, HANDLER, text="已上门说明")
    assert paper.claim.over
    assert paper.do(Action.REPLY, HANDLER).status == "refused"


@pytest.mark.rule("R44")
def test_an_explanation_that_never_comes_does_not_keep_the_claim_for_ever() -> None:
    paper = Paper(TUESDAY).verifying()
    paper.must(Action.VERIFY, SUPERVISOR, compliant=True)
    paper.until("Tue 2026-12-08 23:59")  # the 10th working day
    assert not paper.claim.over
    paper.until("Wed 2026-12-09 00:01")
    assert paper.claim.over


@pytest.mark.rule("R44")
def test_a_late_verification_is_the_platforms_delay() -> None:
    paper = Paper(TUESDAY).verifying()
    paper.until("Tue 2026-12-01 08:00")
    assert colours(paper) == []
    assert [entry.at for entry in paper.events(EventKind.PLATFORM_DELAYED)] == [
        beijing("Fri 2026-11-27 24:00")
    ]


@pytest.mark.rule("R45")
@pytest.mark.parametrize(
    ("order_days", "last_day"),
    [(None, day("Tue 2026-12-01")), (1, day("Wed 2026-11-25")), (15, day("Tue 2026-12-15"))],
)
def test_an_order_names_its_working_days(order_days: int | None, last_day: date) -> None:
    paper = Paper(TUESDAY).verifying()
    paper.must(Action.VERIFY, SUPERVISOR, order_days=order_days)
    assert due(paper.limit(LimitKind.ORDERED_COMPLETION)) == last_day


@pytest.mark.rule("R45")
@pytest.mark.parametrize("order_days", [0, -1, 16, 10_000])
def test_an_order_of_more_or_fewer_days_is_refused(order_days: int) -> None:
    paper = Paper(TUESDAY).verifying()
    assert paper.do(Action.VERIFY, SUPERVISOR, order_days=order_days).rule == "R45"
    assert paper.claim.stage is Stage.VERIFICATION


@pytest.mark.rule("R45")
def test_a_missed_order_brings_criticism_and_a_file_at_its_own_instant_and_no_light() -> None:
    paper = Paper(TUESDAY).completing()
    paper.until("Fri 2026-12-04 08:00")
    assert colours(paper) == []
    for kind in (EventKind.CRITICISED, EventKind.ACCOUNTABILITY_OPENED):
        assert [entry.at for entry in paper.events(kind)] == [beijing("Tue 2026-12-01 24:00")]
    paper.must(Action.FEEDBACK, HANDLER)
    assert paper.claim.stage is Stage.VERIFICATION


@pytest.mark.rule("R45")
def test_after_two_orders_the_leadership_group_decides() -> None:
    paper = Paper(TUESDAY).before_leadership()
    assert paper.claim.stage is Stage.LEADERSHIP
    assert len(paper.events(EventKind.COMPLETION_ORDERED)) == 2
    assert paper.do(Action.VERIFY, SUPERVISOR).kind == "wrong-role"
    paper.must(Action.VERIFY, COORDINATOR, compliant=True)
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.VERIFIED


@pytest.mark.rule("R18")
def test_incomplete_feedback_goes_back_until_the_old_limits_end() -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.VERIFY, SUPERVISOR)
    resolve = paper.limit(LimitKind.RESOLVE)
    assert (paper.claim.stage, due(resolve)) == (Stage.HANDLING, day("Tue 2026-12-08"))
    assert (resolve.status, resolve.ended_at) == (LimitStatus.RUNNING, None)
    paper.must(Action.FEEDBACK, HANDLER)
    assert paper.claim.stage is Stage.CALL_BACK
    assert paper.limit(LimitKind.RESOLVE).status is LimitStatus.MET


@pytest.mark.rule("R18", "R43")
def test_incomplete_feedback_on_a_redo_goes_back_to_the_redo() -> None:
    paper = Paper(TUESDAY).redoing()
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR)
    assert (paper.claim.stage, due(paper.limit(LimitKind.REDO))) == (Stage.REDO, day("Tue 2026-12-01"))
    assert paper.limit(LimitKind.REDO).status is LimitStatus.RUNNING
    assert paper.limit(LimitKind.RESOLVE).status is LimitStatus.MET


@pytest.mark.rule("R18")
def test_incomplete_feedback_on_the_last_day_has_one_working_day_more() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until("Tue 2026-12-08 16:00")  # the 10th working day
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR)
    assert due(paper.limit(LimitKind.RESOLVE)) == day("Wed 2026-12-09")
    paper.until("Thu 2026-12-10 08:00")
    assert colours(paper) == ["resolve/yellow"]


@pytest.mark.rule("R18", "R30")
def test_the_unit_is_warned_of_the_end_that_incomplete_feedback_has_moved() -> None:
    paper = contacted_and_replied()
    paper.until("Tue 2026-12-08 16:00")  # the 10th working day; the warning was at Monday's end
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.until("Wed 2026-12-09 10:00")
    warned = [entry.at for entry in paper.events(EventKind.EARLY_WARNING) if "解决时限" in entry.text]
    assert warned == [beijing("Mon 2026-12-07 24:00"), beijing("Tue 2026-12-08 24:00")]


def contacted_and_replied() -> Paper:
    """On Tuesday 2026-11-24: resolve by Tuesday 2026-12-08."""
    paper = Paper(TUESDAY).dispatched()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    return paper


@pytest.mark.rule("R18", "R32")
def test_incomplete_feedback_after_the_yellow_does_not_hold_off_the_red() -> None:
    paper = contacted_and_replied()
    paper.until("Wed 2026-12-09 16:00")  # a day late
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.until("Thu 2026-12-10 23:59")
    assert colours(paper) == ["resolve/yellow"]
    paper.until("Mon 2026-12-21 08:00")
    assert colours(paper) == ["resolve/yellow", "resolve/red"]
    assert paper.claim.lights[1].at == beijing(
        "Thu 2026-12-10 24:00"
    )  # a working day after Wednesday the 9th
    assert len([limit for limit in paper.claim.limits if limit.kind is LimitKind.RESOLVE]) == 1


@pytest.mark.rule("R18", "R32")
def test_incomplete_feedback_that_lay_there_over_the_red_does_not_avert_it() -> None:
    paper = contacted_and_replied()
    paper.until("Wed 2026-12-09 16:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.until("Tue 2026-12-15 10:00")
    assert colours(paper) == ["resolve/yellow"]
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.wait(timedelta(0))
    assert paper.claim.lights[1].at == beijing("Thu 2026-12-10 24:00")
    paper.until("Mon 2026-12-21 08:00")  # of the three reminders, 14 to 16 December, those still to come
    assert [entry.at for entry in paper.events(EventKind.UNIT_REMINDED)] == [beijing("Wed 2026-12-16 09:00")]
    assert [entry.at for entry in paper.events(EventKind.ESCALATED)] == [beijing("Wed 2026-12-16 24:00")]


@pytest.mark.rule("R18", "R32")
def test_incomplete_feedback_after_the_red_brings_no_second_pair() -> None:
    paper = contacted_and_replied()
    paper.until("Fri 2026-12-11 10:00")
    assert colours(paper) == ["resolve/yellow", "resolve/red"]
    for _ in range(2):
        paper.must(Action.FEEDBACK, HANDLER)
        paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.until("Mon 2026-12-21 08:00")
    assert colours(paper) == ["resolve/yellow", "resolve/red"]
    assert len(paper.events(EventKind.UNIT_REMINDED)) == 3


@pytest.mark.rule("R18")
def test_incomplete_feedback_in_time_has_a_working_day_once() -> None:
    paper = contacted_and_replied()
    paper.until("Tue 2026-12-08 10:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    assert due(paper.limit(LimitKind.RESOLVE)) == day("Wed 2026-12-09")
    paper.until("Wed 2026-12-09 10:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    assert due(paper.limit(LimitKind.RESOLVE)) == day("Wed 2026-12-09")
    paper.until("Mon 2026-12-14 08:00")
    assert [light.at for light in paper.claim.lights] == [
        beijing("Wed 2026-12-09 24:00"),
        beijing("Fri 2026-12-11 24:00"),  # of Thursday the 10th
    ]


@pytest.mark.rule("R18", "R31")
def test_feedback_that_is_sent_back_a_second_time_after_its_limit_counts_as_not_given() -> None:
    paper = contacted_and_replied()
    paper.until("Mon 2026-12-07 10:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.must(Action.FEEDBACK, HANDLER)
    paper.until("Wed 2026-12-09 10:00")  # the limit would have ended as Tuesday did
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.wait(timedelta(0))
    assert [(light.colour, light.at) for light in paper.claim.lights] == [
        ("yellow", beijing("Tue 2026-12-08 24:00"))
    ]
    assert not [line for line in paper.events(EventKind.EARLY_WARNING) if line.recorded_at == paper.now]


@pytest.mark.rule("R18", "R32")
def test_a_reminder_of_the_very_instant_of_the_return_falls_away_with_those_before() -> None:
    paper = contacted_and_replied()
    paper.until("Wed 2026-12-09 16:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.until("Tue 2026-12-15 09:00")  # of the second of three reminders
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.until("Mon 2026-12-21 08:00")
    assert [entry.at for entry in paper.events(EventKind.UNIT_REMINDED)] == [beijing("Wed 2026-12-16 09:00")]


@pytest.mark.rule("R18", "R30")
@pytest.mark.parametrize(
    ("sent_back", "warned"), [("Mon 2026-12-07 23:59", True), ("Mon 2026-12-07 24:00", False)]
)
def test_a_warning_of_the_very_instant_of_a_second_return_falls_away(sent_back: str, *, warned: bool) -> None:
    paper = contacted_and_replied()
    paper.until("Mon 2026-12-07 10:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.must(Action.FEEDBACK, HANDLER)
    paper.until(sent_back)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    paper.until("Tue 2026-12-08 10:00")  # the limit's last day
    told = [entry.at for entry in paper.events(EventKind.EARLY_WARNING) if "解决时限" in entry.text]
    assert told == ([beijing("Mon 2026-12-07 24:00")] if warned else [])


@pytest.mark.rule("R7", "R18")
def test_under_the_first_edition_it_has_one_working_day_and_its_own_lights() -> None:
    paper = Paper(TUESDAY, policy=built_in_policy(1)).dispatched()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until("Wed 2026-12-09 16:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    assert due(paper.limit(LimitKind.RESOLVE)) == day("Thu 2026-12-10")
    paper.until("Mon 2026-12-21 08:00")
    assert colours(paper) == ["resolve/yellow", "resolve/yellow", "resolve/red"]
    assert paper.claim.lights[2].at == beijing("Fri 2026-12-11 24:00")
    assert len({light.id for light in paper.claim.lights}) == 3


@pytest.mark.rule("R7", "R18")
@pytest.mark.parametrize(
    ("fed_back", "last_day"),
    [("Thu 2026-11-26 16:00", "Tue 2026-12-08"), ("Tue 2026-12-08 16:00", "Wed 2026-12-09")],
)
def test_under_the_first_edition_incomplete_feedback_in_time_has_the_old_limit(
    fed_back: str, last_day: str
) -> None:
    paper = Paper(TUESDAY, policy=built_in_policy(1)).dispatched()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until(fed_back)
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    assert due(paper.limit(LimitKind.RESOLVE)) == day(last_day)
    assert len([limit for limit in paper.claim.limits if limit.kind is LimitKind.RESOLVE]) == 1


@pytest.mark.rule("R52")
def test_a_disputed_contact_is_checked_and_confirmed_once() -> None:
    paper = Paper(TUESDAY).fed_back()
    assert paper.do(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR).status == "refused"
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied", contacted=False)
    assert len(paper.events(EventKind.CONTACT_DISPUTED)) == 1
    paper.must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    assert paper.claim.false_feedback is not None
    assert len(paper.events(EventKind.CRITICISED)) == len(paper.events(EventKind.ACCOUNTABILITY_OPENED)) == 1
    assert paper.do(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR).rule == "R52"


@pytest.mark.rule("R52")
def test_a_contact_that_is_disputed_twice_is_disputed_as_of_the_first_time() -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied", contacted=False)
    first = paper.claim.disputed_at
    paper.until("Wed 2026-11-25 10:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied", contacted=False)
    assert paper.claim.disputed_at == first == beijing(TUESDAY)
    assert len(paper.events(EventKind.CONTACT_DISPUTED)) == 1


@pytest.mark.rule("R52")
def test_satisfied_and_never_contacted_then_confirmed_counts_as_neither() -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade="satisfied", contacted=False)
    assert paper.claim.closed is not None
    assert (paper.claim.closed.reason, paper.claim.stage) == (CloseReason.SATISFIED, Stage.CLOSED)
    paper.must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    assert paper.claim.closed.reason is CloseReason.FALSE_FEEDBACK
    assert paper.limit(LimitKind.CONTACT).status is LimitStatus.DISPROVED
    told = ui_summary(paper.claim, paper.now)
    assert "办结：办结（虚假反馈，不计为满意）" in told
    assert "虚假反馈，不计为已联系" in told
    assert paper.claim.lights == []


@pytest.mark.rule("R31", "R52")
def test_a_contact_that_was_missed_stays_missed_when_its_record_proves_false() -> None:
    paper = Paper(TUESDAY).dispatched()
    paper.until("Thu 2026-11-26 09:00")  # due as Wednesday ended
    for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
        paper.must(action, HANDLER)
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied", contacted=False)
    paper.must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    assert paper.limit(LimitKind.CONTACT).status is LimitStatus.MISSED
    assert colours(paper) == ["contact/yellow"]


@pytest.mark.rule("R52")
def test_confirmed_before_the_second_call_it_is_not_closed_as_satisfied() -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied", contacted=False)
    paper.must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.CALL_BACK, CALLER, grade="satisfied")
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.FALSE_FEEDBACK
    assert "不计为满意" in paper.events(EventKind.CLOSED)[0].text


@pytest.mark.rule("R7", "R52")
def test_under_the_first_edition_the_claim_itself_stays_satisfied() -> None:
    paper = Paper(TUESDAY, policy=built_in_policy(1)).fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade="satisfied", contacted=False)
    paper.must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.SATISFIED
    assert paper.limit(LimitKind.CONTACT).status is LimitStatus.MET


@pytest.mark.rule("R52")
def test_a_satisfied_claim_with_a_disputed_contact_can_still_be_confirmed_for_ten_working_days() -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.CALL_BACK, CALLER, contacted=False)
    assert (paper.claim.stage, paper.claim.over) == (Stage.CLOSED, False)
    paper.until("Tue 2026-12-08 23:00")
    paper.must(Action.CONFIRM_FALSE_FEEDBACK, SUPERVISOR)
    assert paper.claim.over


@pytest.mark.rule("R41")
def test_three_attempts_on_two_working_days_bring_a_link_and_then_unreachable() -> None:
    paper = Paper(TUESDAY).fed_back()
    for at in ("Tue 2026-11-24 10:00", "Tue 2026-11-24 15:00", "Wed 2026-11-25 10:00"):
        paper.until(at)
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    assert len(paper.events(EventKind.LINK_SENT)) == 1
    paper.until("Mon 2026-11-30 23:59")  # the third working day
    assert paper.claim.stage is Stage.CALL_BACK
    paper.until("Tue 2026-12-01 00:01")
    assert paper.claim.closed is not None
    assert (paper.claim.closed.reason, paper.claim.closed.at) == (
        CloseReason.UNREACHABLE,
        beijing("Mon 2026-11-30 24:00"),
    )


@pytest.mark.rule("R41")
@pytest.mark.parametrize(
    "attempts",
    [
        ("Fri 2026-11-27 10:00", "Fri 2026-11-27 11:00", "Fri 2026-11-27 12:00"),  # one Friday
        ("Fri 2026-11-27 10:00", "Sat 2026-11-28 10:00", "Sun 2026-11-29 10:00"),
        ("Fri 2026-11-27 10:00", "Mon 2026-11-30 10:00"),  # Friday, Monday: two attempts
    ],
)
def test_fewer_attempts_or_working_days_close_nothing(attempts: tuple[str, ...]) -> None:
    paper = Paper(TUESDAY).fed_back()
    for at in attempts:
        paper.until(at)
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    paper.until("Fri 2026-12-18 10:00")
    assert (paper.claim.stage, paper.events(EventKind.LINK_SENT)) == (Stage.CALL_BACK, [])


@pytest.mark.rule("R41")
def test_a_further_call_that_nobody_answers_gives_the_link_no_more_days() -> None:
    paper = Paper(TUESDAY).fed_back()
    for at in (
        "Tue 2026-11-24 10:00",
        "Wed 2026-11-25 10:00",
        "Thu 2026-11-26 10:00",
        "Mon 2026-11-30 10:00",
    ):
        paper.until(at)
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    assert len(paper.events(EventKind.LINK_SENT)) == 1
    paper.until("Wed 2026-12-02 10:00")
    assert paper.claim.closed is not None
    assert paper.claim.closed.at == beijing("Tue 2026-12-01 24:00")  # the third working day after Thursday


@pytest.mark.rule("R12", "R41")
def test_an_enterprise_that_is_not_reached_about_an_answer_leaves_it_closed_as_answered() -> None:
    paper = Paper(TUESDAY, category=Category.CONSULTATION)
    paper.must(Action.ANSWER, OPERATOR)
    for at in ("Tue 2026-11-24 10:00", "Wed 2026-11-25 10:00", "Thu 2026-11-26 10:00"):
        paper.until(at)
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    paper.until("Wed 2026-12-02 10:00")
    assert (paper.claim.limit(LimitKind.LINK), paper.events(EventKind.LINK_SENT)) == (None, [])
    assert paper.claim.closed is not None
    assert (paper.claim.stage, paper.claim.closed.reason) == (Stage.ANSWERED, CloseReason.ANSWERED)


@pytest.mark.rule("R41")
def test_an_answer_to_the_link_is_the_evaluation() -> None:
    paper = Paper(TUESDAY).fed_back()
    for at in ("Tue 2026-11-24 10:00", "Wed 2026-11-25 10:00", "Thu 2026-11-26 10:00"):
        paper.until(at)
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    paper.must(Action.CALL_BACK, ENTERPRISE, grade="satisfied")
    paper.until("Sun 2026-12-20 10:00")
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.SATISFIED


@pytest.mark.rule("R41")
def test_a_dissatisfied_answer_to_the_link_stops_the_three_days_in_which_it_was_awaited() -> None:
    paper = Paper(TUESDAY).fed_back()
    for at in ("Tue 2026-11-24 10:00", "Wed 2026-11-25 10:00", "Thu 2026-11-26 10:00"):
        paper.until(at)
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    paper.must(Action.CALL_BACK, ENTERPRISE, grade="dissatisfied")
    link = [limit for limit in paper.claim.limits if limit.kind is LimitKind.LINK][-1]
    assert link.status is LimitStatus.VOID
    paper.until("Wed 2026-12-02 10:00")
    assert (paper.claim.stage, paper.claim.closed) == (Stage.REDO, None)


@pytest.mark.rule("R40")
def test_what_the_enterprise_added_is_kept_with_its_grade() -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade="satisfied", remark="希望以后提前通知停电")
    assert paper.claim.call_backs[-1].remark == "希望以后提前通知停电"
    (called,) = paper.events(EventKind.CALLED_BACK)
    assert called.data["remark"] == "希望以后提前通知停电"


@pytest.mark.rule("R41")
def test_that_nobody_was_reached_can_be_said_in_the_temporal_ui() -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.CALL_BACK, CONSOLE, reached=False, grade=None)
    assert len(paper.events(EventKind.UNREACHED)) == 1


@pytest.mark.rule("R41")
def test_an_unreachable_claim_is_reopened_within_ten_working_days_and_called_again() -> None:
    paper = Paper(TUESDAY).unreachable()
    paper.must(Action.REOPEN, ENTERPRISE)
    assert (paper.claim.stage, paper.claim.closed) == (Stage.CALL_BACK, None)
    paper.wait(timedelta(days=30))  # the reopening period has passed, the claim is still open
    assert (paper.claim.over, paper.events(EventKind.FOLLOW_UP_ENDED)) == (False, [])
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    assert paper.claim.stage is Stage.REDO


@pytest.mark.rule("R41")
def test_a_grade_of_nobody_is_none() -> None:
    paper = Paper(TUESDAY).fed_back()
    paper.must(Action.CALL_BACK, CALLER, reached=False, grade="satisfied")
    assert (paper.claim.stage, paper.claim.closed) == (Stage.CALL_BACK, None)
    assert len(paper.events(EventKind.UNREACHED)) == 1


@pytest.mark.rule("R41")
def test_a_reopened_claim_is_called_three_times_anew() -> None:
    paper = Paper(TUESDAY).unreachable()
    paper.must(Action.REOPEN, ENTERPRISE)
    for at, sent in (("Fri 2026-12-04 10:00", 1), ("Fri 2026-12-04 11:00", 1), ("Mon 2026-12-07 10:00", 2)):
        paper.until(at)
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
        assert len(paper.events(EventKind.LINK_SENT)) == sent


@pytest.mark.rule("R41")
def test_after_ten_working_days_an_unreachable_claim_stays_closed() -> None:
    paper = Paper(TUESDAY).unreachable()
    paper.until("Thu 2026-12-24 10:00")
    assert paper.claim.over


@pytest.mark.rule("R18", "R41")
def test_feedback_that_is_sent_back_ends_the_days_in_which_an_answer_to_the_link_was_awaited() -> None:
    paper = Paper(TUESDAY).fed_back()
    for at in ("Tue 2026-11-24 10:00", "Wed 2026-11-25 10:00", "Thu 2026-11-26 10:00"):
        paper.until(at)
        paper.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
    assert paper.claim.live(LimitKind.LINK) is not None
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    assert paper.claim.live(LimitKind.LINK) is None
    assert paper.claim.live(LimitKind.CALL_BACK) is None
    assert paper.claim.live(LimitKind.STANDSTILL) is None


@pytest.mark.rule("R12", "R42")
def test_a_satisfied_enterprise_leaves_an_answer_closed_as_answered() -> None:
    paper = Paper(TUESDAY, category=Category.CONSULTATION)
    paper.must(Action.ANSWER, OPERATOR)
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.ANSWERED
    paper.must(Action.CALL_BACK, CALLER, grade="satisfied")
    assert paper.claim.closed is not None
    assert paper.claim.closed.reason is CloseReason.ANSWERED
