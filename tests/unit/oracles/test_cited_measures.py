"""Interviews and files of a unit's account, and numbers that are no limit's, against the oracle."""

from typing import Final

import pytest

from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.messages.unit_action_bodies import UnitAction
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Colour
from claims.units.transition import UnitTransition
from tests.oracles.golden import CITED, LIMITS
from tests.support.claims.offline_unit_account import Account, light
from tests.support.claims.people import INSPECTOR
from tests.support.dates import beijing
from tests.unit.oracles.test_cited_rules import cited, of


class ReportedAccount(Account):
    """A unit's account that keeps its journal."""

    def __init__(self) -> None:
        self.journal: list[Entry] = []
        super().__init__()

    def adopt(self, step: UnitTransition) -> None:
        self.journal += step.entries
        super().adopt(step)

    def cited(self, kind: EventKind) -> list[tuple[EventKind, list[str]]]:
        return [found for found in cited(self.journal) if found[0] is kind]


def twice(colour: Colour) -> ReportedAccount:
    account = ReportedAccount()
    account.post(light("Tue 2026-11-17", colour=colour), light("Tue 2026-11-24", colour=colour))
    return account


@pytest.mark.rule("R34", "R35")
def test_an_interview_has_the_days_of_the_table_and_cites_its_rules() -> None:
    account = twice(Colour.YELLOW)
    (measure,) = account.measures
    schedule, wanted = measure.schedule, LIMITS["interview"]
    assert schedule is not None
    assert (schedule.working_days, schedule.last_day) == (wanted.days, wanted.ends)
    assert measure.opened_at == beijing("Tue 2026-11-24 00:00")
    assert account.cited(EventKind.INTERVIEW_OPENED) == [of(EventKind.INTERVIEW_OPENED, "interview opened")]


@pytest.mark.rule("R35")
def test_a_missed_interview_is_shown_and_cites_its_rule() -> None:
    account = twice(Colour.YELLOW)
    account.until(f"{LIMITS['interview'].ends:%a %Y-%m-%d} 23:59")
    assert account.cited(EventKind.INTERVIEW_MISSED) == []
    account.until(f"{LIMITS['interview'].ends:%a %Y-%m-%d} 24:00")
    assert account.cited(EventKind.INTERVIEW_MISSED) == [of(EventKind.INTERVIEW_MISSED, "interview missed")]


@pytest.mark.rule("R35")
def test_an_interview_is_met_by_its_record() -> None:
    account = twice(Colour.YELLOW)
    (measure,) = account.measures
    assert LIMITS["interview"].met_by == (UnitAction.RECORD_INTERVIEW,)
    body = {"measure": measure.id, "person": "李主任", "record": "已约谈"}
    assert account.do(UnitAction.RECORD_INTERVIEW, INSPECTOR, **body).status == "accepted"
    account.until("Thu 2026-12-31 09:00")
    assert account.cited(EventKind.INTERVIEW_MISSED) == []


@pytest.mark.rule("R34", "R36")
def test_two_reds_open_a_file_that_cites_its_rules() -> None:
    found = twice(Colour.RED).cited(EventKind.ACCOUNTABILITY_OPENED)
    assert found == [of(EventKind.ACCOUNTABILITY_OPENED, "accountability of lights")]


NUMBERS: Final = {
    "ordered completion, most days": DEFAULT_POLICY.ordered_completion_most_days,
    "completion orders": DEFAULT_POLICY.max_orders,
    "dispatches": DEFAULT_POLICY.max_dispatches,
    "call-back attempts": DEFAULT_POLICY.unreachable_attempts,
    "call-back attempts, working days": DEFAULT_POLICY.unreachable_attempt_days,
    "days to answer the link": DEFAULT_POLICY.link_days,
    "days to reopen": DEFAULT_POLICY.reopening_days,
    "days from the red to the inspectors": DEFAULT_POLICY.escalate_after_red_days,
    "days of early warning": DEFAULT_POLICY.warning_days,
    "days that co-units have less": DEFAULT_POLICY.co_unit_lead_days,
    "days left at least": DEFAULT_POLICY.at_least_days,
    "days of standing still until somebody is reminded": DEFAULT_POLICY.standstill_days,
}


@pytest.mark.parametrize("name", CITED["other numbers"])
def test_a_number_of_the_policy_is_the_rulebooks(name: str) -> None:
    assert CITED["other numbers"][name]["is"] == NUMBERS[name]
