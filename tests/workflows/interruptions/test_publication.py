"""A worker dies by SIGKILL at every step of a publication: one edition, the same bytes, one notice each (R62)."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from activities.assessment.contents import kept_edition
from activities.assessment.messages import DRAFT_ASSESSMENT, MAKE_EDITION
from activities.workflow_ids import edition_workflow_id
from assessment.cadence.actions import PeriodAction
from assessment.cadence.model import PeriodStage, PeriodState
from assessment.cases.model import CaseEnvelope, CaseKind
from assessment.editions.model import sha256
from assessment.editions.monthly import monthly_edition
from assessment.facts.exclusions import Exclusion
from assessment.facts.extraction import recorded_facts
from assessment.facts.model import Fact
from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.terms import ExclusionReason
from assessment.units import assessed_units
from claims.model.events import EventKind
from claims.model.values import Actor
from data import load_organisation
from records.cases.reader import case_journal
from records.database.engine import open_records
from records.outbox import deliveries
from runtime.connection import connect
from runtime.settings import Settings
from tests.support.archive.closed_claims import RETENTION
from tests.support.assessment.november import stories
from tests.support.assessment.period_play import PeriodPlay, contents_at, keep_november
from tests.support.claims.people import COORDINATOR, HEAD, POWER
from tests.support.polling import until
from tests.support.processes.forked_processes import FORKED, kill
from tests.support.workflows.claim_play import Stage
from tests.support.workflows.dying_worker import DeathAtRecord, run_worker_until, worker_log
from tools import namespaces
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker
from workflows.search_attributes import SEARCH_ATTRIBUTES

NOVEMBER = "2026-11"


class Publication:
    """November's publication, with a series of workers."""

    def __init__(self, play: PeriodPlay, settings: Settings) -> None:
        self.play = play
        self._settings = settings

    @asynccontextmanager
    async def dies(self, death: str | DeathAtRecord) -> AsyncIterator[None]:
        """Run the block with a worker that dies on the way; wait until it has."""
        process = FORKED.Process(target=run_worker_until, args=(self._settings, death))
        process.start()
        try:
            yield
            await until(lambda: not process.is_alive())
            said = worker_log(self._settings).read_text(errors="replace")
            assert process.exitcode == -signal.SIGKILL, said
        finally:
            kill(process)

    async def send(self, action: PeriodAction, actor: Actor, **fields: object) -> None:
        """Send an action, which may never be answered."""
        body = {"request_id": str(uuid4()), **fields}
        signal_name = action.value.replace("-", "_")
        envelope = CaseEnvelope.model_validate({"actor": actor, "body": body})
        await self.play.handle.signal(signal_name, envelope.addressed(self.play.handle.id, signal_name))

    async def go_through_it(self) -> None:
        """Gather, draft, notify, object, publish, freeze, with a death at each."""
        async with self.dies(DRAFT_ASSESSMENT):
            passing = asyncio.create_task(self.play.until(parse_period(NOVEMBER).ends_at))
        async with self.dies(DeathAtRecord("drafted", written=False)):
            await passing
        async with self.dies(DeathAtRecord("drafted", written=True)):
            pass
        async with self.dies(DeathAtRecord("objected", written=True)):
            await self.send(PeriodAction.OBJECT, HEAD, unit=POWER, claim="QH16", reason="企业拒绝配合")
        async with self.dies(MAKE_EDITION):
            await self.play.at_stage(PeriodStage.DRAFT)
            await self.play.after_objections()
            decision = {"upheld": True, "text": "属实", "effect": "exclude", "reason": "uncooperative"}
            await self.play.must(
                PeriodAction.DECIDE_OBJECTION, COORDINATOR, objection=f"{NOVEMBER}-1", **decision
            )
            await self.send(PeriodAction.PUBLISH, COORDINATOR)
        async with self.dies(DeathAtRecord("published", written=True)):
            pass


def expected(state: PeriodState) -> str:
    """The hash of the same month, computed claim by claim without accidents."""
    facts: list[Fact] = []
    for play in stories():
        play.run("Mon 12-07 09:00")
        facts += recorded_facts(play.paper.claim, play.paper.journal)
    (objection,) = state.objections
    assert objection.decision is not None
    left_out = Exclusion(
        claim="QH16",
        unit=POWER,
        reason=ExclusionReason.UNCOOPERATIVE,
        decided_on=state.upheld_exclusions[0].decided_on,
        decision="属实",
    )
    month, units = parse_period(NOVEMBER), assessed_units(load_organisation())
    scheme = scheme_for(month, load_schemes())
    return sha256(monthly_edition(month, facts, units, scheme, exclusions=[left_out]))


@pytest.mark.rule("R62")
async def test_a_worker_killed_at_every_step_of_a_publication_leaves_one_edition_and_the_same_bytes(
    server: DevServer, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path,
        temporal_address=server.target,
        namespace=f"publication-{uuid4().hex[:8]}",
        task_queue=tmp_path.name,
    )
    client = await connect(settings)
    await namespaces.prepare(client, RETENTION, SEARCH_ATTRIBUTES)
    with open_records(settings.records_url) as records, ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        keep_november(records)
        stage = Stage(client, settings.task_queue, records)
        play = await PeriodPlay.begin(stage, NOVEMBER)
        await Publication(play, settings).go_through_it()
        async with build_worker(client, settings, records, threads):
            await play.at_stage(PeriodStage.PUBLISHED)
            state = await play.recorded()
            noted = client.get_workflow_handle(edition_workflow_id(NOVEMBER, 1), result_type=str)
            frozen = await noted.result()
        (published,) = state.published
        assert published.hash == frozen == expected(state)
        assert sha256(kept_edition(contents_at(tmp_path), published.hash)) == published.hash
        lines = case_journal(records, CaseKind.ASSESSMENT, NOVEMBER)
        assert [line.seq for line in lines] == list(range(1, state.seq + 1))
        once = {"drafted", "objected", "objection-decided", "publication-ordered", "published"}
        assert once <= Counter(line.kind for line in lines).keys()
        assert {line.kind for line in lines if line.kind not in once} <= {"overdue"}
        assert max(Counter(line.kind for line in lines).values()) == 1
        told = Counter((one.kind, one.addressee) for one in deliveries(records, limit=1000))
        assert told[EventKind.ASSESSMENT_PUBLISHED, POWER] == told[EventKind.ASSESSMENT_DRAFTED, POWER] == 1
        assert set(told.values()) == {1}
