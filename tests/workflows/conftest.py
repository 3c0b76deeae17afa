"""Namespaces and clients of the workflow tests."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest_asyncio
from temporalio.client import Client

from records.database.engine import Records
from runtime.connection import FrontendAddress, connect
from runtime.settings import load_settings
from tests.support.archive.closed_claims import RETENTION
from tests.support.keyless import STRANGERS, administrators
from tests.support.workflows.claim_play import Stage
from tools import namespaces
from tools.dev_server import DevServer
from worker import ACTIVITY_THREADS, build_worker
from workflows.search_attributes import SEARCH_ATTRIBUTES


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def quiet(server: DevServer) -> Client:
    """A namespace in which only the archive's tests close workflows."""
    return await _new_namespace(server, "archive")


@pytest_asyncio.fixture(loop_scope="session")
async def alone(server: DevServer) -> Client:
    """A namespace for one test, without other tests' builds and claims."""
    return await _new_namespace(server, "alone")


async def _new_namespace(server: DevServer, name: str) -> Client:
    address = FrontendAddress(server.target, f"{name}-{uuid4().hex[:8]}", load_settings().data_converter)
    client = await connect(address)
    await namespaces.prepare(client, RETENTION, SEARCH_ATTRIBUTES)
    return client


@pytest_asyncio.fixture(loop_scope="session")
async def quiet_stage(quiet: Client, records: Records, tmp_path: Path) -> AsyncIterator[Stage]:
    queue = f"claims-{tmp_path.name}"
    settings = load_settings().model_copy(update={"task_queue": queue, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(quiet, settings, records, threads):
            yield Stage(quiet, queue, records)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stranger(server: DevServer) -> Client:
    """A client without keys."""
    return await connect(FrontendAddress(server.target, load_settings().namespace, STRANGERS))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def administrator(server: DevServer) -> Client:
    """A client that encrypts as the codec server does for an administrator."""
    return await connect(FrontendAddress(server.target, load_settings().namespace, administrators("张三")))
