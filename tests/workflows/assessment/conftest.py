"""A namespace for each test, because periods have fixed workflow ids."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest_asyncio

from records.database.engine import Records
from runtime.connection import FrontendAddress, connect
from runtime.settings import load_settings
from tests.support.archive.closed_claims import RETENTION
from tests.support.workflows.claim_play import Stage
from tools import namespaces
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker
from workflows.search_attributes import SEARCH_ATTRIBUTES


@pytest_asyncio.fixture(loop_scope="session")
async def own_stage(server: DevServer, records: Records, tmp_path: Path) -> AsyncIterator[Stage]:
    """A worker on the test's own namespace."""
    address = FrontendAddress(server.target, f"assessment-{uuid4().hex[:8]}", load_settings().data_converter)
    client = await connect(address)
    await namespaces.prepare(client, RETENTION, SEARCH_ATTRIBUTES)
    settings = load_settings().model_copy(update={"home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            yield Stage(client, settings.task_queue, records)
