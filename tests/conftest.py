"""Shared fixtures: a real Temporal server, a worker, databases, the API."""

import gc
import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from execnet import XSpec
from temporalio.client import Client
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from records.database.engine import Records, open_records
from runtime.connection import FrontendAddress, connect
from runtime.settings import load_settings
from tests.support import time_limits
from tests.support.archive.closed_claims import RETENTION
from tests.support.hypothesis_profile import EFFORT, use_profile
from tests.support.payload_keys import use_keys_of_the_tests
from tests.support.processes.forked_workers import fork_workers
from tests.support.processes.process_table import pause, resume
from tests.support.processes.work_order import BySystem, place
from tests.support.records.postgres import FORGETFUL, Cluster, running_cluster
from tests.support.records.shared_statements import share_statements
from tests.support.workflows.claim_play import Stage
from tools import namespaces
from tools.dev_server import DevServer, DevServerOptions
from tools.temporal_cli import find_or_build
from worker import ACTIVITY_THREADS, build_worker
from workflows.search_attributes import SEARCH_ATTRIBUTES

use_keys_of_the_tests()
use_profile()
share_statements()

gc.disable()
"""Delay garbage collection while modules and tests are loaded, all of which stay; it would take a third of
that time.
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort the longest tests first, deselect those for `make explore`, and limit how long the others wait."""
    if EFFORT == 1:
        left_out = [item for item in items if item.get_closest_marker("explore")]
        items[:] = [item for item in items if not item.get_closest_marker("explore")]
        config.hook.pytest_deselected(items=left_out)
        for item in items:
            time_limits.end(item)
    items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: Sequence[XSpec]) -> None:
    """Let the processes share what takes each of them seconds to load."""
    fork_workers(config, specs)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Distribute files as a whole."""
    return BySystem(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_finish() -> None:
    """Exclude everything loaded so far from garbage collection."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def temporal_cli() -> Path:
    """The Temporal CLI; built once if the machine has none."""
    settings = load_settings()
    return find_or_build(explicit=settings.temporal_cli, cache_dir=settings.cache, say=_tell)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared_server(
    temporal_cli: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DevServer]:
    """A real server in memory, on virtual time. It stands still between the modules that use it: one that has served many
    takes a twentieth of a processor when it has nothing to do."""
    log_path = tmp_path_factory.mktemp("server") / "temporal.log"
    options = DevServerOptions(
        cli=temporal_cli, log_path=log_path, search_attributes=SEARCH_ATTRIBUTES, virtual_time=True
    )
    async with DevServer(options) as running:
        assert running.pid is not None
        pause(running.pid)
        yield running
        resume(running.pid)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(shared_server: DevServer) -> AsyncIterator[DevServer]:
    """The shared server with a namespace per module: no workflow of another module, on the task queue of a
    stopped worker, has the same workflow id.
    """
    assert shared_server.pid is not None
    resume(shared_server.pid)
    name = f"module-{uuid4().hex[:8]}"
    await namespaces.prepare(
        await connect(FrontendAddress(shared_server.target, name)), RETENTION, SEARCH_ATTRIBUTES
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ZAOYING_NAMESPACE", name)
        load_settings.cache_clear()
        yield shared_server
    load_settings.cache_clear()
    pause(shared_server.pid)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(server: DevServer) -> Client:
    """A client as used by all our programs."""
    settings = load_settings()
    return await connect(FrontendAddress(server.target, settings.namespace, settings.data_converter))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL server for the tests."""
    with running_cluster(FORGETFUL) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def blank_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty records file, created once, since creating one takes longer than most tests."""
    path = tmp_path_factory.mktemp("blank") / "records.db"
    open_records(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def records_file(tmp_path: Path, blank_records: Path) -> Path:
    """The test's own empty records, at the path from the settings of this home."""
    file = tmp_path / "records.db"
    assert not file.exists(), "settings with this home must come from this fixture too"
    return Path(shutil.copyfile(blank_records, file))


@pytest.fixture
def records_url(records_file: Path) -> str:
    """The URL of the test's records. A module that runs on both databases overrides it with `either_url`."""
    return f"sqlite:///{records_file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def either_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of the test's own records, on each database in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{request.getfixturevalue('records_file')}"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    url = cluster.borrow()
    yield url
    cluster.give_back(url)


@pytest.fixture
def records(records_url: str) -> Iterator[Records]:
    """The test's own records."""
    with open_records(records_url) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def stage(
    client: Client, records: Records, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Stage]:
    """A worker on its own task queue, for playing claims."""
    queue = f"claims-{request.node.name}"[:200]
    settings = load_settings().model_copy(update={"task_queue": queue, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            yield Stage(client, queue, records)
