"""With a payload codec, archive, replay, verification and rebuild work although only the codec can read the
payloads.
"""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select

from activities.workflow_ids import workflow_id
from archive.reader import Archive
from audit.histories.collector import HistoryCollector
from audit.histories.sources import Sources
from audit.verification.read_model import Comparison
from audit.verification.verify import Holdings, verified_text, verify_all
from claims.model.claim_parts import Closure
from claims.model.terms import Action
from records.contents import ContentStore
from records.database.engine import Records, open_records
from records.tables import INTAKE
from runtime.connection import FrontendAddress, connect
from runtime.data_converter import make_data_converter
from runtime.payloads.codec import EncryptingCodec
from runtime.payloads.keys import new_keys
from runtime.settings import load_settings
from tests.support.archive.closed_claims import RETENTION, sweeper_of, visible
from tests.support.claims.people import OPERATOR, order
from tests.support.workflows.claim_play import Play, Stage
from tools import namespaces
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker
from workflows.messages import Opening
from workflows.search_attributes import SEARCH_ATTRIBUTES

CONVERTER: Final = make_data_converter(EncryptingCodec(new_keys(date(2026, 11, 24))))

pytestmark = pytest.mark.rule("R70")


@pytest_asyncio.fixture(loop_scope="session")
async def encoded_stage(server: DevServer, records: Records, tmp_path: Path) -> AsyncIterator[Stage]:
    """A worker and users who all encode."""
    address = FrontendAddress(server.target, f"encoded-{uuid4().hex[:8]}", CONVERTER)
    client = await connect(address)
    await namespaces.prepare(client, RETENTION, SEARCH_ATTRIBUTES)
    settings = load_settings().model_copy(update={"task_queue": address.namespace, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            yield Stage(client, address.namespace, records)


async def declined_claim(stage: Stage) -> Play:
    """Return a declined claim with a dated number, because `rebuild` counts numbers by day."""
    number = f"QH20261124{uuid4().int % 10**8:08}"
    opening = Opening(number=number, order=order(), actor=OPERATOR)
    handle = await stage.client.start_workflow(
        "Claim", opening, id=workflow_id(number), task_queue=stage.task_queue, result_type=Closure
    )
    play = Play(handle, stage.client, number, stage.records)
    await play.must(Action.DECLINE, OPERATOR)
    await handle.result()
    return play


async def test_an_encoded_history_is_archived_verified_and_rebuilt(
    encoded_stage: Stage, tmp_path: Path
) -> None:
    play = await declined_claim(encoded_stage)
    await visible(encoded_stage, play)
    await sweeper_of(encoded_stage, tmp_path / "archive").sweep()
    archive = Archive.at(str(tmp_path / "archive"))
    [entry] = archive.find(play.number)
    assert order().enterprise.encode() not in archive.read(entry)
    assert entry.calendar_versions
    contents = ContentStore(tmp_path / "attachments")
    holdings = Holdings(Sources(None, str(tmp_path / "archive")), encoded_stage.records, contents, CONVERTER)
    verified = await verify_all(holdings)
    assert verified.ok, verified_text(verified)
    with open_records(f"sqlite:///{tmp_path / 'again.db'}") as again:
        comparison = Comparison(again, contents, HistoryCollector(archive, None), data_converter=CONVERTER)
        found = await comparison.rebuild()
        assert (found.claims, found.rewritten, found.problems) == (1, 1, [])
        with again.reading() as connection:
            payload = connection.scalar(select(INTAKE.c.payload))
    assert payload is not None
    assert payload["order"]["enterprise"] == order().enterprise
