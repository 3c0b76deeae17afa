"""A worker dies by SIGKILL at a point while giving a light: one letter, one light, one of everything.

A few points are played at a time, each with its own worker process, task queue, records and unit.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from typing import NamedTuple

import pytest
import pytest_asyncio
from sqlalchemy import select
from temporalio.client import Client

from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.terms import Action, Colour, LimitKind, Role
from claims.model.unit_account import UnitAccount
from claims.notifications import DeliveryState
from claims.papers.requests import PaperKind, letter_paper_id
from notices.relay import Relay, relaying
from records.accounts import unit_journal
from records.attachments import Attachment, attachments_of
from records.database.engine import Records, open_records
from records.outbox import Delivery, deliveries
from records.queries.claims import snapshot
from records.tables import DOCUMENT_NUMBER
from runtime.settings import Settings
from tests.support.claims.people import person
from tests.support.http_server import LOCAL
from tests.support.notices.notice_receivers import Gateway, gateway
from tests.support.notices.outbox_samples import BRISK, contacts
from tests.support.polling import patience, until
from tests.support.processes.forked_processes import FORKED, kill
from tests.support.workflows.claim_play import A_MOMENT, Play, Stage, end_of_working_day
from tests.support.workflows.dying_worker import Point, run_worker, worker_log
from tests.support.workflows.unit_play import Account
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker

COPIES = {"LG-ZH", "LG-DD"}
AT_ONCE = 7
"""Each needs two workers; all at once would slow each other down."""
YELLOW, RED = Colour.YELLOW, Colour.RED


class Accident(NamedTuple):
    """Where the worker dies, for which light, and whose."""

    point: Point
    colour: Colour
    unit: str

    def __str__(self) -> str:
        return f"{self.point}-{self.colour}"


ACCIDENTS = (
    Accident(Point.NEVER, YELLOW, "ZZ-HG"),  # killed before the timer fires, which then finds no worker
    Accident(Point.DECIDED, RED, "ZZ-RH"),
    Accident(Point.IN_THE_TRANSACTION, YELLOW, "ZZ-JGJ"),
    Accident(Point.RECORDED, RED, "ZZ-XF"),
    Accident(Point.NUMBERED, YELLOW, "ZZ-QX"),
    Accident(Point.KEPT, YELLOW, "ZZ-YC"),
    Accident(Point.FILED, YELLOW, "ZZ-YZ"),
    Accident(Point.UNREPORTED, YELLOW, "ZZ-DX"),
    Accident(Point.REPORTED, RED, "ZZ-YD"),
    Accident(Point.COUNTED, YELLOW, "ZZ-LT"),
    Accident(Point.ACCOUNTED, RED, "ZZ-RQ"),
    Accident(Point.LEASED, YELLOW, "ZZ-SWS"),
    Accident(Point.SENT, RED, "ZZ-TYJ"),
)
TOLD = (Point.LEASED, Point.SENT)
"""Where the unit's recipients have a channel."""


@dataclass
class Aftermath:
    """The final state after recovery."""

    unit: str
    due: datetime
    red_at: datetime
    claim: Claim
    entries: list[Entry]
    papers: list[Attachment]
    numbers: list[str]
    account: UnitAccount
    account_lines: list[Entry]
    ledger: list[Delivery]
    references: list[str] = field(default_factory=list)


class Scene:
    """One accident: a process that dies, and a worker of this process that continues."""

    def __init__(self, accident: Accident, client: Client, settings: Settings, records: Records) -> None:
        self.accident = accident
        self.stage = Stage(client, settings.task_queue, records)
        self.settings = settings
        self.records = records
        self.handler = person(Role.HANDLER, accident.unit)

    async def play(self, gate: Gateway, turn: asyncio.Semaphore) -> Aftermath:
        """Play a missed contact: yellow, red, and a death on the way; waits for its turn."""
        async with turn, patience():
            return await self._play(gate)

    async def _play(self, gate: Gateway) -> Aftermath:
        process = FORKED.Process(
            target=run_worker, args=(self.settings, self.accident.point, self.accident.colour)
        )
        process.start()
        try:
            play = await (await self.stage.register()).dispatched(unit=self.accident.unit)
            await play.must(Action.REPLY, self.handler)
            due = await play.due(LimitKind.CONTACT)
            red_at = end_of_working_day(1, due)
            passing = await self._die(play, process, instant=red_at + A_MOMENT)
        finally:
            kill(process)
        async with self._worker(), self._relay():
            await passing
            await play.must(Action.CONTACT, self.handler)
            return await self._aftermath(play, due, red_at, gate)

    async def _die(self, play: Play, process: BaseProcess, *, instant: datetime) -> asyncio.Task[None]:
        """Advance time until the worker dies; another worker must start before this returns."""
        left = instant - (await play.look()).now  # a dead worker answers no query
        if self.accident.point is Point.NEVER:
            await until(lambda: is_idle(play))
            kill(process)
        passing = asyncio.create_task(play.wait(left))
        await until(lambda: not process.is_alive())
        if self.accident.point is Point.NEVER:
            await until(lambda: has_fired(play))
        assert process.exitcode == -signal.SIGKILL, worker_log(self.settings).read_text(errors="replace")
        return passing

    @asynccontextmanager
    async def _worker(self) -> AsyncIterator[None]:
        with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
            async with build_worker(self.stage.client, self.settings, self.records, threads):
                yield

    @asynccontextmanager
    async def _relay(self) -> AsyncIterator[None]:
        """Relay minutes later, when the dead relay's leases have expired."""
        relay = Relay(
            self.records,
            contacts=self.settings.contacts,
            public_url="https://zaoying.example",
            names=dict,
            clock=lambda: datetime.now(UTC) + timedelta(minutes=5),
            pace=BRISK,
        )
        async with relaying(relay, asyncio.Event()):
            yield

    async def _aftermath(self, play: Play, due: datetime, red_at: datetime, gate: Gateway) -> Aftermath:
        account = Account(self.stage, self.accident.unit)
        await until(lambda: self._is_all_done(play, account))
        with self.records.reading() as connection:
            claim = await play.claim()
            paper = letter_paper_id(claim.letters[0])
            numbers = select(DOCUMENT_NUMBER.c.number).where(DOCUMENT_NUMBER.c.paper == paper)
            return Aftermath(
                unit=self.accident.unit,
                due=due,
                red_at=red_at,
                claim=claim,
                entries=await play.entries(),
                papers=attachments_of(self.records, play.number),
                numbers=list(connection.scalars(numbers)),
                account=await account.recorded(),
                account_lines=unit_journal(self.records, self.accident.unit),
                ledger=deliveries(self.records, number=play.number),
                references=[
                    one["reference"]
                    for one in gate.got
                    if play.number in one["message"] and "亮牌" in one["message"]
                ],
            )

    async def _is_all_done(self, play: Play, account: Account) -> bool:
        """Return whether the claim's last step is recorded, the letter filed, both lights counted, and
        nothing left to send.
        """
        claim, recorded = await play.claim(), snapshot(self.records, play.number)
        filed = [one.kind for one in attachments_of(self.records, play.number)]
        states = {one.state for one in deliveries(self.records, number=play.number)}
        return (
            recorded == claim
            and PaperKind.SUPERVISION_LETTER in filed
            and await account.exists()
            and len((await account.look()).account.lights) == len(claim.lights) == 2
            and DeliveryState.WAITING not in states
        )


async def is_idle(play: Play) -> bool:
    """Return whether the claim waits only for timers. Only then can its time advance without a worker."""
    described = (await play.handle.describe()).raw_description
    return not described.pending_activities and not described.HasField("pending_workflow_task")


async def has_fired(play: Play) -> bool:
    """Return whether the server has fired the timer."""
    history = await play.handle.fetch_history()
    return any(event.HasField("timer_fired_event_attributes") for event in history.events)


@pytest.fixture(scope="module")
def gate() -> Iterator[Gateway]:
    """The receiver of notices."""
    with gateway() as box:
        yield box


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def aftermaths(
    server: DevServer, client: Client, tmp_path_factory: pytest.TempPathFactory, gate: Gateway
) -> dict[Accident, Aftermath | BaseException]:
    """The final state after each accident."""
    with ExitStack() as opened, pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", LOCAL)

        def scene(accident: Accident) -> Scene:
            home = tmp_path_factory.mktemp(str(accident))
            settings = Settings(home=home, temporal_address=server.target, task_queue=home.name)
            if accident.point in TOLD:
                contacts(home, {"企业微信": gate.url()})
            records = opened.enter_context(open_records(settings.records_url))
            return Scene(accident, client, settings, records)

        turn = asyncio.Semaphore(AT_ONCE)
        scenes = [scene(accident) for accident in ACCIDENTS]
        results = await asyncio.gather(*(one.play(gate, turn) for one in scenes), return_exceptions=True)
    return dict(zip(ACCIDENTS, results, strict=True))


@pytest.fixture(params=ACCIDENTS, ids=str)
def aftermath(
    request: pytest.FixtureRequest, aftermaths: dict[Accident, Aftermath | BaseException]
) -> Aftermath:
    """The final state after one accident."""
    found = aftermaths[request.param]
    if isinstance(found, BaseException):
        raise found
    return found


@pytest.mark.rule("R31", "R32", "R38")
def test_a_worker_killed_in_the_middle_of_a_light_leaves_one_of_each(aftermath: Aftermath) -> None:
    due, red_at, claim = aftermath.due, aftermath.red_at, aftermath.claim
    assert [(light.colour, light.at) for light in claim.lights] == [(YELLOW, due), (RED, red_at)]
    assert [letter.at for letter in claim.letters] == [due]
    assert [entry.seq for entry in aftermath.entries] == list(range(1, claim.seq + 1))
    kinds = Counter(entry.kind for entry in aftermath.entries)
    assert (kinds[EventKind.LETTER_ISSUED], kinds[EventKind.LIGHT_GIVEN]) == (1, 2)
    letters = [paper for paper in aftermath.papers if paper.kind is PaperKind.SUPERVISION_LETTER]
    assert [letter.document_number for letter in letters] == aftermath.numbers
    assert len(aftermath.numbers) == 1
    assert sorted(aftermath.account.lights) == sorted(light.id for light in claim.lights)
    lines = [line for line in aftermath.account_lines if line.kind is EventKind.LIGHT_GIVEN]
    assert sorted(line.at for line in lines) == [due, red_at]
    told = Counter((one.kind, one.addressee, one.at) for one in aftermath.ledger if one.kind in _OF_LIGHTS)
    assert told == dict.fromkeys(
        [
            (kind, addressee, at)
            for kind, at in (
                (EventKind.LETTER_ISSUED, due),
                (EventKind.LIGHT_GIVEN, due),
                (EventKind.LIGHT_GIVEN, red_at),
            )
            for addressee in (aftermath.unit, *COPIES)
        ],
        1,
    )


_OF_LIGHTS = (EventKind.LETTER_ISSUED, EventKind.LIGHT_GIVEN)


@pytest.mark.rule("R20", "R38")
@pytest.mark.parametrize("aftermath", [a for a in ACCIDENTS if a.point in TOLD], ids=str, indirect=True)
def test_what_went_out_twice_went_out_under_one_reference(aftermath: Aftermath) -> None:
    """Two lights to three addressees; sent at least once, and in the ledger once."""
    assert len(set(aftermath.references)) == 2 * 3
    lights = [one for one in aftermath.ledger if one.kind is EventKind.LIGHT_GIVEN]
    assert [one.state for one in lights] == [DeliveryState.SENT] * 6
