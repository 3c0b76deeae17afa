"""Plays a claim under another law: people's actions stay the same; effects of time are computed again.

An action that the other law would have refused is reported and skipped, without a replacement. The
playthrough ends where the history ends.
"""

from dataclasses import dataclass, field
from datetime import datetime

from activities.deadlines import schedule
from audit.rehearsal.law import Law
from audit.replay.replayed_run import ReplayedRun, Taken
from claims import linked_claims, procedure
from claims.deadlines import scheduling
from claims.deadlines.moments import moments
from claims.deadlines.recalculation import NewCalendar, NewEdition
from claims.model.claim import Claim
from claims.model.journal import Entry, Outcome
from claims.model.labels import label
from claims.model.linked_claims import MattersRegistered, TakeOver, TakeOverAnswer
from claims.model.messages.envelopes import Envelope
from claims.model.messages.unit_action_bodies import LightRevoked
from claims.model.terms import Action
from claims.transition import Transition
from workflows.incoming.inbox import PendingRecalculation, Received, TimerFired
from workflows.incoming.numbered_signals import NumberedSignals


@dataclass(frozen=True, slots=True)
class OtherOutcome:
    """An action that the other law would have decided differently."""

    number: str
    at: datetime
    action: str
    by: str
    was_accepted: bool
    rule: str
    reason: str

    @property
    def text(self) -> str:
        """Return the difference as text."""
        if self.was_accepted:
            return f"{self.action}（{self.by}）：原已办理，依{self.rule}将不予办理：{self.reason}"
        return f"{self.action}（{self.by}）：原不予办理（{self.rule}：{self.reason}），将予办理"


@dataclass(slots=True)
class Playthrough:
    """The claim under the other law."""

    claim: Claim
    law: Law
    entries: list[Entry] = field(default_factory=list)
    others: list[OtherOutcome] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """Outcomes by request id: a repeated request is not performed again, as in `workflows.claim`."""
    numbered: NumberedSignals = field(default_factory=NumberedSignals)

    def adopt(self, transition: Transition) -> None:
        """Apply a transition; schedule the limits that it starts by the law's calendar."""
        self._follow(transition)
        at = transition.recorded_at
        while wanted := scheduling.limits_to_schedule(self.claim):
            found = {request.limit_id: schedule(self.law.calendar, request) for request in wanted}
            self._follow(procedure.schedule_limits(self.claim, found, now=at))

    def _follow(self, transition: Transition) -> None:
        self.claim = transition.claim
        self.entries += transition.entries
        self.outcomes |= {outcome.request_id: outcome for outcome in transition.outcomes}

    def pass_time(self, until: datetime) -> None:
        """Apply all effects of time up to an instant, each at its own instant."""
        while not self.claim.over:
            ahead = min((moment.at for moment in moments(self.claim)), default=None)
            if ahead is None or ahead > until:
                return
            before = self.claim
            self.adopt(procedure.pass_time(self.claim, now=ahead))
            if self.claim == before:
                return


def play_under(replayed: ReplayedRun, law: Law) -> Playthrough | None:
    """Return a replayed claim played under another law, or None if the history is not a claim's."""
    opening = replayed.opening
    if opening is None:
        return None
    other = opening.model_copy(update={"policy": law.policy(opening.policy, opening.order), "schedules": {}})
    first = other.registered(replayed.run.started_at)
    playthrough = Playthrough(first.claim, law)
    playthrough.adopt(first)
    was = {outcome.request_id: outcome for outcome in replayed.outcomes}
    for taken in replayed.taken:
        _take(playthrough, taken, was)
    playthrough.pass_time(replayed.run.last_event_at)
    return playthrough


def _take(playthrough: Playthrough, taken: Taken, was: dict[str, Outcome]) -> None:
    now, item = taken.at, taken.item
    if isinstance(item, Received):
        _receive(playthrough, item, now, was)
        return
    if playthrough.claim.over:
        return
    match item:
        case TimerFired():
            return
        case NewEdition() as news:
            _adopt_edition(playthrough, news, now)
        case PendingRecalculation(news=NewEdition() as news):
            _adopt_edition(playthrough, news, now)
        case NewCalendar() | PendingRecalculation():
            return
        case LightRevoked() as word:
            playthrough.pass_time(now)
            if any(light.id == word.light for light in playthrough.claim.lights):
                playthrough.adopt(procedure.revoke_light(playthrough.claim, word, now=now))
        case TakeOver() | TakeOverAnswer() | MattersRegistered() as word:
            playthrough.pass_time(now)
            playthrough.adopt(linked_claims.take_message(playthrough.claim, word, now=now))


def _receive(playthrough: Playthrough, received: Received, now: datetime, was: dict[str, Outcome]) -> None:
    """Perform a request, unless it has an outcome already. Messages that the workflow could not read or
    authenticate are no requests.
    """
    action = received.action
    is_read = received.readable or not playthrough.claim.policy.records_unreadable_signals
    if action is None or not received.is_ours or not is_read:
        return
    envelope = playthrough.numbered.envelope_of(received, playthrough.claim.policy, playthrough.outcomes)
    request_id = str(envelope.body["request_id"])
    if request_id in playthrough.outcomes or playthrough.claim.awaits_answer_to(request_id):
        return
    known = was.get(request_id)
    if playthrough.claim.over:
        outcome = playthrough.outcomes[request_id] = Outcome(
            request_id=request_id,
            action=action,
            status="refused",
            at=now,
            rule="R41",
            reason="工单此时已办结",
        )
    else:
        outcome = _act(playthrough, action, envelope, now)
        if playthrough.claim.awaits_answer_to(request_id):
            return
    if known is not None and known.status != outcome.status:
        playthrough.others.append(_otherwise(playthrough, action, envelope, known, outcome))


def _act(playthrough: Playthrough, action: Action, envelope: Envelope, now: datetime) -> Outcome:
    envelope = envelope.model_copy(update={"schedules": {}})
    playthrough.pass_time(min(envelope.received_at or now, now))
    transition, outcome = procedure.act(playthrough.claim, action, envelope, now=now)
    playthrough.adopt(transition)
    if not playthrough.claim.awaits_answer_to(outcome.request_id):
        playthrough.outcomes[outcome.request_id] = outcome
    return outcome


def _otherwise(
    playthrough: Playthrough, action: Action, envelope: Envelope, known: Outcome, outcome: Outcome
) -> OtherOutcome:
    was_accepted = known.status == "accepted"
    said = outcome if was_accepted else known
    return OtherOutcome(
        number=playthrough.claim.number,
        at=outcome.at,
        action=label(action),
        by=envelope.actor.name or envelope.actor.sub,
        was_accepted=was_accepted,
        rule=said.rule,
        reason=said.reason,
    )


def _adopt_edition(playthrough: Playthrough, news: NewEdition, now: datetime) -> None:
    playthrough.pass_time(min(news.sent_at or now, now))
    policy = playthrough.law.policy(news.policy, playthrough.claim.order)
    playthrough.adopt(
        procedure.take_news(
            playthrough.claim, news.model_copy(update={"policy": policy, "answers": ()}), now=now
        )
    )
