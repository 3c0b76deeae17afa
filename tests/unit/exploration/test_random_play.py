"""Random actors against the procedure, driven as by the workflow, with invariants after every step."""

from datetime import time, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pydantic import JsonValue

from calendar_rules import WorkingCalendar
from calendar_rules.loader import load_calendar
from claims.deadlines.moments import next_due
from claims.deadlines.recalculation import NewCalendar
from claims.model.claim import Claim
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Action, Category, Stage
from claims.model.values import CONSOLE, Actor
from tests.support.claims.calendars import NEW_YEAR, calendar_with, correction
from tests.support.claims.claim_invariants import check_claim, check_step
from tests.support.claims.people import CALLER, SUPERVISOR
from tests.support.claims.random_actors import ACTORS, MOVES_ON, SENSELESS, Turn, envelope, turns, variants
from tests.support.claims.simulated_worker import Sent, SimulatedWorker
from tests.support.dates import beijing, iso
from tests.support.hypothesis_profile import effort

CALENDARS = (
    load_calendar(),
    calendar_with(NEW_YEAR),
    calendar_with(correction(off=iso("Thu 2026-11-26"))),
    calendar_with(correction(off=iso("Tue 2026-12-08")), NEW_YEAR),
    calendar_with(correction(worked=iso("Sat 2026-11-28"))),
)
STARTS = (
    "Tue 2026-11-24 09:00",
    "Fri 2026-11-27 23:59",
    "Sat 2026-12-19 12:00",  # into the year without an arrangement
    "Fri 2026-02-13 10:00",  # Friday before the Spring Festival; Saturday is worked
)
POLICIES = (
    DEFAULT_POLICY,
    DEFAULT_POLICY,
    Policy(cutoff=time(17, 30), version="test"),
    Policy(return_window_days=3, resolve_days=3, cutoff=time(12), version="test"),
)
PASSING = [timedelta(seconds=1), timedelta(minutes=7), timedelta(hours=5), timedelta(days=1)]
PASSING += [timedelta(days=1, hours=1), timedelta(days=2), timedelta(days=5), timedelta(days=12)]
LAG = st.sampled_from([None, None, timedelta(), timedelta(seconds=2), timedelta(hours=3)])
NOTHING_MORE = Turn(CONSOLE, Action.REMIND)
Said = dict[str, JsonValue]
TO_THE_END: dict[Action, Said] = {
    Action.DISPATCH: {},
    Action.REDETERMINE: {"decision": "confirm"},
    Action.ARBITRATE: {},
    Action.FEEDBACK: {},
    Action.REVIEW_FORM: {},
    Action.CALL_BACK: {},
    Action.VERIFY: {"compliant": True},
    Action.CONTACT: {},
    Action.REPLY: {},
}
"""Actions that bring any claim to its end, the closest first."""


class RandomPlay(RuleBasedStateMachine):
    """Users with allowed and forbidden actions, time, calendars, and a worker that may stop."""

    play: SimulatedWorker

    @initialize(
        start=st.sampled_from(STARTS),
        category=st.sampled_from([Category.HELP, Category.CONSULTATION]),
        policy=st.sampled_from(POLICIES),
    )
    def register(self, start: str, category: Category, policy: Policy) -> None:
        self.sent: list[Sent] = []
        self.play = SimulatedWorker(beijing(start), CALENDARS[0], category, policy, watch=check_step)

    @property
    def claim(self) -> Claim:
        return self.play.claim

    @rule(data=st.data(), lag=LAG)
    def somebody_does_what_they_may(self, data: st.DataObject, lag: timedelta | None) -> None:
        possible = list(turns(self.claim, self.play.now)) or [NOTHING_MORE]
        onward = {turn.action: turn for turn in possible if turn.action in MOVES_ON}
        turn = data.draw(st.sampled_from(list(onward.values()) or possible) | st.sampled_from(possible))
        self.send(turn, data.draw(variants(turn.action)), lag)

    @precondition(lambda self: not self.play.away and self.claim.closed is None)
    @rule()
    def things_go_their_way(self) -> None:
        self.bring_nearer_to_the_end({"grade": "dissatisfied"})

    @precondition(lambda self: not self.play.away and self.claim.stage is Stage.CALL_BACK)
    @rule()
    def the_feedback_is_sent_back(self) -> None:
        self.send(Turn(SUPERVISOR, Action.VERIFY), {"compliant": False}, None)

    @precondition(lambda self: not self.play.away and self.claim.stage is Stage.CALL_BACK)
    @rule()
    def nobody_answers_the_telephone(self) -> None:
        for _ in range(3):
            if self.claim.stage is Stage.CALL_BACK:
                said: Said = {"reached": False, "grade": None}
                self.send(Turn(CALLER, Action.CALL_BACK), said, None)
                self.play.wait(self.play.now + timedelta(days=1))

    @rule(
        actor=st.sampled_from(ACTORS),
        action=st.sampled_from(Action),
        said=st.dictionaries(
            st.sampled_from(["unit", "at", "reached", "order_days", "signature", "co_units", "reason"]),
            SENSELESS,
            max_size=3,
        ),
    )
    def anybody_says_anything(self, actor: Actor, action: Action, said: Said) -> None:
        self.send(Turn(actor, action), said, None)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def the_same_request_comes_again(self, data: st.DataObject) -> None:
        again = data.draw(st.sampled_from(self.sent))
        answered = str(again.envelope.body["request_id"]) in self.play.outcomes
        before, outcomes = self.claim, dict(self.play.outcomes)
        self.play.put(again)
        if answered and not self.play.away:
            assert self.claim == before
            assert self.play.outcomes == outcomes

    @rule(passing=st.sampled_from(PASSING))
    def time_passes(self, passing: timedelta) -> None:
        self.play.wait(self.play.now + passing)

    @rule(short=st.sampled_from([timedelta(), timedelta(), timedelta(minutes=1)]))
    def the_next_limit_ends_or_nearly(self, short: timedelta) -> None:
        due = next_due(self.claim)
        if due is not None and due - short > self.play.now:
            self.play.wait(due - short)

    @rule()
    def the_worker_goes_or_comes_back(self) -> None:
        if self.play.away:
            self.play.come_back()
        else:
            self.play.leave()

    @rule(
        calendar=st.sampled_from(CALENDARS),
        lag=LAG,
        version=st.sampled_from(["", "this", "this", "other", "answered", "answered"]),
    )
    def the_calendar_changes(self, calendar: WorkingCalendar, lag: timedelta | None, version: str) -> None:
        self.play.calendar = calendar
        named = {"": "", "other": "cn-unknown"}.get(version, calendar.version)
        if self.play.away:
            lag = lag or timedelta()
        sent_at = None if lag is None else self.play.now - lag
        news = NewCalendar(version=named, sent_at=sent_at)
        if version == "answered":
            news = self.play.foresee(calendar, news, sent_at or self.play.now)
        self.play.put(news)

    @rule(data=st.data())
    def a_light_is_revoked(self, data: st.DataObject) -> None:
        known = [light.id for light in self.claim.lights] or ["QH1/1/0/contact/yellow"]
        light = data.draw(st.sampled_from(known))
        self.play.put(LightRevoked(number="QH1", light=light, reason="系统故障", actor=SUPERVISOR))

    @rule()
    def an_unknown_signal_comes(self) -> None:
        self.play.put(Sent(None, envelope(CALLER, Action.REMIND, {}, at=self.play.now, received_at=None)))

    @invariant()
    def everything_holds(self) -> None:
        if not self.play.away:
            self.play.wait(self.play.now)
        check_claim(self.claim, self.play.journal, self.play.now, away=self.play.away)

    def teardown(self) -> None:
        """Check that people who do their part can bring the claim to its end."""
        if not hasattr(self, "play"):
            return
        if self.play.away:
            self.play.come_back()
        for _ in range(30):
            if self.claim.over:
                break
            self.bring_nearer_to_the_end()
            self.everything_holds()
        assert self.claim.over, self.claim.stage

    def bring_nearer_to_the_end(self, said: Said | None = None) -> None:
        due = next_due(self.claim)
        if self.claim.closed is not None and due is not None:
            self.play.wait(due)
            return
        possible = {turn.action: turn for turn in turns(self.claim, self.play.now)}
        action = next(action for action in TO_THE_END if action in possible)
        for doing in (Action.CONTACT, Action.REPLY) if action is Action.CONTACT else (action,):
            self.send(possible[doing], {**TO_THE_END[doing], **(said or {})}, None)
            assert self.play.outcomes[f"r{len(self.sent) - 1}"].status == "accepted", doing

    def send(self, turn: Turn, said: Said, lag: timedelta | None) -> None:
        now = self.play.now
        if self.play.away:  # the API has dated waiting messages
            lag = lag or timedelta()
        received = None if lag is None else max(now - lag, self.play.last_word)
        numbered = {"request_id": f"r{len(self.sent)}", **said}
        letter = envelope(turn.actor, turn.action, numbered, at=received or now, received_at=received)
        self.sent.append(Sent(turn.action, letter))
        self.play.put(self.sent[-1])


TestRandomPlay = pytest.mark.rule("R5", "R6", "R10", "R31", "R32", "R37")(RandomPlay.TestCase)
TestRandomPlay.settings = effort(15, steps=40)
