"""An open claim adopts an edition: what changes from now on, and what stays (R6, R7)."""

from datetime import time

import pytest

from claims import procedure
from claims.deadlines.moments import MomentKind, moments
from claims.deadlines.recalculation import NewCalendar, NewEdition, affected_days
from claims.deadlines.scheduling import limits_to_schedule
from claims.editions.edition import built_in_policy
from claims.model.events import EventKind
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, LimitKind, LimitStatus
from tests.support.claims.calendars import NEW_YEAR, calendar_with
from tests.support.claims.editions import adopt, edition
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, HANDLER, OPERATOR, SUPERVISOR
from tests.support.dates import beijing, day

SHORTER = edition(
    "shorter",
    {"resolve_days": 8, "extended_resolve_days": 20},
    reaches="open",
    in_force_from="2026-11-25",
)
SWITCH = edition("switch", {"contact_after_signing": True}, reaches="open", in_force_from="2026-11-25")


def last_day(paper: Paper, kind: LimitKind) -> str:
    schedule = paper.limit(kind).schedule
    assert schedule is not None
    return str(schedule.last_day)


def dispatched() -> Paper:
    """Dispatched on Tuesday 2026-11-24: resolve by Tuesday 2026-12-08."""
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    assert last_day(paper, LimitKind.RESOLVE) == "2026-12-08"
    return paper


def extension_requested() -> Paper:
    """With an application for an extension."""
    paper = dispatched()
    for action in (Action.CONTACT, Action.REPLY, Action.REQUEST_EXTENSION):
        paper.must(action, HANDLER)
    return paper


def extension_decided(*, approve: bool) -> Paper:
    """With a decided extension."""
    paper = extension_requested()
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=approve)
    return paper


@pytest.mark.rule("R6", "R7")
def test_a_running_limit_takes_its_new_number_on_record() -> None:
    paper = dispatched()
    paper.until("Wed 2026-11-25 10:00")
    adopt(paper, SHORTER)
    assert last_day(paper, LimitKind.RESOLVE) == "2026-12-04"
    adopted, recomputed = paper.journal[-2:]
    assert (adopted.kind, adopted.rules) == (EventKind.EDITION_ADOPTED, ("R7",))
    assert "解决时限 10 → 8；延期后解决时限（共计） 25 → 20" in adopted.text
    assert adopted.data == {
        "edition": "shorter",
        "policy": f"{DEFAULT_POLICY.version}+shorter",
        "changes": {
            "resolve_days": {"was": 10, "becomes": 8},
            "extended_resolve_days": {"was": 25, "becomes": 20},
        },
    }
    assert (recomputed.kind, recomputed.rules) == (EventKind.LIMITS_RECOMPUTED, ("R6", "R7"))
    assert recomputed.text == ("执行规定版本 shorter，重新计算：解决时限 2026-12-08 24:00 → 2026-12-04 24:00")
    assert paper.limit(LimitKind.CONTACT).recount is None
    warning = [m.at for m in moments(paper.claim) if m.kind is MomentKind.WARNING]
    assert beijing("Thu 2026-12-03 24:00") in warning


@pytest.mark.rule("R7")
def test_the_same_edition_twice_changes_nothing() -> None:
    paper = dispatched()
    paper.until("Wed 2026-11-25 10:00")
    adopt(paper, SHORTER)
    before = paper.claim
    news = NewEdition(edition="shorter", source="", policy=before.policy)
    for policy in (before.policy, DEFAULT_POLICY):
        step = procedure.new_edition(before, news.model_copy(update={"policy": policy}), now=paper.now)
        assert (step.claim, step.entries) == (before, [])


@pytest.mark.rule("R6", "R7")
def test_a_missed_limit_stays_missed_under_the_policy_that_it_was_missed_under() -> None:
    paper = dispatched()
    paper.until("Fri 2026-11-27 10:00")
    lights, contact = paper.claim.lights, paper.limit(LimitKind.CONTACT)
    assert contact.status is LimitStatus.MISSED
    longer = edition(
        "longer", {"contact_days": 2, "cutoff": "17:30"}, reaches="open", in_force_from="2026-11-25"
    )
    adopt(paper, longer)
    after = paper.limit(LimitKind.CONTACT)
    assert (after.schedule, after.status, paper.claim.lights) == (
        contact.schedule,
        LimitStatus.MISSED,
        lights,
    )
    assert paper.claim.former_policies == {DEFAULT_POLICY.version: DEFAULT_POLICY}
    assert not paper.events(EventKind.MISSED_LIMIT_QUESTIONED)
    missed = {LimitKind.RETURN_WINDOW, LimitKind.CONTACT, LimitKind.REPLY}
    assert {x.kind for x in paper.claim.limits if x.policy_version == DEFAULT_POLICY.version} == missed
    assert {x.kind for x in paper.claim.limits if x.policy_version} == missed
    adopt(paper, longer, edition("later", {"redo_days": 6}, reaches="open", in_force_from="2026-11-26"))
    assert paper.limit(LimitKind.CONTACT).policy_version == DEFAULT_POLICY.version
    paper.recalculate(calendar_with(NEW_YEAR))
    assert not paper.events(EventKind.MISSED_LIMIT_QUESTIONED)
    assert paper.limit(LimitKind.CONTACT).schedule == contact.schedule


@pytest.mark.rule("R6", "R7")
def test_nobody_is_late_because_of_a_shorter_limit() -> None:
    paper = dispatched()
    for action in (Action.CONTACT, Action.REPLY):
        paper.must(action, HANDLER)
    paper.until("Mon 2026-12-07 10:00")
    adopt(paper, SHORTER)
    assert last_day(paper, LimitKind.RESOLVE) == "2026-12-07"
    schedule = paper.limit(LimitKind.RESOLVE).schedule
    assert schedule is not None
    assert schedule.explanation[-1].why.endswith("新规定施行时顺延")
    assert not paper.claim.lights


@pytest.mark.rule("R7", "R17")
def test_an_extension_is_decided_by_the_edition_of_its_decision() -> None:
    paper = extension_requested()
    paper.until("Wed 2026-11-25 10:00")
    adopt(paper, SHORTER)
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR, approve=True)
    assert paper.limit(LimitKind.RESOLVE).count_days == 20
    assert last_day(paper, LimitKind.RESOLVE) == "2026-12-22"


@pytest.mark.rule("R7", "R17")
def test_an_approved_extension_takes_the_new_total() -> None:
    paper = extension_decided(approve=True)
    paper.until("Wed 2026-11-25 10:00")
    adopt(paper, SHORTER)
    assert paper.limit(LimitKind.RESOLVE).count_days == 20


@pytest.mark.rule("R5", "R7")
def test_what_is_left_after_a_return_is_counted_by_the_new_number() -> None:
    paper = dispatched()
    paper.must(Action.REJECT, HANDLER)
    paper.until("Wed 2026-11-25 10:00")
    adopt(paper, SHORTER)
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="confirm")
    assert paper.limit(LimitKind.RESOLVE).count_days == 8
    assert last_day(paper, LimitKind.RESOLVE) == "2026-12-07"


@pytest.mark.rule("R7", "R45")
def test_an_ordered_completion_keeps_the_days_of_its_order() -> None:
    paper = Paper("Tue 2026-11-24 09:00").completing()
    paper.until("Wed 2026-11-25 10:00")
    before = paper.limit(LimitKind.ORDERED_COMPLETION).schedule
    adopt(
        paper, edition("orders", {"ordered_completion_days": 3}, reaches="open", in_force_from="2026-11-25")
    )
    assert paper.limit(LimitKind.ORDERED_COMPLETION).schedule == before


@pytest.mark.rule("R7", "R41")
def test_what_a_closed_claim_waits_for_keeps_its_days() -> None:
    paper = Paper("Tue 2026-11-24 09:00").unreachable()
    before = paper.limit(LimitKind.FOLLOW_UP).schedule
    adopt(
        paper, edition("answers", {"answered_follow_up_days": 12}, reaches="open", in_force_from="2026-11-25")
    )
    assert paper.limit(LimitKind.FOLLOW_UP).schedule == before


@pytest.mark.rule("R7", "R18")
def test_a_minimum_after_incomplete_feedback_stays_a_minimum() -> None:
    paper = Paper("Tue 2026-11-24 09:00", policy=built_in_policy(1)).dispatched()
    for action in (Action.CONTACT, Action.REPLY):
        paper.must(action, HANDLER)
    paper.until("Wed 2026-12-09 10:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    assert paper.limit(LimitKind.RESOLVE).count_days == 1
    adopt(paper, edition("longer", {"resolve_days": 12}, reaches="open", in_force_from="2026-11-25"))
    assert paper.limit(LimitKind.RESOLVE).count_days == 1


@pytest.mark.rule("R7", "R20")
def test_a_switch_judges_later_acts_and_no_earlier_ones() -> None:
    early, late = dispatched(), dispatched()
    early.must(Action.CONTACT, HANDLER)
    for paper in (early, late):
        paper.until("Wed 2026-11-25 10:00")
        adopt(paper, SWITCH)
    assert len(early.claim.contacts) == 1
    outcome = late.do(Action.CONTACT, HANDLER)
    assert (outcome.status, outcome.rule, outcome.reason) == (
        "refused",
        "R20",
        "工单尚未签收，不能登记核实联系",
    )
    late.must(Action.SIGN_FOR, HANDLER)
    late.must(Action.CONTACT, HANDLER)


@pytest.mark.rule("R7")
def test_what_was_due_before_the_edition_follows_the_old_one() -> None:
    paper = dispatched()
    paper.now = beijing("Thu 2026-11-26 10:00")  # the worker was away at the contact's end
    adopt(paper, edition("longer", {"contact_days": 2}, reaches="open", in_force_from="2026-11-26"))
    assert paper.limit(LimitKind.CONTACT).status is LimitStatus.MISSED


@pytest.mark.rule("R7")
def test_an_edition_that_contradicts_itself_is_refused_on_record() -> None:
    paper = dispatched()
    for wrong in ({"resolve_days": -5}, {"resolve_days": 30}):
        policy = DEFAULT_POLICY.model_copy(update={**wrong, "revision": 1})
        news = NewEdition(edition="forged", source="", policy=policy)
        step = procedure.new_edition(paper.claim, news, now=paper.now)
        assert step.claim.policy == DEFAULT_POLICY
        assert [(entry.kind, entry.rules) for entry in step.entries] == [(EventKind.REFUSED, ("R7",))]
        assert "不予采用规定版本 forged" in step.entries[0].text


@pytest.mark.rule("R7", "R32")
def test_a_missed_limit_is_counted_on_by_the_policy_under_which_it_was_missed() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    paper.until("Thu 2026-11-26 09:00")
    adopt(paper, edition("shorter", {"resolve_days": 8}, reaches="open", in_force_from="2026-11-26"))
    step = procedure.new_calendar(paper.claim, NewCalendar(version="cn-later"), now=paper.now)
    counted = {one.kind: one.policy.resolve_days for one in limits_to_schedule(step.claim)}
    assert counted[LimitKind.CONTACT] == 10
    assert counted[LimitKind.RESOLVE] == 8


@pytest.mark.rule("R6", "R7")
def test_the_line_of_a_limit_that_an_edition_moves_cites_both_rules() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    paper.until("Wed 2026-11-25 10:00")
    adopt(paper, SHORTER)
    moved = paper.events(EventKind.LIMITS_RECOMPUTED)
    assert {entry.rules for entry in moved} == {("R6", "R7")}


@pytest.mark.rule("R7", "R32")
def test_the_reminder_period_follows_the_edition() -> None:
    paper = Paper("Tue 2026-11-24 09:00").before_leadership()
    assert paper.claim.live(LimitKind.STANDSTILL) is not None
    paper.until("Wed 2026-11-25 10:00")
    adopt(paper, edition("off", {"standstill_days": 0}, reaches="open", in_force_from="2026-11-25"))
    assert paper.claim.live(LimitKind.STANDSTILL) is None
    handled = dispatched()
    running = {limit.kind for limit in handled.claim.limits if limit.is_live}
    handled.until("Wed 2026-11-25 10:00")
    adopt(handled, edition("off", {"standstill_days": 0}, reaches="open", in_force_from="2026-11-25"))
    assert {limit.kind for limit in handled.claim.limits if limit.is_live} == running


@pytest.mark.rule("R7")
def test_an_edition_that_changes_no_number_says_so() -> None:
    paper = dispatched()
    policy = DEFAULT_POLICY.model_copy(update={"version": "words", "revision": 1})
    news = NewEdition(edition="words", source="虚构的通知，仅供测试", policy=policy)
    (adopted,) = procedure.new_edition(paper.claim, news, now=paper.now).entries
    assert adopted.text == "执行规定版本 words（虚构的通知，仅供测试）：各项数值不变"
    assert adopted.data["changes"] == {}


@pytest.mark.rule("R7", "R17")
def test_a_refused_extension_leaves_the_limit_one_that_was_not_extended() -> None:
    paper = extension_decided(approve=False)
    paper.until("Wed 2026-11-25 10:00")
    adopt(paper, SHORTER)
    assert paper.limit(LimitKind.RESOLVE).count_days == 8
    assert last_day(paper, LimitKind.RESOLVE) == "2026-12-04"


@pytest.mark.rule("R7", "R32")
def test_an_edition_that_introduces_the_reminder_starts_it_for_a_claim_that_stands_still() -> None:
    policy = DEFAULT_POLICY.model_copy(update={"standstill_days": 0})
    paper = Paper("Tue 2026-11-24 09:00", policy=policy).before_leadership()
    assert paper.claim.live(LimitKind.STANDSTILL) is None
    news = NewEdition(
        edition="on", source="虚构的通知，仅供测试", policy=DEFAULT_POLICY.model_copy(update={"revision": 1})
    )
    paper.adopt(procedure.new_edition(paper.claim, news, now=paper.now))
    assert paper.claim.live(LimitKind.STANDSTILL) is not None


@pytest.mark.rule("R7")
def test_an_ended_claim_is_left_alone() -> None:
    paper = Paper("Tue 2026-11-24 09:00")
    paper.must(Action.DECLINE, OPERATOR)
    paper.until("Wed 2026-11-25 10:00")
    before = paper.claim
    assert adopt(paper, SHORTER).entries == []
    assert paper.claim == before


@pytest.mark.rule("R7")
def test_a_call_back_of_later_is_due_by_the_new_number() -> None:
    paper = dispatched()
    paper.until("Wed 2026-11-25 10:00")
    adopt(paper, edition("redo", {"redo_days": 3}, reaches="open", in_force_from="2026-11-25"))
    for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
        paper.must(action, HANDLER)
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    assert paper.limit(LimitKind.REDO).count_days == 3


def marked_limits(paper: Paper, *, changes: dict[str, object]) -> set[LimitKind]:
    """Return the limits that an edition marks for rescheduling."""
    policy = paper.claim.policy.model_copy(update={**changes, "version": "marked", "revision": 1})
    news = NewEdition(edition="marked", source="虚构的通知，仅供测试", policy=policy)
    step = procedure.new_edition(paper.claim, news, now=paper.now)
    return {limit.kind for limit in step.claim.limits if limit.recount is not None}


@pytest.mark.rule("R6", "R7")
def test_only_limits_that_an_edition_counts_otherwise_are_counted_again() -> None:
    paper = dispatched()
    paper.until("Wed 2026-11-25 10:00")
    assert marked_limits(paper, changes={"resolve_days": 8}) == {LimitKind.RESOLVE}
    assert marked_limits(paper, changes={"reply_days": 3}) == {LimitKind.REPLY}
    warned_earlier = marked_limits(paper, changes={"reply_days": 3, "warning_days": 2})
    assert warned_earlier >= {LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE}


@pytest.mark.rule("R6", "R7")
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("cutoff", time(17)),
        ("supervised_feedback_days", 2),
        ("co_unit_lead_days", 3),
        ("reminders_after_red", 5),
        ("reminder_time", time(8)),
        ("escalate_after_red_days", 6),
        ("light_starts_own_day", False),
    ],
)
def test_what_moves_any_instant_of_a_limit_has_all_running_ones_counted_again(
    parameter: str, value: object
) -> None:
    paper = dispatched()
    paper.until("Wed 2026-11-25 10:00")
    marked = marked_limits(paper, changes={parameter: value})
    assert marked >= {LimitKind.CONTACT, LimitKind.REPLY, LimitKind.RESOLVE}


@pytest.mark.rule("R7", "R18", "R43")
def test_a_minimum_after_incomplete_feedback_of_a_redo_stays_a_minimum() -> None:
    paper = Paper("Tue 2026-11-24 09:00", policy=built_in_policy(1)).fed_back()
    paper.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
    paper.until("Wed 2026-12-02 10:00")
    paper.must(Action.FEEDBACK, HANDLER)
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False)
    assert paper.limit(LimitKind.REDO).count_days == 1
    adopt(paper, edition("longer", {"redo_days": 8}, reaches="open", in_force_from="2026-11-25"))
    assert paper.limit(LimitKind.REDO).count_days == 1


@pytest.mark.rule("R2", "R6")
def test_a_limit_depends_on_the_days_after_the_one_that_it_is_counted_from() -> None:
    paper = dispatched()
    limit = paper.limit(LimitKind.RESOLVE)
    days = affected_days(paper.claim, limit)
    assert days is not None
    assert days[0] == day("Wed 2026-11-25")
    limit.fix_wanted = True
    assert affected_days(paper.claim, limit) is None
