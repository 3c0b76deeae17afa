"""Messages to a claim that wait to be processed: acts of people, and fired timers.

They are processed one by one in order of arrival, so that concurrent acts are ordered, and an act that came
before a limit's end is done before it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import JsonValue

    from activities.delivery import Delivery
    from activities.workflow_ids import REVOKE_LIGHT, TAKE_OVER, TAKE_OVER_ANSWERED, signal_name
    from claims.deadlines.recalculation import NewCalendar, NewEdition, News
    from claims.model.journal import TransitionRecord
    from claims.model.linked_claims import MattersRegistered, TakeOver, TakeOverAnswer
    from claims.model.messages.envelopes import Envelope
    from claims.model.messages.unit_action_bodies import LightRevoked
    from claims.model.terms import Action
    from workflows.incoming.authenticity import Authenticity, sender_of
    from workflows.incoming.message_contents import (
        LARGEST_WORD,
        LONGEST_ID,
        NO_ARGUMENT,
        content_of,
        content_with_origin,
        is_believed,
        opened,
        read_as,
    )

CONSOLE_ID: Final = "console-"
"""The prefix of request ids that are given to signals without one."""
ACTIONS: Final = MappingProxyType({signal_name(action): action for action in Action})
"""Actions by the names of their signals."""


@dataclass(frozen=True, slots=True)
class Received:
    """An act as it came; `action` is None for a signal that the procedure does not know. `numbered`: its
    sender gave it no request id. `readable`: False where the signal's content could not be read, and the
    envelope is blank. `is_ours`: False for a message of our programs that somebody else has sent.
    """

    name: str
    action: Action | None
    envelope: Envelope
    numbered: bool = False
    readable: bool = True
    is_ours: bool = True

    @property
    def own_id(self) -> str:
        """The request id that the sender gave; empty where it gave none, or one that no request has."""
        id = str(self.envelope.body.get("request_id", ""))
        return "" if self.numbered or len(id) > LONGEST_ID else id


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer has fired for an instant."""

    at: datetime


@dataclass(slots=True)
class PendingRecalculation:
    """A new calendar or edition whose sender waits for the recalculation and writes its record."""

    news: News
    done: bool = False
    record: TransitionRecord | None = None


Item = (
    Received
    | TimerFired
    | NewCalendar
    | NewEdition
    | PendingRecalculation
    | LightRevoked
    | TakeOver
    | TakeOverAnswer
    | MattersRegistered
)

Word = TakeOver | TakeOverAnswer | MattersRegistered


class Inbox:
    """The queue of incoming messages. Reading a message never raises."""

    def __init__(self, number: str, authenticity: Authenticity) -> None:
        self._number = number
        self.authenticity = authenticity
        self._waiting: deque[Item] = deque()
        self._not_yet: list[NewCalendar] = []
        self._until_then: set[asyncio.Task[None]] = set()
        self._unsigned = 0
        self.witness: Callable[[Item], None] | None = None
        """Called with each item as it is taken; for audits, which replay."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self) -> Item:
        """Take the next item."""
        item = self._waiting.popleft()
        if self.witness is not None:
            self.witness(item)
        return item

    def enqueue_timer(self, at: datetime) -> None:
        """Add a timer that has fired."""
        self._append(TimerFired(at))

    def enqueue_update(self, news: News) -> PendingRecalculation:
        """Add a new calendar or edition that came by an update, with the calendar's answers."""
        pending = PendingRecalculation(news)
        self._append(pending)
        return pending

    def enqueue_delivery(self, message: RawValue) -> None:
        """Add a message that came by an update instead of a signal."""
        delivery = Delivery.model_validate(content_of(message))
        message = content_with_origin(delivery.message, message)
        match delivery.signal:
            case name if name == REVOKE_LIGHT:
                self.enqueue_revocation(message)
            case name if name == TAKE_OVER:
                self.enqueue_take_over(message)
            case name if name == TAKE_OVER_ANSWERED:
                self.enqueue_take_over_answer(message)
            case name:
                self.enqueue_action(name, ACTIONS.get(name), message)

    def enqueue_calendar(self, message: RawValue) -> None:
        """Add a new calendar. Whatever else the message says, the claim looks at the calendar. Answers in a message
        that somebody typed are ignored."""
        self.authenticity.note(message)
        said = _news(message) if self.authenticity.is_ours(message) else NewCalendar()
        news = said.model_copy(update={"answers": ()})
        if news.not_before is None or news.not_before <= workflow.now():
            self._append(news)
            return
        self._not_yet.append(news)
        task = asyncio.create_task(self._take_up(news, news.not_before))
        self._until_then.add(task)
        task.add_done_callback(self._until_then.discard)

    async def _take_up(self, news: NewCalendar, not_before: datetime) -> None:
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: news not in self._not_yet,
                timeout=not_before - workflow.now(),
                timeout_summary="错峰：按新日历核对时限",
            )
        self._take_up_news()

    def _append(self, item: Item) -> None:
        self._take_up_news()
        self._waiting.append(item)

    def _take_up_news(self) -> None:
        self._waiting.extend(self._not_yet)
        self._not_yet.clear()

    def enqueue_edition(self, message: RawValue) -> None:
        """Add a new edition (R7), unless it cannot be read. Answers in a message that somebody typed are ignored."""
        if not self._is_ours("adopt_edition", message):
            return
        content = content_of(message)
        try:
            self._append(read_as(NewEdition, content).model_copy(update={"answers": ()}))
        except ValueError:
            self.enqueue_action("adopt_edition", None, message)

    def enqueue_revocation(self, message: RawValue) -> None:
        """Add a light's revocation by the unit's account, unless it cannot be read."""
        if not self._is_ours(REVOKE_LIGHT, message):
            return
        content = content_of(message)
        try:
            self._append_addressed(REVOKE_LIGHT, read_as(LightRevoked, content))
        except ValueError:
            self.enqueue_action(REVOKE_LIGHT, None, message)

    def enqueue_take_over(self, message: RawValue) -> None:
        """Add another claim's request to be merged into this one (R48), unless it cannot be read."""
        self._append_word(TAKE_OVER, TakeOver, message)

    def enqueue_take_over_answer(self, message: RawValue) -> None:
        """Add the other claim's answer (R48), unless it cannot be read."""
        self._append_word(TAKE_OVER_ANSWERED, TakeOverAnswer, message)

    def enqueue_matters(self, message: RawValue) -> None:
        """Add the numbers of a call's other matters (R49), unless they cannot be read."""
        self._append_word("matters_registered", MattersRegistered, message)

    def _append_word(self, name: str, kind: type[Word], message: RawValue) -> None:
        if not self._is_ours(name, message):
            return
        try:
            if len(message.payload.data) > LARGEST_WORD:
                raise ValueError(name)
            self._append_addressed(name, read_as(kind, content_of(message)))
        except ValueError:
            self.enqueue_action(name, None, NO_ARGUMENT)

    def _is_ours(self, name: str, message: RawValue) -> bool:
        """Return whether one of our programs sent it; a message of others is only noted."""
        self.authenticity.note(message)
        is_ours = self.authenticity.is_ours(message)
        if not is_ours:
            self._append(_strangers(name))
        return is_ours

    def _append_addressed(self, name: str, word: Word | LightRevoked) -> None:
        """Add a message, unless it is a copy of one to another claim."""
        is_meant = named_in(word) in ("", self._number) or not self.authenticity.is_strict
        self._append(word if is_meant else _strangers(name))

    def enqueue_action(
        self,
        name: str,
        action: Action | None,
        message: RawValue,
        given: dict[str, JsonValue] | None = None,
    ) -> None:
        """Add an action. A signal typed in the Temporal UI has bare fields or none at all, and gets a number here
        instead of a request id. `given`: fields that follow from the signal's name."""
        self.authenticity.note(message)
        envelope, readable = opened(message, is_typed=not self.authenticity.is_ours(message))
        if not is_believed(self.authenticity, name, message, envelope):
            envelope = Envelope(actor=sender_of(message), body=envelope.body, beside=envelope.beside)
        body = {**(given or {}), **envelope.body}
        numbered = not body.get("request_id")
        if numbered:
            self._unsigned += 1
            body["request_id"] = f"{CONSOLE_ID}{self._unsigned}"
        envelope = envelope.model_copy(update={"body": body})
        self._append(Received(name, action, envelope, numbered=numbered, readable=readable))


def named_in(word: Word | LightRevoked) -> str:
    """Return the claim that a message is for; empty if it names none."""
    match word:
        case TakeOver(into=number) | TakeOverAnswer(asked_by=number) | LightRevoked(number=number):
            return number
        case MattersRegistered():
            return ""


def _strangers(name: str) -> Received:
    return Received(name, None, Envelope(), numbered=True, is_ours=False)


def _news(message: RawValue) -> NewCalendar:
    try:
        return read_as(NewCalendar, content_of(message) or {})
    except ValueError:
        return NewCalendar()
