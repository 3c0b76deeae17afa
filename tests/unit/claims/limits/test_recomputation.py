"""A calendar changes under a claim: what moves, what stays, what the platform has to decide."""

from datetime import time

import pytest

from activities.deadlines import schedule
from calendar_rules import WorkingCalendar
from calendar_rules.loader import load_calendar
from claims import procedure
from claims.deadlines import recalculation
from claims.deadlines.moments import MomentKind, moments
from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.organisation import PLATFORM
from claims.model.policy import Policy
from claims.model.terms import Action, LimitKind, LimitStatus
from data import load_organisation
from tests.support.claims.calendars import NEW_YEAR, calendar_with, correction
from tests.support.claims.offline_claim import Paper
from tests.support.claims.people import CALLER, HANDLER, POWER, SUPERVISOR, WATER
from tests.support.dates import beijing


def ends(paper: Paper, kind: LimitKind, of: LimitKind | None = None) -> str:
    schedule = paper.limit(kind, of).schedule
    assert schedule is not None
    return f"{schedule.last_day}{' provisional' if schedule.provisional else ''}"


def in_december() -> Paper:
    """Delivered on Thursday 24 December: ten working days end on Friday 8 January."""
    return Paper("Thu 2026-12-24 09:00").dispatched()


@pytest.fixture
def new_year() -> WorkingCalendar:
    return calendar_with(NEW_YEAR)


@pytest.mark.rule("R1", "R6")
def test_a_provisional_limit_is_counted_anew_from_its_own_beginning(new_year: WorkingCalendar) -> None:
    paper = in_december()
    assert ends(paper, LimitKind.RESOLVE) == "2027-01-08 provisional"
    paper.recalculate(new_year)
    assert ends(paper, LimitKind.RESOLVE) == "2027-01-09"  # the make-up Saturday
    assert ends(paper, LimitKind.CONTACT) == "2026-12-25"


@pytest.mark.rule("R6")
def test_the_journal_holds_both_instants_both_calendars_and_the_reason(new_year: WorkingCalendar) -> None:
    paper = in_december()
    resolve = paper.limit(LimitKind.RESOLVE)
    before = paper.calendar.version
    paper.recalculate(new_year)
    entry = paper.events(EventKind.LIMITS_RECOMPUTED)[0]
    assert entry.data["reason"] == "假日通知公布"
    assert entry.data["calendar_version"] == new_year.version != before
    told = [notice.unit for notice in paper.notices if notice.kind is EventKind.LIMITS_RECOMPUTED]
    assert told == [POWER]  # once, however many of its limits have moved
    assert entry.data[resolve.id] == {
        "old_due_at": beijing("Fri 2027-01-08 24:00").isoformat(),
        "new_due_at": beijing("Sat 2027-01-09 24:00").isoformat(),
        "old_last_day": "2027-01-08",
        "new_last_day": "2027-01-09",
        "old_calendar_version": before,
        "new_calendar_version": new_year.version,
        "provisional": False,
    }
    assert "R6" in entry.rules
    assert "解决时限 2027-01-08 24:00（暂定） → 2027-01-09 24:00" in entry.text


@pytest.mark.rule("R6", "R30")
def test_its_moments_move_with_it(new_year: WorkingCalendar) -> None:
    paper = in_december()
    resolve = paper.limit(LimitKind.RESOLVE).id
    paper.recalculate(new_year)
    found = {m.kind: m.at for m in moments(paper.claim) if m.limit_id == resolve}
    assert found == {
        MomentKind.WARNING: beijing("Fri 2027-01-08 24:00"),
        MomentKind.END: beijing("Sat 2027-01-09 24:00"),
    }


@pytest.mark.rule("R6")
def test_told_twice_there_is_nothing_more_to_do(new_year: WorkingCalendar) -> None:
    paper = in_december()
    paper.recalculate(new_year)
    told = paper.claim
    paper.recalculate(new_year)
    assert paper.claim == told


@pytest.mark.rule("R6")
def test_told_while_the_calendar_is_not_yet_to_be_had_the_claim_stays_as_it_is(
    new_year: WorkingCalendar,
) -> None:
    paper = in_december()
    before, old = paper.claim, paper.calendar
    news = recalculation.NewCalendar(version=new_year.version)
    paper.adopt(procedure.new_calendar(paper.claim, news, now=paper.now))
    assert paper.claim == before
    assert paper.calendar is old


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("now", "taken"),
    [
        ("Thu 2026-12-24 23:59", True),  # the day on which it was sent
        ("Fri 2026-12-25 00:00", False),  # that day's end has passed: to be scheduled again
        ("Mon 2026-12-28 09:00", False),
    ],
)
def test_answers_are_taken_while_the_end_that_they_give_lies_ahead(now: str, taken: bool) -> None:
    paper = Paper("Wed 2026-12-23 09:00").dispatched()  # contact by Thursday
    calendar = calendar_with(correction(off="2026-12-22"))
    news = recalculation.NewCalendar(version=calendar.version, sent_at=beijing("Thu 2026-12-24 10:00"))
    asked = recalculation.preview_requests(paper.claim, news, beijing("Thu 2026-12-24 10:00"))
    contact = [request for request in asked if request.kind is LimitKind.CONTACT]
    answers = tuple(
        recalculation.CalendarAnswer(request=one, schedule=schedule(calendar, one)) for one in contact
    )
    told = news.model_copy(update={"answers": answers})
    waiting = [one for one in paper.claim.limits if one.kind is LimitKind.CONTACT]
    claim = paper.claim.model_copy(update={"limits": waiting})
    step = procedure.new_calendar(claim, told, now=beijing("Thu 2026-12-24 10:00"))
    assert bool(recalculation.prepared_schedules(step.claim, told, beijing(now))) is taken


@pytest.mark.rule("R6")
def test_an_answer_to_another_question_is_none() -> None:
    paper = Paper("Wed 2026-12-23 09:00").dispatched()
    calendar = calendar_with(correction(off="2026-12-29"))
    at = beijing("Thu 2026-12-24 10:00")
    news = recalculation.NewCalendar(version=calendar.version, sent_at=at)
    asked = recalculation.preview_requests(paper.claim, news, at)
    answers = tuple(
        recalculation.CalendarAnswer(request=one, schedule=schedule(calendar, one)) for one in asked
    )
    step = procedure.new_calendar(paper.claim, news, now=at)
    for left_out in range(len(answers)):
        told = news.model_copy(update={"answers": answers[:left_out] + answers[left_out + 1 :]})
        assert not recalculation.prepared_schedules(step.claim, told, at)
    longer = asked[0].model_copy(update={"count_days": asked[0].count_days + 1})
    told = news.model_copy(
        update={"answers": (answers[0].model_copy(update={"request": longer}), *answers[1:])}
    )
    assert not recalculation.prepared_schedules(step.claim, told, at)
    assert recalculation.prepared_schedules(step.claim, news.model_copy(update={"answers": answers}), at)


@pytest.mark.rule("R6")
def test_a_claim_woken_for_nothing_says_that_nothing_moved() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    before = [limit.schedule for limit in paper.claim.limits]
    paper.recalculate(calendar_with(NEW_YEAR))
    assert [limit.schedule for limit in paper.claim.limits] == before
    assert "经核对不变" in paper.events(EventKind.LIMITS_RECOMPUTED)[0].text
    assert not [one for one in paper.notices if one.kind is EventKind.LIMITS_RECOMPUTED]


@pytest.mark.rule("R6")
def test_the_same_end_by_other_days_is_no_change() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    before = paper.limit(LimitKind.RESOLVE).schedule
    paper.recalculate(
        calendar_with(correction(off="2026-11-30", worked="2026-11-29", published="2026-11-25"))
    )
    assert paper.limit(LimitKind.RESOLVE).schedule == before
    text = paper.events(EventKind.LIMITS_RECOMPUTED)[0].text
    assert ("解决时限" in text, "答复时限仍为" in text) == (
        False,
        True,
    )  # reminders of the reply's would move


@pytest.mark.rule("R2", "R6")
def test_that_day_0_becomes_a_rest_day_is_no_change() -> None:
    paper = Paper("Tue 2026-11-24 09:00").dispatched()
    paper.recalculate(calendar_with(correction(off="2026-11-24", published="2026-11-25")))
    text = paper.events(EventKind.LIMITS_RECOMPUTED)[0].text
    assert ("答复时限" in text, "解决时限" in text) == (False, False)


@pytest.mark.rule("R5", "R6")
def test_a_limit_that_stands_still_moves_too_and_runs_on_with_the_same_days(
    new_year: WorkingCalendar,
) -> None:
    paper = Paper("Thu 2026-12-24 09:00").returned()  # nothing is used up: ten days are left
    paper.recalculate(new_year)
    assert paper.limit(LimitKind.RESOLVE).status is LimitStatus.PAUSED
    assert ends(paper, LimitKind.RESOLVE) == "2027-01-09"
    paper.must(Action.REDETERMINE, SUPERVISOR, decision="confirm", unit="", reason="仍由你单位承办")
    assert ends(paper, LimitKind.RESOLVE) == "2027-01-09"


@pytest.mark.rule("R17", "R6")
def test_an_extended_limit_keeps_its_days_and_its_floor() -> None:
    paper = Paper("Fri 2026-11-27 09:00").dispatched()  # 25 days end on Friday 1 January, a holiday
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.must(Action.REQUEST_EXTENSION, HANDLER)
    paper.must(Action.DECIDE_EXTENSION, SUPERVISOR)
    assert ends(paper, LimitKind.RESOLVE) == "2027-01-04 provisional"
    paper.recalculate(calendar_with(NEW_YEAR))
    assert ends(paper, LimitKind.RESOLVE) == "2027-01-05"
    assert paper.limit(LimitKind.RESOLVE).count_days == 25


@pytest.mark.rule("R18", "R6")
def test_the_floor_of_a_limit_that_was_given_more_holds_on_the_new_calendar() -> None:
    paper = in_december()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.must(Action.FEEDBACK, HANDLER)
    paper.until("Fri 2027-01-08 10:00")
    paper.must(Action.VERIFY, SUPERVISOR, compliant=False, opinion="内容不全")
    assert ends(paper, LimitKind.RESOLVE) == "2027-01-11 provisional"  # 1 WD more: Monday
    paper.recalculate(calendar_with(correction(off="2027-01-11")))
    assert ends(paper, LimitKind.RESOLVE) == "2027-01-12 provisional"


@pytest.mark.rule("R6")
@pytest.mark.parametrize(
    ("now", "last_day"),
    [
        ("Tue 2027-01-05 10:00", "2027-01-07"),  # the new end, Thursday, lies ahead
        ("Fri 2027-01-08 10:00", "2027-01-08"),  # the day of the old end: it still ends today
    ],
)
def test_nobody_is_late_for_a_day_that_was_a_rest_day_when_it_passed(now: str, last_day: str) -> None:
    paper = in_december()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until(now)
    paper.recalculate(calendar_with(correction(worked="2027-01-02")))  # a Saturday, worked after all
    assert ends(paper, LimitKind.RESOLVE) == f"{last_day} provisional"
    assert not paper.claim.lights


@pytest.mark.rule("R3", "R6")
def test_after_the_close_of_business_the_next_working_day_is_the_least() -> None:
    paper = Paper("Thu 2026-12-24 09:00", policy=Policy(cutoff=time(17, 30))).dispatched()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until("Wed 2027-01-06 18:00")  # Wednesday evening; the new end was Wednesday 17:30
    weekend = correction(worked="2027-01-02"), correction(worked="2027-01-03", published="2026-12-31")
    paper.recalculate(calendar_with(*weekend))
    schedule = paper.limit(LimitKind.RESOLVE).schedule
    assert schedule is not None
    assert schedule.due_at == beijing("Thu 2027-01-07 17:30")
    assert [day.why for day in schedule.explanation if not day.counted][-1].endswith("新日历公布时顺延")


@pytest.mark.rule("R30", "R6")
def test_a_warning_that_would_have_come_before_comes_at_once() -> None:
    paper = in_december()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until("Thu 2027-01-07 10:00")  # the warning was for the end of it
    paper.recalculate(calendar_with(correction(worked="2027-01-02")))
    paper.until("Thu 2027-01-07 10:01")
    assert paper.events(EventKind.EARLY_WARNING)[-1].at == beijing("Thu 2027-01-07 10:00")


@pytest.mark.rule("R30", "R6")
def test_a_limit_that_moves_away_is_warned_of_anew(new_year: WorkingCalendar) -> None:
    paper = in_december()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until("Fri 2027-01-08 10:00")
    assert len(paper.events(EventKind.EARLY_WARNING)) == 1
    paper.recalculate(new_year)
    paper.until("Sat 2027-01-09 10:00")
    assert len(paper.events(EventKind.EARLY_WARNING)) == 2


@pytest.mark.rule("R30", "R6")
def test_a_unit_that_was_warned_is_not_warned_again_of_what_would_have_come_by_now() -> None:
    """Due as Monday 7 December ends, warned as Friday ended; after the correction the warning would be at
    Sunday's end.
    """
    paper = Paper("Mon 2026-11-23 09:00").dispatched()
    paper.must(Action.CONTACT, HANDLER)
    paper.must(Action.REPLY, HANDLER)
    paper.until("Sun 2026-12-06 24:00")
    paper.recalculate(
        calendar_with(correction(off="2026-12-03", worked="2026-12-06", published="2026-12-04"))
    )
    schedule = paper.limit(LimitKind.RESOLVE).schedule
    assert schedule is not None
    assert (schedule.warn_at, str(schedule.last_day)) == (paper.now, "2026-12-07")
    paper.until("Mon 2026-12-07 10:00")
    warned = [entry.at for entry in paper.events(EventKind.EARLY_WARNING) if "解决时限" in entry.text]
    assert warned == [beijing("Fri 2026-12-04 24:00")]


@pytest.mark.rule("R14", "R6")
def test_the_co_units_part_moves_with_the_leads(new_year: WorkingCalendar) -> None:
    paper = Paper("Thu 2026-12-24 09:00").dispatched(co_units=[WATER])
    paper.recalculate(new_year)
    assert paper.claim.dispatches[0].co_units[0].last_day == beijing("Thu 2027-01-07 09:00").date()


def missed_on_monday() -> Paper:
    """Delivered on Thursday 31 December, not contacted on Monday 4 January: yellow at its end."""
    paper = Paper("Thu 2026-12-31 09:00").dispatched()
    paper.until("Tue 2027-01-05 10:00")
    return paper


@pytest.mark.rule("R6", "R31", "R37")
def test_a_missed_limit_is_put_before_a_supervisor_and_its_light_stays(new_year: WorkingCalendar) -> None:
    paper = missed_on_monday()
    lights = list(paper.claim.lights)
    assert [light.colour for light in lights] == ["yellow"]
    paper.recalculate(new_year)  # Monday was a rest day
    window, entry = paper.events(EventKind.MISSED_LIMIT_QUESTIONED)
    assert window.data["lights"] == []
    assert entry.text.startswith("待平台审核：")
    assert "黄灯亮牌保持不变，是否撤销由平台依R37决定" in entry.text
    assert entry.rules == window.rules == ("R6", "R31", "R37")
    assert entry.data["lights"] == [lights[0].id]
    assert paper.claim.lights == lights
    assert paper.limit(LimitKind.CONTACT).status is LimitStatus.MISSED
    told = [word.unit for word in paper.notices if word.kind is EventKind.MISSED_LIMIT_QUESTIONED]
    assert told == ["PF", "PF"]


@pytest.mark.rule("R6", "R37")
def test_a_missed_limit_is_questioned_once(new_year: WorkingCalendar) -> None:
    paper = missed_on_monday()
    paper.recalculate(new_year)
    paper.recalculate(new_year)
    questioned = [entry.data["limit"] for entry in paper.events(EventKind.MISSED_LIMIT_QUESTIONED)]
    assert questioned == ["1/0/return-window", "1/0/contact"]


@pytest.mark.rule("R32", "R6")
def test_the_red_light_waits_for_what_the_missed_limit_would_have_had(new_year: WorkingCalendar) -> None:
    paper = missed_on_monday()
    assert ends(paper, LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT) == "2027-01-06 provisional"
    paper.recalculate(new_year)
    assert ends(paper, LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT) == "2027-01-07"
    supervised = paper.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT).schedule
    assert supervised is not None
    assert [str(line.date) for line in supervised.explanation if line.counted] == ["2027-01-07"]
    assert list(supervised.remind_at) == [  # of Friday, the 8th
        beijing(f"{on} 09:00") for on in ("Sat 2027-01-09", "Mon 2027-01-11", "Tue 2027-01-12")
    ]
    assert supervised.escalate_at == beijing("Tue 2027-01-12 24:00")
    paper.until("Fri 2027-01-08 00:00")
    assert [light.at for light in paper.claim.lights if light.colour == "red"] == [
        beijing("Thu 2027-01-07 24:00")
    ]


@pytest.mark.rule("R6", "R37")
def test_the_platform_is_asked_about_no_light_that_it_has_revoked(new_year: WorkingCalendar) -> None:
    paper = missed_on_monday()
    (light,) = paper.claim.lights
    word = LightRevoked(
        number=paper.claim.number, light=light.id, reason="系统故障", actor=SUPERVISOR, at=paper.now
    )
    paper.adopt(procedure.revoke_light(paper.claim, word, now=paper.now))
    paper.recalculate(new_year)
    contact = paper.events(EventKind.MISSED_LIMIT_QUESTIONED)[-1]
    assert (contact.data["limit"], contact.data["lights"]) == ("1/0/contact", [])
    assert "原记录保持不变，请平台核定" in contact.text


@pytest.mark.rule("R6", "R32", "R37")
def test_a_red_whose_day_becomes_a_rest_day_is_put_before_a_supervisor_and_keeps_its_end() -> None:
    paper = Paper("Mon 2026-12-28 09:00").dispatched()
    paper.must(Action.REPLY, HANDLER)
    paper.until("Fri 2027-01-01 10:00")  # the contact's yellow is of Wednesday, its red of Friday
    red = next(light for light in paper.claim.lights if light.colour == "red")
    assert red.at == beijing("Thu 2026-12-31 24:00")
    paper.recalculate(calendar_with(correction(off="2026-12-31")))
    (question,) = paper.events(EventKind.MISSED_LIMIT_QUESTIONED)
    assert question.data["lights"] == [red.id]
    assert "红灯亮牌保持不变" in question.text
    assert ends(paper, LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT).startswith("2026-12-31")
    (moved,) = paper.events(EventKind.LIMITS_RECOMPUTED)
    assert "督办后反馈时限仍为 2026-12-31 24:00" in moved.text
    supervised = paper.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT)
    instants = moved.data[supervised.id]
    assert isinstance(instants, dict)
    assert instants["new_last_day"] == "2026-12-31"


@pytest.mark.rule("R6")
def test_a_missed_limit_whose_days_did_not_change_is_not_questioned() -> None:
    paper = Paper("Thu 2026-12-24 09:00").dispatched()
    paper.until("Mon 2026-12-28 10:00")  # the contact of Friday was missed
    paper.recalculate(calendar_with(NEW_YEAR))
    assert paper.events(EventKind.LIMITS_RECOMPUTED)
    assert not paper.events(EventKind.MISSED_LIMIT_QUESTIONED)


@pytest.mark.rule("R32", "R6")
def test_reminders_after_a_red_light_move_but_never_into_the_past() -> None:
    paper = Paper("Mon 2026-12-28 09:00").dispatched()  # contact 29, red 31; reminders 4, 5, 6 January
    paper.until("Fri 2027-01-01 10:00")
    supervised = paper.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT)
    assert supervised.status is LimitStatus.MISSED
    paper.recalculate(calendar_with(NEW_YEAR))
    moved = paper.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT).schedule
    assert moved is not None
    assert list(moved.remind_at) == [
        beijing(f"{on} 09:00") for on in ("Tue 2027-01-05", "Wed 2027-01-06", "Thu 2027-01-07")
    ]
    assert moved.escalate_at == beijing("Thu 2027-01-07 24:00")
    told = [notice.unit for notice in paper.notices if notice.kind is EventKind.LIMITS_RECOMPUTED]
    assert told == [POWER]


@pytest.mark.rule("R32", "R6")
@pytest.mark.parametrize(
    ("now", "reminders", "escalation"),
    [
        ("Mon 2027-01-04 08:59", ("Mon 2027-01-04", "Mon 2027-01-04", "Tue 2027-01-05"), "Tue 2027-01-05"),
        ("Mon 2027-01-04 09:00", ("Mon 2027-01-04", "Tue 2027-01-05", "Tue 2027-01-05"), "Tue 2027-01-05"),
        ("Tue 2027-01-05 23:59", ("Mon 2027-01-04", "Tue 2027-01-05", "Wed 2027-01-06"), "Tue 2027-01-05"),
        ("Tue 2027-01-05 24:00", ("Mon 2027-01-04", "Tue 2027-01-05", "Wed 2027-01-06"), "Wed 2027-01-06"),
    ],
)
def test_what_would_have_come_by_now_stays_where_it_was(
    now: str, reminders: tuple[str, ...], escalation: str
) -> None:
    """Red as Thursday 31 December ended; after the correction reminders are due on Saturday 2, Monday 4,
    Tuesday 5 January.
    """
    paper = Paper("Mon 2026-12-28 09:00").dispatched()
    paper.until(now)
    paper.recalculate(calendar_with(correction(worked="2027-01-02")))
    moved = paper.limit(LimitKind.SUPERVISED_FEEDBACK, LimitKind.CONTACT).schedule
    assert moved is not None
    assert list(moved.remind_at) == [beijing(f"{on} 09:00") for on in reminders]
    assert moved.escalate_at == beijing(f"{escalation} 24:00")


@pytest.mark.rule("R6")
def test_a_claim_that_is_over_has_nothing_to_count_anew(new_year: WorkingCalendar) -> None:
    paper = Paper("Thu 2026-12-24 09:00").fed_back()
    paper.must(Action.CALL_BACK, CALLER)
    assert paper.claim.over
    assert all(recalculation.affected_days(paper.claim, limit) is None for limit in paper.claim.limits)
    before = paper.claim
    paper.recalculate(new_year)
    assert paper.claim == before


@pytest.mark.rule("R6")
def test_the_days_that_a_limit_depends_on_reach_to_the_last_of_what_follows_it() -> None:
    paper = in_december()
    found = recalculation.affected_days(paper.claim, paper.limit(LimitKind.RESOLVE))
    assert found is not None
    assert [str(day) for day in found] == [
        "2026-12-25",
        "2027-01-15",
    ]  # red as the 11th ends, Monday: of the 12th, then 3 WD


def test_the_platform_is_the_citys_own() -> None:
    found = load_organisation().ref("PF")
    assert (found.path, found.accountable) == (
        PLATFORM.path,
        PLATFORM.accountable,
    )


def test_2027_is_still_to_be_published() -> None:
    assert load_calendar().year(2027).provisional, "write these tests for the next provisional year"
