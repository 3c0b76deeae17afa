"""The relay sends what is due in the outbox, beside the worker's other work.

It sends at least once: if it dies after sending and before recording it, the lease expires and another relay sends the
same again, under the same reference.
"""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from calendar_rules import local_day
from calendar_rules.office_hours import OfficeHours
from claims.model.events import EventKind
from claims.notifications import Message, code_words, compose, what
from claims.text.phones import message_number
from claims.transition import ENTERPRISE
from notices.contacts import DEFAULT, BrokenContacts, ContactBook, Contacts
from notices.sender import OUT_OF_DATE, TOO_SLOW, UNKNOWN, begin
from records import outbox
from records.access.tracking_codes import code_to_send, phone_to_send_to
from records.database.engine import Records
from records.errors import RecordsUnavailable
from records.outbox import Lease
from records.people.city_entries import channels_by_addressee

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """Intervals and limits. Pauses double from the first to the longest: 26 tries take about 3 days."""

    poll: timedelta = timedelta(seconds=1)
    send_within: timedelta = timedelta(seconds=20)
    lease: timedelta = timedelta(minutes=2)
    first_pause: timedelta = timedelta(seconds=30)
    longest_pause: timedelta = timedelta(hours=4)
    tries: int = 26
    at_once: int = 4
    """Maximum messages that one channel sends at the same time."""

    def again_at(self, tries: int, now: datetime) -> datetime | None:
        """When to try again after this number of tries; None: never. Jitter is ±20 %."""
        if tries >= self.tries:
            return None
        pause = min(self.first_pause * (1 << (tries - 1)), self.longest_pause)
        return now + pause * random.uniform(0.8, 1.2)


USUAL: Final = Pace()


class Relay:
    """The relay of one worker. Any number of relays may share an outbox."""

    def __init__(
        self,
        records: Records,
        *,
        contacts: Path,
        public_url: str,
        names: Callable[[], Mapping[str, str]],
        clock: Callable[[], datetime],
        pace: Pace = USUAL,
        opens: Callable[[datetime, OfficeHours], datetime] = lambda at, _: at,
    ) -> None:
        """`opens`: when, by the office hours, a message about a limit may go out that is put out at an instant (R29)."""
        self._records = records
        self._book = ContactBook(contacts)
        self._public_url = public_url
        self._read_names = names
        self._names: Mapping[str, str] = {}
        self._clock = clock
        self._opens = opens
        self._pace = pace
        self._holder = uuid.uuid4().hex
        self._under_way: Counter[str] = Counter()
        self._sending: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Run until stopped; then finish deliveries in progress without starting new ones."""
        while not stop.is_set():
            if not await self._turn():
                await _pause(stop, self._pace.poll)
        if self._sending:
            await asyncio.wait(self._sending, timeout=self._pace.send_within.total_seconds())

    async def _turn(self) -> bool:
        """Take a turn; return whether there was anything to do."""
        try:
            return await self.take_a_turn()
        except RecordsUnavailable:
            log.warning("records-unavailable", during="notices")
        except Exception as error:  # noqa: BLE001  word to the units must not end with one mistake
            log.error("notices-turn-failed", error=type(error).__name__)
        return False

    async def take_a_turn(self) -> bool:
        """Route what is new and begin to send what is due. Returns whether there was anything."""
        contacts = await asyncio.to_thread(self._refreshed)
        now, busy = self._clock(), self._busy()
        if contacts is None or not await asyncio.to_thread(outbox.has_work, self._records, now, busy=busy):
            return False
        leases = await asyncio.to_thread(self._take, contacts, now, busy)
        for lease in leases:
            self._under_way[lease.channel] += 1
            task = asyncio.create_task(self._deliver(lease, contacts))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return bool(leases)

    def _refreshed(self) -> Contacts | None:
        try:
            if self._book.refresh() and self._book.contacts:
                log.info("contacts-read", channels=len(self._book.contacts.channels))
        except BrokenContacts as error:
            log.error("contacts-broken", error=str(error))
        return self._book.contacts

    def _busy(self) -> list[str]:
        return [name for name, count in self._under_way.items() if count >= self._pace.at_once]

    def _take(self, contacts: Contacts, now: datetime, busy: list[str]) -> list[Lease]:
        self._names = self._read_names()
        if new := outbox.unrouted(self._records):
            changed = channels_by_addressee(self._records, local_day(now))
            channels = {unit: changed.get(unit, self._by_file(contacts, changed, unit)) for unit in new}
            opens = self._opens(now, contacts.office_hours)
            outbox.route(self._records, channels, now, opens=opens, at_once=contacts.at_once)
        free = {name: self._pace.at_once - self._under_way[name] for name in contacts.channels}
        until = now + self._pace.lease
        return outbox.lease(self._records, holder=self._holder, free=free, busy=busy, now=now, until=until)

    @staticmethod
    def _by_file(
        contacts: Contacts, changed: Mapping[str, tuple[str, ...]], addressee: str
    ) -> tuple[str, ...]:
        """An addressee that is not listed has the default channels of the file; enterprises never have."""
        is_listed = addressee in contacts.contacts or addressee == ENTERPRISE
        return contacts.channels_of(addressee) if is_listed or DEFAULT not in changed else changed[DEFAULT]

    async def _deliver(self, lease: Lease, contacts: Contacts) -> None:
        try:
            address = await asyncio.to_thread(self._address, lease, contacts)
            news = await asyncio.to_thread(self._news, lease)
            if not news:
                await asyncio.to_thread(self._give_up, lease, OUT_OF_DATE)
            elif address:
                await self._send(lease, address, news)
            else:
                await asyncio.to_thread(self._settle, lease, UNKNOWN)
        except RecordsUnavailable:
            log.warning("records-unavailable", during="notices", claim=lease.number)
        except Exception as error:  # noqa: BLE001  the lease runs out and it is tried again
            log.error("notice-failed", claim=lease.number, channel=lease.channel, error=type(error).__name__)
        finally:
            self._under_way[lease.channel] -= 1

    async def _send(self, lease: Lease, address: str, news: str) -> None:
        """Send one message. It occupies its channel until its thread has ended; a late success counts."""
        answer = begin(address, self._message(lease, news))
        await asyncio.wait({answer}, timeout=self._pace.send_within.total_seconds())
        if answer.done():
            await asyncio.to_thread(self._settle, lease, answer.result())
            return
        await asyncio.to_thread(self._settle, lease, TOO_SLOW)
        if not await answer:
            await asyncio.to_thread(self._settle, lease, "")

    def _address(self, lease: Lease, contacts: Contacts) -> str:
        return contacts.address(lease.channel, phone=message_number(self._phone(lease)))

    def _phone(self, lease: Lease) -> str:
        if lease.addressee != ENTERPRISE:
            return ""
        if lease.number:
            return outbox.phone_of(self._records, lease.number)
        return phone_to_send_to(self._records, lease.notice)

    def _news(self, lease: Lease) -> str:
        """Return the text of the message; empty for a one-time code that can no longer be used. Codes are not
        part of any notice.
        """
        if lease.kind is not EventKind.TRACKING_CODE:
            return what(lease.kind, lease.text)
        code = code_to_send(self._records, lease.notice, self._clock())
        return code_words(code) if code else ""

    def _message(self, lease: Lease, news: str) -> Message:
        return compose(
            subject=self._subject(lease),
            news=news,
            copied_about="" if lease.addressee == lease.unit else self._names.get(lease.unit, lease.unit),
            where=f"{self._public_url}/{_page_of(lease)}",
            reference=reference_of(lease.id),
        )

    def _subject(self, lease: Lease) -> str:
        if lease.number:
            return f"工单{lease.number}"
        if lease.kind is EventKind.TRACKING_CODE:
            return "我要反映"
        of, _, id = lease.about.partition("-")
        if of in _CASES:
            return _CASES[of].subject.format(id)
        return f"{self._names.get(lease.about, lease.about)}亮牌、约谈与问责"

    def _give_up(self, lease: Lease, reason: str) -> None:
        outbox.mark_failed(self._records, lease, reason, at=self._clock(), again_at=None)
        log.info("notice-out-of-date", claim=lease.number, channel=lease.channel)

    def _settle(self, lease: Lease, reason: str) -> None:
        now, tries = self._clock(), lease.tries + 1
        if not reason:
            outbox.mark_sent(self._records, lease, now)
            log.info("notice-sent", claim=lease.number, unit=lease.addressee, channel=lease.channel)
            return
        again_at = self._pace.again_at(tries, now)
        outbox.mark_failed(self._records, lease, reason, at=now, again_at=again_at)
        event = "notice-given-up" if again_at is None else "notice-not-sent"
        told = {"claim": lease.number, "unit": lease.addressee, "channel": lease.channel}
        log.warning(event, **told, tries=tries, reason=reason)


class _Case(NamedTuple):
    subject: str
    page: str


_CASES: Final[Mapping[str, _Case]] = {
    "assessment": _Case("{}考核", "assessments/{}"),
    "meeting": _Case("{}联席会议", "meetings/{}"),
    "exclusion": _Case("工单{}剔除申请", "claims/{}"),
}
"""The subject of a notice that belongs to no claim and no unit's account, by the prefix of its id."""


def _page_of(lease: Lease) -> str:
    """Return the page that a message leads to."""
    if lease.kind is EventKind.TRACKING_CODE and not lease.number:
        return "report"
    if not lease.number:
        return f"app/{_page_about(lease.about)}"
    is_public = lease.addressee == ENTERPRISE
    return f"track?number={lease.number}" if is_public else f"app/claims/{lease.number}"


def _page_about(about: str) -> str:
    of, _, id = about.partition("-")
    return _CASES[of].page.format(id) if of in _CASES else f"units/{about}"


def reference_of(delivery: str) -> str:
    """Return the reference of a delivery, the same each time it is sent."""
    return sha256(delivery.encode()).hexdigest()[:16]


async def _pause(stop: asyncio.Event, pause: timedelta) -> None:
    try:
        await asyncio.wait_for(stop.wait(), pause.total_seconds())
    except TimeoutError:
        return


@asynccontextmanager
async def relaying(relay: Relay, stop: asyncio.Event) -> AsyncIterator[None]:
    """Run the relay within this block, until `stop` or the end of the block."""
    task = asyncio.create_task(relay.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task
