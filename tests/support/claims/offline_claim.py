"""A claim without a server: the procedure and the real calendar, driven by a test."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from activities.deadlines import schedule
from calendar_rules import WorkingCalendar, local_day
from calendar_rules.loader import load_calendar
from claims import linked_claims, procedure
from claims.deadlines import scheduling
from claims.deadlines.recalculation import NewCalendar
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import BackgroundTask, Entry, Notice, Outcome
from claims.model.limit import Limit
from claims.model.linked_claims import TakeOverAnswer
from claims.model.policy import DEFAULT_POLICY, Policy
from claims.model.terms import Action, Category, LimitKind
from claims.model.values import Actor
from claims.transition import Transition
from tests.support.claims.people import CALLER, HANDLER, OPERATOR, SUPERVISOR, envelope, order, usual
from tests.support.dates import beijing


@dataclass(frozen=True)
class Act:
    """An action as given in the test."""

    action: Action
    actor: Actor
    fields: dict[str, object]


@dataclass(frozen=True)
class Wait:
    """Time that passed. `past` is the last limit that ended meanwhile, if any; `working_days` is the number
    that started.
    """

    duration: timedelta
    past: LimitKind | None
    working_days: int


class Paper:
    """A claim. Actions happen at `now`; `wait` and `until` advance time. `script` lists the steps so far."""

    def __init__(
        self,
        start: str = "Tue 2026-11-24 09:00",
        *,
        category: Category = Category.HELP,
        policy: Policy = DEFAULT_POLICY,
        calendar: WorkingCalendar | None = None,
    ) -> None:
        self.now = self.started = beijing(start)
        self.calendar = calendar or load_calendar()
        self.journal: list[Entry] = []
        self.background_tasks: list[BackgroundTask] = []
        self.notices: list[Notice] = []
        self.settled: list[Outcome] = []
        """Outcomes of formerly open requests (R48)."""
        self.is_taken_over = True
        """Whether the merge target accepts at once; otherwise call `answered`."""
        self.script: list[Act | Wait] = []
        self.category, self.policy = category, policy
        self._acts = 0
        blank = procedure.register(
            "QH202611240001",
            order(category),
            actor=OPERATOR,
            at=self.now,
            recorded_at=self.now,
            policy=policy,
        )
        self.claim: Claim = blank.claim
        self.adopt(blank)

    def do(
        self, action: Action, actor: Actor, received_at: datetime | None = None, /, **fields: object
    ) -> Outcome:
        """Perform an action with the usual body and some changed fields, received now or at an instant."""
        self._acts += 1
        self.script.append(Act(action, actor, fields))
        body = {"request_id": f"r{self._acts}", **usual(action, self.now), **fields}
        sent = envelope(action, actor, body, received_at)
        step, outcome = procedure.act(self.claim, action, sent, now=self.now)
        self.adopt(step)
        if self.is_taken_over and self.claim.awaits_answer_to(outcome.request_id):
            return self.answered(accepted=True)
        return outcome

    def answered(self, *, accepted: bool, reason: str = "工单已办结") -> Outcome:
        """Deliver the answer of the claim into which this one asked to be merged (R48)."""
        merging = self.claim.merging
        assert merging is not None
        answer = TakeOverAnswer(
            request_id=merging.request_id,
            asked_by=self.claim.number,
            answered_by=merging.into,
            accepted=accepted,
            rule="" if accepted else "R48",
            reason="" if accepted else reason,
        )
        self.adopt(linked_claims.merge_answered(self.claim, answer, now=self.now))
        return self.settled[-1]

    def must(self, action: Action, actor: Actor, **fields: object) -> None:
        """Perform an action that must be accepted."""
        outcome = self.do(action, actor, **fields)
        assert outcome.status == "accepted", (action, outcome.rule, outcome.reason)

    def wait(self, duration: timedelta) -> None:
        """Advance the time."""
        self.script.append(self._waiting(duration))
        self.now += duration
        self.adopt(procedure.pass_time(self.claim, now=self.now))

    def _waiting(self, duration: timedelta) -> Wait:
        until = self.now + duration
        ends = [(x.schedule.due_at, x.kind) for x in self.claim.limits if x.schedule is not None]
        past = max((end for end in ends if self.now < end[0] <= until), default=None)
        working = self.calendar.working_days_between(local_day(self.now), local_day(until))
        return Wait(duration, past[1] if past else None, working)

    def until(self, text: str) -> None:
        """Advance the time to an instant in Beijing."""
        self.wait(beijing(text) - self.now)

    def recalculate(self, calendar: WorkingCalendar) -> None:
        """Recalculate the claim with a changed calendar."""
        self.calendar = calendar
        news = NewCalendar(version=calendar.version, reason="假日通知公布")
        self.adopt(procedure.new_calendar(self.claim, news, now=self.now))

    def limit(self, kind: LimitKind, of: LimitKind | None = None) -> Limit:
        """Return the newest limit of a kind."""
        found = self.claim.limit(kind, of)
        assert found is not None, kind
        return found

    def events(self, *kinds: EventKind) -> list[Entry]:
        """Return the journal entries of these kinds."""
        return [entry for entry in self.journal if entry.kind in kinds]

    def dispatched(self, unit: str = HANDLER.unit.id if HANDLER.unit else "", **fields: object) -> "Paper":
        """Advance to the unit."""
        self.must(Action.DISPATCH, OPERATOR, unit=unit, **fields)
        return self

    def fed_back(self) -> "Paper":
        """Advance to the hotline's call-back."""
        self.dispatched()
        for action in (Action.CONTACT, Action.REPLY, Action.FEEDBACK):
            self.must(action, HANDLER)
        return self

    def redoing(self) -> "Paper":
        """Dissatisfied once."""
        self.fed_back()
        self.must(Action.CALL_BACK, CALLER, grade="dissatisfied")
        return self

    def in_review(self) -> "Paper":
        """Dissatisfied twice."""
        self.redoing()
        self.must(Action.FEEDBACK, HANDLER)
        self.must(Action.CALL_BACK, CALLER, grade="very-dissatisfied")
        return self

    def verifying(self) -> "Paper":
        """The review form is filed."""
        self.in_review()
        self.must(Action.REVIEW_FORM, HANDLER)
        return self

    def completing(self) -> "Paper":
        """Ordered to complete."""
        self.verifying()
        self.must(Action.VERIFY, SUPERVISOR)
        return self

    def before_leadership(self) -> "Paper":
        """Ordered twice, and still not compliant."""
        self.completing()
        for _ in range(2):
            self.must(Action.FEEDBACK, HANDLER)
            self.must(Action.VERIFY, SUPERVISOR)
        return self

    def unreachable(self) -> "Paper":
        """Called on two working days, sent a link, no answer; closed."""
        self.fed_back()
        for day in range(3):
            self.must(Action.CALL_BACK, CALLER, reached=False, grade=None)
            if day < 2:
                self.wait(timedelta(days=1))
        self.wait(timedelta(days=8))
        return self

    def returned(self) -> "Paper":
        """Returned by the unit."""
        self.dispatched()
        self.must(Action.REJECT, HANDLER)
        return self

    def referred(self) -> "Paper":
        """Before the arbiter."""
        self.returned()
        self.must(Action.REFER, SUPERVISOR)
        return self

    def adopt(self, step: Transition) -> None:
        """Apply a step, and schedule the limits."""
        self.claim = step.claim
        self.journal += step.entries
        self.background_tasks += step.background_tasks
        self.notices += step.notices
        self.settled += step.outcomes
        while wanted := scheduling.limits_to_schedule(self.claim):
            fixed = {request.limit_id: schedule(self.calendar, request) for request in wanted}
            self.adopt(procedure.schedule_limits(self.claim, fixed, now=self.now))
