"""What has reached a claim and waits its turn: acts of people, and timers that have fired.

One thing is done after the other, in the order of arrival, so that two people acting at once find one
truth, and an act that came before a limit's end is done before the end is.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import JsonValue, ValidationError

    from activities.delivery import Delivery
    from activities.workflow_ids import REVOKE_LIGHT, TAKE_OVER, TAKE_OVER_ANSWERED, signal_name
    from claims.deadlines.recalculation import NewCalendar, NewEdition, News
    from claims.model.envelopes import Envelope
    from claims.model.journal import TransitionRecord
    from claims.model.split import MattersRegistered
    from claims.model.take_over import TakeOver, TakeOverAnswer
    from claims.model.terms import Action
    from claims.model.unit_action_bodies import LightRevoked


NO_ARGUMENT: Final = RawValue(Payload())
"""What a signal without an argument carries."""
CONSOLE_ID: Final = "console-"
"""How the request ids begin that are given here to signals without one."""
ACTIONS: Final = MappingProxyType({signal_name(action): action for action in Action})
"""Actions by the names of their signals."""
_NOT_STORABLE: Final = re.compile("[\\x00\\ud800-\\udfff]")


@dataclass(frozen=True, slots=True)
class Received:
    """An act as it came; `action` is None for a signal that the procedure does not know. `numbered`: whoever sent it
    gave it no request id. `readable`: False where the signal's content could not be read, and the envelope is blank."""

    name: str
    action: Action | None
    envelope: Envelope
    numbered: bool = False
    readable: bool = True

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
    """Word of a new calendar or edition whose sender waits until it is done, and takes the record of it."""

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
LARGEST_WORD: Final = 64 * 1024
"""Bytes of what one claim says to another; more is not from a claim."""
LONGEST_ID: Final = 128
"""Characters of a request id."""
LARGEST_MESSAGE: Final = 256 * 1024
"""Bytes of a signal that is read. The API's largest is smaller; to read a crowd of larger ones would take longer than
a workflow task may."""
LARGEST_PART: Final = 32 * 1024
"""Bytes of what the API adds to a body: the actor, the units, the schedules. More is not from the API."""


class Inbox:
    """A queue that opens every letter without ever raising."""

    def __init__(self) -> None:
        self._waiting: deque[Item] = deque()
        self._not_yet: list[NewCalendar] = []
        self._until_then: set[asyncio.Task[None]] = set()
        self._unsigned = 0
        self.witness: Callable[[Item], None] | None = None
        """Told of each thing as it is taken; for whoever replays."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self) -> Item:
        """The next thing to do."""
        item = self._waiting.popleft()
        if self.witness is not None:
            self.witness(item)
        return item

    def enqueue_timer(self, at: datetime) -> None:
        """A timer has fired."""
        self._append(TimerFired(at))

    def enqueue_update(self, news: News) -> PendingRecalculation:
        """Word of a new calendar or edition has come, with answers."""
        pending = PendingRecalculation(news)
        self._append(pending)
        return pending

    def enqueue_delivery(self, delivery: Delivery) -> None:
        """What would have been a signal has come by an update."""
        message = RawValue(workflow.payload_converter().to_payload(delivery.message))
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
        """Word of a new calendar has come; whatever else it says, the calendar is looked at: when its time has
        come, or before anything else is done. What somebody typed brings no answers."""
        news = _news(message).model_copy(update={"answers": ()})
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
        """Word of a new edition has come (R7); what cannot be read says nothing. What somebody typed brings no answers."""
        content = content_of(message)
        try:
            self._append(NewEdition.model_validate(content).model_copy(update={"answers": ()}))
        except ValidationError:
            self.enqueue_action("adopt_edition", None, message)

    def enqueue_revocation(self, message: RawValue) -> None:
        """A unit's account says that a light is revoked; what cannot be read says nothing."""
        content = content_of(message)
        try:
            self._append(LightRevoked.model_validate(content))
        except ValidationError:
            self.enqueue_action(REVOKE_LIGHT, None, message)

    def enqueue_take_over(self, message: RawValue) -> None:
        """Another claim is to be merged into this one (R48); what cannot be read says nothing."""
        self._append_word(TAKE_OVER, TakeOver, message)

    def enqueue_take_over_answer(self, message: RawValue) -> None:
        """The other claim has answered (R48); what cannot be read says nothing."""
        self._append_word(TAKE_OVER_ANSWERED, TakeOverAnswer, message)

    def enqueue_matters(self, message: RawValue) -> None:
        """The other matters of a call are registered (R49); what cannot be read says nothing."""
        self._append_word("matters_registered", MattersRegistered, message)

    def _append_word(self, name: str, kind: type[Word], message: RawValue) -> None:
        try:
            if len(message.payload.data) > LARGEST_WORD:
                raise ValueError(name)
            self._append(kind.model_validate(content_of(message)))
        except ValueError:
            self.enqueue_action(name, None, NO_ARGUMENT)

    def enqueue_action(
        self,
        name: str,
        action: Action | None,
        message: RawValue,
        given: dict[str, JsonValue] | None = None,
    ) -> None:
        """An act has come. A signal typed in the Temporal UI is its bare fields, or nothing at all; it is
        numbered here, since nobody repeats it by its id. `given` are fields that the signal's name says."""
        envelope, readable = _open(message)
        body = {**(given or {}), **envelope.body}
        numbered = not body.get("request_id")
        if numbered:
            self._unsigned += 1
            body["request_id"] = f"{CONSOLE_ID}{self._unsigned}"
        envelope = envelope.model_copy(update={"body": body})
        self._append(Received(name, action, envelope, numbered=numbered, readable=readable))


def _open(message: RawValue) -> tuple[Envelope, bool]:
    """The envelope, and whether the signal could be read. A signal without an argument can."""
    content = content_of(message)
    if isinstance(content, dict):
        return envelope_of(content)
    return Envelope(), content is None and message.payload.data in (b"", b"null")


def envelope_of(content: Mapping[str, object]) -> tuple[Envelope, bool]:
    """The envelope that a signal carries, or that its bare fields make, and whether it could be read."""
    try:
        if not (isinstance(content.get("body"), dict) and "actor" in content):
            return Envelope.model_validate({"body": content}), True
        if _is_of_the_api(content):
            return Envelope.model_validate(content), True
    except ValidationError:
        pass
    return Envelope(), False


def _is_of_the_api(content: Mapping[str, object]) -> bool:
    """What is added to a body is kept by the claim as it is, so it must be as small as the API makes it."""
    added = [content.get(name) for name in ("actor", "units", "schedules")]
    return all(len(json.dumps(part, ensure_ascii=False)) <= LARGEST_PART for part in added)


def _news(message: RawValue) -> NewCalendar:
    try:
        return NewCalendar.model_validate(content_of(message) or {})
    except ValidationError:
        return NewCalendar()


def content_of(message: RawValue) -> object:
    """What a signal carries; None where it is nothing, or nothing that can be read. Whatever the decoder raises, it
    must not leave the handler: the claim's tasks would fail for ever."""
    if message is NO_ARGUMENT or len(message.payload.data) > LARGEST_MESSAGE:
        return None
    try:
        return storable(workflow.payload_converter().from_payload(message.payload))
    except Exception:  # noqa: BLE001  an unknown encoding raises KeyError, deep JSON RecursionError
        return None


def storable(content: object) -> object:
    """The same without what no database keeps: NUL and lone surrogates become U+FFFD."""
    if isinstance(content, str):
        return _NOT_STORABLE.sub("\ufffd", content)
    if isinstance(content, dict):
        return {storable(key): storable(value) for key, value in content.items()}
    if isinstance(content, list):
        return [storable(item) for item in content]
    return content
