"""A unit's account without a server, driven by a test."""

from datetime import datetime

from activities.deadlines import schedule
from calendar_rules.loader import load_calendar
from claims.model.events import EventKind
from claims.model.journal import Notice, Outcome
from claims.model.messages.unit_action_bodies import UnitAction, UnitEnvelope
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Colour, LimitKind
from claims.model.unit_account import (
    AccountLight,
    Measure,
    MeasureKind,
    MeasureStatus,
    UnitAccount,
)
from claims.model.values import Actor
from claims.units.interviews import interviews_to_schedule, pass_time, schedule_interviews
from claims.units.procedure import act
from claims.units.transition import UnitTransition, post_light, update_measures
from tests.support.claims.people import PROMISES, WATER
from tests.support.dates import beijing

CALENDAR = load_calendar()


YELLOW, RED = Colour.YELLOW, Colour.RED


def light(
    day: str, number: str = "", *, colour: Colour = YELLOW, limit: LimitKind = LimitKind.CONTACT
) -> AccountLight:
    number = number or f"QH{day.partition(' ')[2]}"
    return AccountLight(
        id=f"{number}/1/0/{limit}/{colour}",
        number=number,
        unit=WATER,
        unit_name="市城乡水务局",
        colour=colour,
        limit=limit,
        dispatch=1,
        round=0,
        at=beijing(f"{day} 00:00"),
    )


class Account:
    """A unit's account."""

    def __init__(self, policy: Policy = DEFAULT_POLICY) -> None:
        self.account = UnitAccount(unit=WATER, policy=policy)
        self.now = beijing("Tue 2026-12-01 09:00")
        self.events: list[EventKind] = []
        self.notices: list[Notice] = []
        self._acts = 0

    def adopt(self, step: UnitTransition) -> None:
        self.account = step.account
        self.events += [entry.kind for entry in step.entries]
        self.notices += step.notices
        if wanted := interviews_to_schedule(self.account):
            fixing = UnitTransition(self.account, at=self.now)
            schedule_interviews(fixing, {one.limit_id: schedule(CALENDAR, one) for one in wanted})
            self.adopt(fixing)

    def post(self, *lights: AccountLight) -> "Account":
        for one in lights:
            step = UnitTransition(self.account, at=self.now)
            post_light(step, one)
            update_measures(step)
            self.adopt(step)
        return self

    def until(self, text: str) -> None:
        self.pass_to(beijing(text))

    def pass_to(self, now: datetime) -> None:
        self.now = now
        step = UnitTransition(self.account, at=self.now)
        pass_time(step, self.now)
        self.adopt(step)

    def do(self, action: UnitAction, actor: Actor, **body: object) -> Outcome:
        self._acts += 1
        usual = {"measures": PROMISES} if action is UnitAction.RECORD_INTERVIEW else {}
        sent = {"request_id": f"r{self._acts}", **usual, **body}
        given = {"action": action, "actor": actor, "received_at": self.now, "body": sent}
        envelope = UnitEnvelope.model_validate(given)
        step, outcome, _ = act(self.account, envelope, now=self.now)
        self.adopt(step)
        return outcome

    @property
    def measures(self) -> list[Measure]:
        return [m for m in self.account.measures if m.status is not MeasureStatus.WITHDRAWN]

    @property
    def kinds(self) -> list[MeasureKind]:
        return [measure.kind for measure in self.measures]
