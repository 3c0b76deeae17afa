"""The real server from the real CLI as a process: started, killed, restarted, stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from temporalio import workflow
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.testing import TimeSkipper
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from runtime.connection import FrontendAddress, connect
from tests.support.polling import PATIENCE, wait_until
from tests.support.processes.process_table import is_running
from tools import ports
from tools.dev_server import DevServer, DevServerError, DevServerOptions, PortInUseError

ROOT = Path(__file__).parents[2]
QUEUE = "dev-server-test"
STAGE = SearchAttributeKey.for_keyword("Stage")
ROUND = SearchAttributeKey.for_int("Round")

HOST = """\
import asyncio, signal, sys
from pathlib import Path
from tools.dev_server import DevServer, DevServerOptions
async def host():
    async with DevServer(DevServerOptions(cli=Path(sys.argv[1]), log_path=Path(sys.argv[2]))) as server:
        print(server.pid, flush=True)
        await server.exited()
# A shell without job control has its background children ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
asyncio.run(host())
"""


@workflow.defn(name="Waits")
class Waits:
    """Waits for a day."""

    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(days=1))
        return "a day has passed"


@pytest.fixture
def options(temporal_cli: Path, tmp_path: Path) -> DevServerOptions:
    return DevServerOptions(cli=temporal_cli, log_path=tmp_path / "logs" / "server.log")


async def retention_of(server: DevServer) -> timedelta:
    client = await connect(FrontendAddress(server.target))
    found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def test_a_started_server_is_healthy_and_its_pages_answer(options: DevServerOptions) -> None:
    async with DevServer(options) as server:
        client = await connect(FrontendAddress(server.target))
        assert await client.service_client.check_health()
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as browser:
            page = await browser.get(server.ui_url)
        assert page.status_code == 200
        assert "<html" in page.text
        assert server.exit_code is None


async def test_closed_workflows_stay_for_thirty_days_unless_told_otherwise(options: DevServerOptions) -> None:
    async with DevServer(options) as server:
        assert await retention_of(server) == timedelta(days=30)
    async with DevServer(replace(options, retention=timedelta(days=365))) as server:
        assert await retention_of(server) == timedelta(days=365)


async def test_a_workflow_survives_a_killed_server_on_the_same_file(
    options: DevServerOptions, tmp_path: Path
) -> None:
    on_file = replace(options, db_filename=tmp_path / "temporal.db", search_attributes={"Stage": "Keyword"})
    async with DevServer(on_file) as server:
        client = await connect(FrontendAddress(server.target))
        stage = TypedSearchAttributes([SearchAttributePair(STAGE, "contact")])
        await client.start_workflow("Waits", id="kept", task_queue=QUEUE, search_attributes=stage)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert await server.exited() == -signal.SIGKILL
    async with DevServer(on_file) as server:
        client = await connect(FrontendAddress(server.target))
        kept = await client.get_workflow_handle("kept").describe()
        assert kept.status is WorkflowExecutionStatus.RUNNING
        assert kept.typed_search_attributes[STAGE] == "contact"


async def test_a_search_attribute_added_later_works_on_an_old_file(
    options: DevServerOptions, tmp_path: Path
) -> None:
    before = replace(options, db_filename=tmp_path / "temporal.db", search_attributes={"Stage": "Keyword"})
    async with DevServer(before):
        pass
    after = replace(before, search_attributes={"Stage": "Keyword", "Round": "Int"})
    async with DevServer(after) as server:
        client = await connect(FrontendAddress(server.target))
        attributes = TypedSearchAttributes([SearchAttributePair(ROUND, 2)])
        new = await client.start_workflow("Waits", id="new", task_queue=QUEUE, search_attributes=attributes)
        assert (await new.describe()).typed_search_attributes[ROUND] == 2


async def test_a_search_attribute_of_another_type_is_a_clear_error(
    options: DevServerOptions, tmp_path: Path
) -> None:
    before = replace(options, db_filename=tmp_path / "temporal.db", search_attributes={"Stage": "Keyword"})
    async with DevServer(before):
        pass
    with pytest.raises(DevServerError, match="search attribute Stage should be Int"):
        await DevServer(replace(before, search_attributes={"Stage": "Int"})).start()


@pytest.mark.filterwarnings("ignore:.*experimental")
async def test_virtual_time_passes_a_day_in_seconds(options: DevServerOptions) -> None:
    async with DevServer(replace(options, virtual_time=True)) as server:
        client = await connect(FrontendAddress(server.target))
        runner = UnsandboxedWorkflowRunner()
        async with Worker(client, task_queue=QUEUE, workflows=[Waits], workflow_runner=runner):
            waiting = await client.start_workflow("Waits", id="moved", task_queue=QUEUE, result_type=str)
            started = time.monotonic()
            await TimeSkipper(client).fast_forward(waiting, timedelta(days=2))
            assert await waiting.result() == "a day has passed"
            assert time.monotonic() - started < PATIENCE


@pytest.mark.parametrize("which", ["port", "ui_port"])
async def test_a_port_in_use_is_a_clear_error(options: DevServerOptions, which: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        asked = replace(options, port=taken) if which == "port" else replace(options, ui_port=taken)
        with pytest.raises(PortInUseError, match=f"Port {taken} on 127.0.0.1, .* is already in use"):
            await DevServer(asked).start()


async def test_a_port_lost_at_the_last_moment_is_replaced(
    options: DevServerOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        choices = iter([listener.getsockname()[1], *(ports.free_port("127.0.0.1") for _ in range(3))])
        monkeypatch.setattr(ports, "free_port", lambda ip: next(choices))
        async with DevServer(options) as server:
            assert server.port != listener.getsockname()[1]


async def test_two_servers_on_one_file_are_refused(options: DevServerOptions, tmp_path: Path) -> None:
    on_file = replace(options, db_filename=tmp_path / "temporal.db")
    async with DevServer(on_file):
        with pytest.raises(DevServerError, match="Another Temporal server is already running on"):
            await DevServer(on_file).start()


async def test_a_server_that_cannot_start_shows_the_end_of_its_log(
    options: DevServerOptions, tmp_path: Path
) -> None:
    (tmp_path / "not-a.db").write_text("no database" * 100)
    with pytest.raises(DevServerError, match=r"ended at once \(exit code 1\)(?s:.*)not a database"):
        await DevServer(replace(options, db_filename=tmp_path / "not-a.db")).start()


async def test_a_server_that_never_becomes_healthy_is_given_up_and_ended(
    options: DevServerOptions, tmp_path: Path
) -> None:
    silent = tmp_path / "silent"
    silent.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    silent.chmod(0o755)
    with pytest.raises(DevServerError, match=r"not healthy after 0:00:01: nothing listens on its ports"):
        await DevServer(replace(options, cli=silent, start_within=timedelta(seconds=1))).start()
    assert not is_running(int((tmp_path / "pid").read_text()))


async def test_stop_leaves_no_process_and_frees_the_port(options: DevServerOptions) -> None:
    server = DevServer(options)
    await server.start()
    pid = server.pid
    assert pid is not None
    await server.stop()
    await server.stop()
    assert not is_running(pid)
    assert ports.is_free("127.0.0.1", server.port)
    assert server.exit_code is not None


async def test_a_server_that_ignores_the_request_to_stop_is_ended(options: DevServerOptions) -> None:
    server = DevServer(replace(options, stop_within=timedelta(seconds=0.3)))
    await server.start()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await server.stop()
    assert not is_running(pid)
    assert server.exit_code == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_killed_host_leaves_no_server(temporal_cli: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOST, str(temporal_cli), str(tmp_path / "server.log")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        pid = int(host.stdout.readline())
        host.kill()
    wait_until(lambda: not is_running(pid))


def test_an_interrupt_at_the_terminal_stops_the_server_in_good_order(
    temporal_cli: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", HOST, str(temporal_cli), str(tmp_path / "server.log")]
    host = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with host:
        assert host.stdout is not None
        pid = int(host.stdout.readline())
        assert os.getpgid(pid) != os.getpgid(host.pid)
        os.killpg(host.pid, signal.SIGINT)
        host.wait(timeout=PATIENCE)
    assert not is_running(pid)
