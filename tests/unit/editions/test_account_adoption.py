"""A unit's account adopts an edition (R7, R35)."""

from datetime import time

import pytest

from activities.deadlines import schedule
from claims.deadlines.recalculation import NewCalendar, NewEdition
from claims.model.events import EventKind
from claims.model.policy import DEFAULT_POLICY
from claims.units.interviews import (
    adopt_edition,
    interviews_to_schedule,
    mark_for_recalculation,
    schedule_interviews,
)
from claims.units.transition import UnitTransition
from tests.support.claims.calendars import calendar_with, correction
from tests.support.claims.offline_unit_account import Account, light
from tests.support.dates import beijing, day, iso

LONGER = NewEdition(
    edition="longer",
    source="虚构的通知，仅供测试",
    policy=DEFAULT_POLICY.model_copy(update={"interview_days": 7, "version": "2021-4+longer", "revision": 1}),
)
LATER = calendar_with(correction(off=iso("Wed 2026-11-25")))


def with_an_interview() -> Account:
    """Opened on Wednesday 2026-11-18: by Wednesday 2026-11-25."""
    account = Account().post(light("Mon 2026-11-16"), light("Wed 2026-11-18"))
    account.now = beijing("Fri 2026-11-20 09:00")
    return account


def adopt(account: Account, news: NewEdition) -> None:
    step = UnitTransition(account.account, at=account.now)
    adopt_edition(step, news)
    account.adopt(step)


def tell(account: Account) -> None:
    step = UnitTransition(account.account, at=account.now)
    mark_for_recalculation(step, NewCalendar(version=LATER.version, reason="假日通知"))
    wanted = interviews_to_schedule(step.account)
    schedule_interviews(step, {one.limit_id: schedule(LATER, one) for one in wanted})
    account.adopt(step)


def last_day(account: Account) -> object:
    (interview,) = account.measures
    assert interview.schedule is not None
    return interview.schedule.last_day


@pytest.mark.rule("R6", "R7", "R35")
def test_an_open_interview_takes_its_new_number_once() -> None:
    account = with_an_interview()
    for _ in range(2):
        adopt(account, LONGER)
    assert last_day(account) == day("Fri 2026-11-27")
    assert account.events.count(EventKind.EDITION_ADOPTED) == 1
    assert account.events.count(EventKind.LIMITS_RECOMPUTED) == 1


@pytest.mark.rule("R6", "R7", "R35")
def test_another_close_of_business_counts_an_open_interview_again() -> None:
    account = with_an_interview()
    closing = DEFAULT_POLICY.model_copy(update={"cutoff": time(17, 30), "version": "closing", "revision": 1})
    step = UnitTransition(account.account, at=account.now)
    adopt_edition(step, NewEdition(edition="closing", source="虚构的通知，仅供测试", policy=closing))
    (interview,) = step.account.measures
    assert interview.recount is not None
    assert interview.recount.edition == "closing"


@pytest.mark.rule("R6", "R7", "R35")
def test_an_edition_that_says_nothing_of_interviews_counts_none_again() -> None:
    account = with_an_interview()
    replies = DEFAULT_POLICY.model_copy(update={"reply_days": 3, "version": "replies", "revision": 1})
    step = UnitTransition(account.account, at=account.now)
    adopt_edition(step, NewEdition(edition="replies", source="虚构的通知，仅供测试", policy=replies))
    assert [(entry.kind, entry.rules) for entry in step.entries] == [(EventKind.EDITION_ADOPTED, ("R7",))]
    assert step.account.policy.reply_days == 3
    assert [one.recount for one in step.account.measures] == [None]


@pytest.mark.rule("R7", "R35")
def test_an_edition_for_new_claims_leaves_an_open_interview_its_days_on_a_later_calendar_too() -> None:
    account = with_an_interview()
    before = last_day(account)
    adopt(account, LONGER.model_copy(update={"reaches_open": False}))
    assert (last_day(account), account.account.policy.interview_days) == (before, 7)
    tell(account)
    assert last_day(account) == day("Thu 2026-11-26")


@pytest.mark.rule("R6", "R7", "R35")
def test_an_edition_and_a_calendar_at_once_both_count() -> None:
    account = with_an_interview()
    step = UnitTransition(account.account, at=account.now)
    adopt_edition(step, LONGER)
    mark_for_recalculation(step, NewCalendar(version=LATER.version, reason="假日通知"))
    wanted = interviews_to_schedule(step.account)
    schedule_interviews(step, {one.limit_id: schedule(LATER, one) for one in wanted})
    account.adopt(step)
    assert last_day(account) == day("Mon 2026-11-30")


@pytest.mark.rule("R7", "R35")
def test_a_missed_interview_stays_missed() -> None:
    account = with_an_interview()
    account.until("Thu 2026-11-26 00:00")
    assert account.measures[0].missed
    adopt(account, LONGER)
    assert last_day(account) == day("Wed 2026-11-25")


@pytest.mark.rule("R1", "R6", "R35")
@pytest.mark.parametrize("provisional", [True, False])
def test_an_end_that_is_provisional_no_more_is_on_record_and_the_same_end_is_not(provisional: bool) -> None:
    account = with_an_interview()
    adopt_without_schedules(account)
    (interview,) = account.account.measures
    assert interview.schedule is not None
    step = UnitTransition(account.account, at=account.now)
    schedule_interviews(
        step, {interview.id: interview.schedule.model_copy(update={"provisional": provisional})}
    )
    written = [entry.kind for entry in step.entries]
    assert written == ([EventKind.LIMITS_RECOMPUTED] if provisional else [])


@pytest.mark.rule("R6", "R35")
def test_a_schedule_that_nobody_asked_for_changes_no_interview() -> None:
    account = with_an_interview()
    (interview,) = account.account.measures
    assert interview.schedule is not None
    step = UnitTransition(account.account, at=account.now)
    later = interview.schedule.model_copy(update={"due_at": beijing("Fri 2026-11-27 24:00")})
    schedule_interviews(step, {interview.id: later})
    assert (step.account, step.entries) == (account.account, [])


def adopt_without_schedules(account: Account) -> None:
    """Adopt the edition; its interviews then wait to be scheduled again."""
    step = UnitTransition(account.account, at=account.now)
    adopt_edition(step, LONGER)
    account.account = step.account
