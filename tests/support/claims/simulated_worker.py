"""Drives a claim as its workflow does (`workflows/claim.py`), without a server: an ordered inbox of actions,
timers, calendars and revocations, a worker that may be stopped, and repeated requests.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from activities.deadlines import schedule
from calendar_rules import WorkingCalendar
from claims import linked_claims, noted_messages, procedure
from claims.deadlines import recalculation, scheduling
from claims.deadlines.moments import Moment, moments
from claims.deadlines.recalculation import CalendarAnswer, NewCalendar
from claims.model.claim import Claim
from claims.model.journal import BackgroundTask, Entry, Notice, Outcome
from claims.model.linked_claims import Merging, TakeOverAnswer
from claims.model.messages.envelopes import Envelope
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Action, Category
from claims.transition import Transition
from tests.support.claims.people import OPERATOR, order


@dataclass(frozen=True)
class Sent:
    """A signal; None is one unknown to the procedure."""

    action: Action | None
    envelope: Envelope


Item = Sent | datetime | NewCalendar | LightRevoked
"""The items in the inbox; an instant stands for a fired timer."""


@dataclass
class SimulatedWorker:
    """A driven claim. `now` is the server's clock. While the worker is stopped, messages wait."""

    now: datetime
    calendar: WorkingCalendar
    category: Category = Category.HELP
    policy: Policy = DEFAULT_POLICY
    claim: Claim = field(init=False)
    away: bool = False
    journal: list[Entry] = field(default_factory=list)
    background_tasks: list[BackgroundTask] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    watch: Callable[[Claim, Claim, Transition], None] = lambda before, after, step: None
    """Called after every step, with the claim before and after it."""
    answers_taken: int = 0
    _answered_by: dict[str, WorkingCalendar] = field(default_factory=dict)
    _inbox: deque[Item] = field(default_factory=deque)
    _rung: tuple[datetime, ...] = ()
    _merges: int = 0
    _fired: set[tuple[str, str, datetime]] = field(default_factory=set)

    def __post_init__(self) -> None:
        opening = procedure.register(
            "QH1",
            order(self.category),
            actor=OPERATOR,
            at=self.now,
            recorded_at=self.now,
            policy=self.policy,
        )
        self.claim = opening.claim
        self.journal += opening.entries
        self._fix_limits()

    @property
    def last_word(self) -> datetime:
        """The time of the last event; a new one cannot be earlier."""
        return max((self.journal[-1].at, *self._rung))

    def put(self, item: Item) -> None:
        """Receive a message and process it at once, unless the worker is stopped."""
        self._inbox.append(item)
        self._work()

    def wait(self, until: datetime) -> None:
        """Advance the time, firing timers in order."""
        while (moment := self._next_moment()) is not None and moment.at <= until:
            self.now = max(self.now, moment.at)
            self._fired.add((moment.limit_id, moment.kind, moment.at))
            self._rung = (moment.at,)
            self.put(moment.at)
        self.now = until

    def leave(self) -> None:
        """Stop the worker."""
        self.away = True

    def come_back(self) -> None:
        """Restart the worker and process what waited in one activation: signals come before timers, and an
        action first applies everything due before it was received.
        """
        self.away = False
        self._inbox = deque(sorted(self._inbox, key=lambda item: isinstance(item, datetime)))
        self._work()

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits to be processed."""
        return not self._inbox

    def _next_moment(self) -> Moment | None:
        """Return the next timer. Timers are set for the last known state; each fires once for an instant."""
        waiting = [m for m in moments(self.claim) if (m.limit_id, m.kind, m.at) not in self._fired]
        return None if self.claim.over else min(waiting, key=lambda m: m.at, default=None)

    def _work(self) -> None:
        while self._inbox and not self.away:
            self._do(self._inbox.popleft())
            if not self.claim.over:
                self._fix_limits()

    def _do(self, item: Item) -> None:
        match item:
            case datetime():
                self._adopt(procedure.pass_time(self.claim, now=max(self.now, item)))
            case NewCalendar():
                self._adopt(procedure.new_calendar(self.claim, item, now=self.now))
                self._take_answers(item)
            case LightRevoked():
                self._adopt(procedure.revoke_light(self.claim, item, now=self.now))
            case Sent():
                self._act(item)

    def foresee(self, calendar: WorkingCalendar, news: NewCalendar, at: datetime) -> NewCalendar:
        """Return the news with the schedules that the claim in its present state would request."""
        asked = recalculation.preview_requests(self.claim, news, at)
        answers = [CalendarAnswer(request=request, schedule=schedule(calendar, request)) for request in asked]
        self._answered_by[news.version] = calendar
        return news.model_copy(update={"answers": tuple(answers)})

    def _take_answers(self, news: NewCalendar) -> None:
        """Take the schedules that came with the news; they must be the ones that the claim would get now."""
        schedules = recalculation.prepared_schedules(self.claim, news, self.now)
        if not schedules:
            return
        asked, calendar = scheduling.limits_to_schedule(self.claim), self._answered_by[news.version]
        assert schedules == {request.limit_id: schedule(calendar, request) for request in asked}
        self.answers_taken += 1
        self._adopt(procedure.schedule_limits(self.claim, schedules, now=self.now))

    def _act(self, sent: Sent) -> None:
        if sent.action is None:
            self._adopt(noted_messages.refuse_unknown(self.claim, "approve", now=self.now))
        elif str(sent.envelope.body["request_id"]) not in self.outcomes:
            step, outcome = procedure.act(self.claim, sent.action, sent.envelope, now=self.now)
            self.outcomes[outcome.request_id] = outcome
            self._adopt(step)
            if (merging := self.claim.merging) is not None and merging.request_id == outcome.request_id:
                self._be_answered(merging)

    def _be_answered(self, merging: Merging) -> None:
        """Answer a merge: the target accepts, refuses, or does not answer, in turns (R48)."""
        self._merges += 1
        if self._merges % 3 == 0:
            return
        answer = TakeOverAnswer(
            request_id=merging.request_id,
            asked_by=self.claim.number,
            answered_by=merging.into,
            accepted=self._merges % 3 == 1,
            reason="已办结",
        )
        self._adopt(linked_claims.merge_answered(self.claim, answer, now=self.now))

    def _fix_limits(self) -> None:
        while wanted := scheduling.limits_to_schedule(self.claim):
            fixed = {request.limit_id: schedule(self.calendar, request) for request in wanted}
            self._adopt(procedure.schedule_limits(self.claim, fixed, now=self.now))

    def _adopt(self, step: Transition) -> None:
        before, self.claim = self.claim, step.claim
        self.journal += step.entries
        self.background_tasks += step.background_tasks
        self.notices += step.notices
        self.watch(before, self.claim, step)
