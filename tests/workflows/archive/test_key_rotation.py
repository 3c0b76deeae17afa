"""A claim continues while programs change their keys, and an auditor with the old keys can check all of it."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from audit.replay.replayer import replay_run
from claims.model.terms import Action, Stage
from records.database.engine import Records
from runtime.connection import FrontendAddress, connect
from runtime.data_converter import make_data_converter
from runtime.payloads.codec import EncryptingCodec, key_id_of
from runtime.payloads.keys import KeyMissing, PayloadKeys, new_keys, with_new_keys, with_newest_active
from runtime.payloads.origin import PayloadOrigin
from runtime.settings import load_settings
from tests.support.claims.people import CALLER, HANDLER
from tests.support.workflows.claim_play import Play
from tests.support.workflows.claim_play import Stage as Worker
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker

pytestmark = pytest.mark.rule("R70")

FIRST = new_keys(date(2026, 11, 24))
SPREAD = with_new_keys(FIRST, date(2027, 11, 24))
SWITCHED = with_newest_active(SPREAD)


async def client_with(server: DevServer, keys: PayloadKeys) -> Client:
    converter = make_data_converter(EncryptingCodec(keys))
    return await connect(FrontendAddress(server.target, load_settings().namespace, converter))


@asynccontextmanager
async def working(
    server: DevServer, keys: PayloadKeys, records: Records, queue: str, home: Path
) -> AsyncIterator[Worker]:
    """Run a worker with these keys."""
    client = await client_with(server, keys)
    settings = load_settings().model_copy(update={"task_queue": queue, "home": home})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            yield Worker(client, queue, records)


async def test_a_claim_lives_through_a_rotation(server: DevServer, records: Records, tmp_path: Path) -> None:
    queue = f"rotation-{uuid4().hex[:8]}"
    async with working(server, FIRST, records, queue, tmp_path) as worker:
        play = await (await worker.register()).dispatched()
        number, id = play.number, play.handle.id
    async with working(server, SPREAD, records, queue, tmp_path) as worker:
        handle = worker.client.get_workflow_handle(id)
        await Play(handle, worker.client, number, records).must(Action.CONTACT, HANDLER)
        ahead = await client_with(server, SWITCHED)
        play = Play(ahead.get_workflow_handle(id), ahead, number, records)
        await play.must(Action.REPLY, HANDLER)  # an API that already encrypts with the new key
    async with working(server, SWITCHED, records, queue, tmp_path) as worker:
        play = Play(worker.client.get_workflow_handle(id), worker.client, number, records)
        await play.must(Action.WITHDRAW, CALLER)
        claim = await play.claim()
        assert claim.stage is Stage.CLOSED
        history = await play.handle.fetch_history()
    signals = [
        event.workflow_execution_signaled_event_attributes.input.payloads[0]
        for event in history.events
        if event.HasField("workflow_execution_signaled_event_attributes")
    ]
    old, new = (keys.active[PayloadOrigin.PROGRAM] for keys in (FIRST, SWITCHED))
    assert [key_id_of(one) for one in signals] == [old, old, new, new]
    assert (await replay_run(history, make_data_converter(EncryptingCodec(SWITCHED)))).claim == claim
    with pytest.raises(KeyMissing):
        await EncryptingCodec(FIRST).decode(signals)
