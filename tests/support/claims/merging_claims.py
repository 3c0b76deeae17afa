"""Claims that are merged into each other, in every possible order of actions and messages.

Each claim uses the real procedure. Messages between claims arrive in any order and may be repeated. The
effect of each event on each state is cached, so all orders of a few claims are explored in seconds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from claims import linked_claims, procedure
from claims.model.claim import Claim
from claims.model.linked_claims import TakeOver, TakeOverAnswer
from claims.model.messages.envelopes import Envelope
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, BackgroundTaskKind, CloseReason
from claims.transition import Transition
from tests.support.claims.people import CALLER, OPERATOR, order
from tests.support.dates import beijing

NOW: Final[datetime] = beijing("Tue 2026-11-24 09:00")
MESSAGES: Final[Mapping[BackgroundTaskKind, type[TakeOver | TakeOverAnswer]]] = {
    BackgroundTaskKind.ASK_TO_TAKE_OVER: TakeOver,
    BackgroundTaskKind.ANSWER_TAKE_OVER: TakeOverAnswer,
}


class Happening(StrEnum):
    """An event of a claim other than a message."""

    MERGE = "merge"
    WITHDRAW = "withdraw"
    GIVE_UP = "give up"
    """The claim has waited long enough."""


Message = TakeOver | TakeOverAnswer
Event = Message | Happening


def receiver(message: Message) -> str:
    return message.into if isinstance(message, TakeOver) else message.asked_by


class Done(NamedTuple):
    """A claim's result of an event. `outcome` is that of its merge request, if known."""

    claim: Claim
    sent: tuple[Message, ...]
    outcome: str


class Following(NamedTuple):
    """The result with numbered messages."""

    claim: Claim
    sent: frozenset[int]
    outcome: str


@dataclass(frozen=True)
class World:
    """All claims by number, the remaining events, and all sent messages by their number in the exploration.
    Claims in the same state are the same object.
    """

    claims: Mapping[str, Claim]
    to_come: frozenset[tuple[str, Happening]]
    sent: frozenset[int] = frozenset()
    undelivered: frozenset[int] = frozenset()
    outcomes: frozenset[tuple[str, str]] = frozenset()

    @property
    def key(self) -> object:
        return self.together, self.to_come, self.sent, self.undelivered, self.outcomes

    @property
    def together(self) -> tuple[int, ...]:
        """The claims in their present states."""
        return tuple(id(claim) for claim in self.claims.values())

    @property
    def is_quiet(self) -> bool:
        """Whether every event has happened and every message has arrived."""
        return not self.undelivered and not any(what is not Happening.GIVE_UP for _, what in self.to_come)

    @property
    def merged(self) -> dict[str, str]:
        """Return the merge target of each merged claim."""
        return {number: claim.merged_into for number, claim in self.claims.items() if claim.merged_into}

    def survivor(self, number: str) -> str:
        """Return the last claim of a chain of merges. Fails if there is none."""
        seen = [number]
        while (into := self.claims[seen[-1]].merged_into) != "":
            assert into not in seen, f"{seen} closed into each other"
            seen.append(into)
        return seen[-1]


def state_of(claim: Claim) -> object:
    """Return everything that determines the claim's next step."""
    return claim.number, claim.stage, claim.merged_into, claim.merging, tuple(claim.take_overs)


@dataclass
class Exploration:
    """Explores all worlds of claims that may each be merged into another one."""

    into: Mapping[str, str]
    withdrawn: tuple[str, ...] = ()
    gives_up: bool = False
    again: bool = True
    """Whether messages may arrive more than once."""
    messages: list[Message] = field(default_factory=list)
    _claims: dict[object, Claim] = field(default_factory=dict)
    _known: dict[tuple[int, int | Happening], Following] = field(default_factory=dict)

    def worlds(self) -> Iterator[World]:
        """Yield every reachable world once."""
        numbers = sorted({*self.into, *self.into.values()})
        to_come = {(number, Happening.MERGE) for number in self.into}
        to_come |= {(number, Happening.WITHDRAW) for number in self.withdrawn}
        if self.gives_up:
            to_come |= {(number, Happening.GIVE_UP) for number in self.into}
        todo = [World({number: self._same(registered(number)) for number in numbers}, frozenset(to_come))]
        seen = {todo[0].key}
        while todo:
            world = todo.pop()
            yield world
            for following in self.following(world):
                if following.key not in seen:
                    seen.add(following.key)
                    todo.append(following)

    def following(self, world: World) -> Iterator[World]:
        """Yield the next worlds."""
        for number, what in world.to_come:
            yield self._after(world, number, what)
        for message in world.sent if self.again else world.undelivered:
            yield self._after(world, receiver(self.messages[message]), message)

    def _after(self, world: World, number: str, event: int | Happening) -> World:
        claim, sent, outcome = self._done(world.claims[number], event)
        assert not outcome or number not in dict(world.outcomes), f"{number} had its outcome already"
        return World(
            claims={**world.claims, number: claim},
            to_come=world.to_come - {(number, event)} if isinstance(event, Happening) else world.to_come,
            sent=world.sent | sent,
            undelivered=(world.undelivered - {event}) | (sent - world.sent),
            outcomes=world.outcomes | ({(number, outcome)} if outcome else set()),
        )

    def _done(self, claim: Claim, event: int | Happening) -> Following:
        key = (id(claim), event)
        if key not in self._known:
            done = self._do(claim, event if isinstance(event, Happening) else self.messages[event])
            sent = frozenset(self._number(message) for message in done.sent)
            self._known[key] = Following(self._same(done.claim), sent, done.outcome)
        return self._known[key]

    def _same(self, claim: Claim) -> Claim:
        return self._claims.setdefault(state_of(claim), claim)

    def _number(self, message: Message) -> int:
        if message not in self.messages:
            self.messages.append(message)
        return self.messages.index(message)

    def _do(self, claim: Claim, event: Event) -> Done:
        match event:
            case TakeOver():
                return _done(linked_claims.take_over(claim, event, now=NOW))
            case TakeOverAnswer():
                return _done(linked_claims.merge_answered(claim, event, now=NOW))
            case Happening.MERGE:
                return _acted(claim, Action.MERGE, into=self.into[claim.number])
            case Happening.WITHDRAW:
                return _acted(claim, Action.WITHDRAW, reason="已解决", confirmed_by_call=True)
            case Happening.GIVE_UP:
                later = NOW + timedelta(minutes=claim.policy.merge_answer_minutes)
                return _done(procedure.pass_time(claim, now=later))


def registered(number: str) -> Claim:
    step = procedure.register(number, order(), actor=OPERATOR, at=NOW, recorded_at=NOW, policy=DEFAULT_POLICY)
    return step.claim


def _acted(claim: Claim, action: Action, **fields: object) -> Done:
    actor = OPERATOR if action is Action.MERGE else CALLER
    body = {"request_id": f"{action}-{claim.number}", **fields}
    step, outcome = procedure.act(
        claim, action, Envelope.model_validate({"actor": actor, "body": body}), now=NOW
    )
    done = _done(step)
    if action is Action.MERGE and not step.claim.awaits_answer_to(outcome.request_id):
        return done._replace(outcome=outcome.status)
    return done


def _done(step: Transition) -> Done:
    sent = [MESSAGES[task.kind].model_validate(task.body) for task in step.background_tasks]
    outcomes = [outcome.status for outcome in step.outcomes]
    assert len(outcomes) <= 1
    return Done(step.claim, tuple(sent), "".join(outcomes))


def closed_otherwise(claim: Claim) -> bool:
    """Return whether the claim has closed other than by a merge."""
    return claim.closed is not None and claim.closed.reason is not CloseReason.MERGED
