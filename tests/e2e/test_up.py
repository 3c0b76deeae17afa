"""`zaoying up` and `zaoying forward`, as a new user runs them."""

import asyncio
import http.client
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from api.python_client import generate_client
from claims.model.terms import Action, Role
from tests.support.api.api_caller import ORDER
from tests.support.api.city_desk import Desk, Json
from tests.support.claims.people import POWER
from tests.support.polling import PATIENCE, eventually, patience, until
from tests.support.processes.command import command, until_output
from tests.support.processes.process_table import children_of, command_of, is_running
from tools.ports import free_port

ROOT = Path(__file__).parents[2]
READY = "就绪"
CLIENT_PROGRAM = """
import sys
from time import sleep

from tests.support.polling import pauses
from zaoying_client import AuthenticatedClient
from zaoying_client.api.claims import dispatch, read_claim, register_claim
from zaoying_client.models import ClaimView, Dispatch, ProblemBody, Registration

def insist(send):
    for pause in pauses():
        answer = send()
        if answer.status_code not in (202, 503):
            return answer.parsed
        sleep(pause)

address, token, unit = sys.argv[1:]
claim = Registration(
    channel="12345", external_id="client-1", enterprise="枣庄示例有限公司", contact="王经理", phone="0632-5550004",
    district="滕州市", category="help", matter="供电验收一直排不上。",
)
with AuthenticatedClient(address, token, timeout=60, httpx_args={"trust_env": False}) as client:
    registered = insist(lambda: register_claim.sync_detailed(client=client, body=claim))
    assert isinstance(registered, ClaimView), registered
    for request_id in ("first", "second"):
        body = Dispatch(request_id=request_id, unit=unit, basis="PD-023")
        done = insist(lambda: dispatch.sync_detailed(registered.number, client=client, body=body))
        print(done.stage if isinstance(done, ClaimView) else done.rule)
    seen = read_claim.sync(registered.number, client=client)
    print(seen.dispatches[0].unit, seen.limits[0].last_day.isoformat())
"""
PORTS = ("ZAOYING_API_PORT", "ZAOYING_TEMPORAL_PORT", "ZAOYING_UI_PORT")


class City:
    """A home, its ports, and commands that run on it."""

    def __init__(self, home: Path, temporal_cli: Path) -> None:
        ports = [free_port("127.0.0.1") for _ in range(3)]
        self.home = home
        self.url = f"http://127.0.0.1:{ports[0]}"
        self.environment = {name: value for name, value in os.environ.items() if "ZAOYING" not in name} | {
            "ZAOYING_HOME": str(home),
            **{name: str(port) for name, port in zip(PORTS, ports, strict=True)},
            "ZAOYING_TEMPORAL_CLI": str(temporal_cli),
        }

    async def start(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> asyncio.subprocess.Process:
        """Start `zaoying …` without waiting for its end."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cli", *arguments),
            cwd=ROOT,
            env={**self.environment, **(environment or {})},
            stdout=pipe,
            stderr=pipe,
        )

    async def run(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Run `zaoying …` to its end; return exit code, output and errors. Its process starts with the code
        loaded.
        """
        done = await asyncio.to_thread(command, arguments, {**self.environment, **(environment or {})})
        return done.returncode, done.stdout, done.stderr

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """Run the system within this block, then stop it; it must exit with 0."""
        process = await self.start("up")
        await until_ready(process)
        children = children_of(process.pid)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            output, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
            assert (process.returncode, output, errors) == (0, b"", b"")
        assert len(children) == 3
        assert not [child for child in children if is_running(child)]

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """Return users with tokens of this home."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=PATIENCE) as line:
            yield Desk(self.home / "token.key", line)

    async def dispatched(self) -> str:
        """Return a claim dispatched to a unit."""
        async with self.desk() as desk:
            return await desk.dispatched()

    async def view(self, number: str) -> Json:
        """Return a claim's view once its workflow answers."""
        async with self.desk() as desk:
            return await desk.view(number)


async def until_ready(process: asyncio.subprocess.Process) -> list[str]:
    """Return the output until three programs have started."""
    return await until_output(process, READY, within=3 * PATIENCE)


async def until_gone(processes: list[int]) -> None:
    """Wait until all of them have ended."""
    await until(lambda: not [process for process in processes if is_running(process)])


@pytest.fixture
def city(tmp_path: Path, temporal_cli: Path) -> City:
    return City(tmp_path / "home", temporal_cli)


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory, temporal_cli: Path) -> AsyncIterator[City]:
    """A system on real time for tests that only read."""
    city = City(tmp_path_factory.mktemp("running"), temporal_cli)
    async with city.up():
        yield city


async def test_however_up_ends_it_leaves_no_program_and_has_everything_when_it_begins_again(
    city: City,
) -> None:
    await stopped_while_it_starts(city)
    before = await restarting_what_dies_until_ctrl_c_again_and_again(city)
    await until_its_worker_dies_again_and_again(city, before)


async def stopped_while_it_starts(city: City) -> None:
    """Send Ctrl-C before it is ready; and SIGKILL once it has three programs."""
    for after in ("正在启动 Temporal", "正在启动工作进程"):
        process = await city.start("up")
        await until_output(process, after)
        children = children_of(process.pid)
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 1
        assert not [child for child in children if is_running(child)]
    process = await city.start("up")
    await until(lambda: len(children_of(process.pid)) == 3)
    children = children_of(process.pid)
    process.kill()
    await process.wait()
    await until_gone(children)


async def restarting_what_dies_until_ctrl_c_again_and_again(city: City) -> Json:
    """Kill all its programs, which it restarts; send Ctrl-C repeatedly, and it ends for an impatient user; returns the claim."""
    process = await city.start("up")
    said = await until_ready(process)
    assert city.url in said[-1]
    number = await city.dispatched()
    assert len(children_of(process.pid)) == 3
    async with city.desk() as desk:
        for child in children_of(process.pid):
            os.kill(child, signal.SIGKILL)
        await desk.must(number, Action.REPLY, Role.HANDLER, at=POWER)
    view = await city.view(number)
    children = children_of(process.pid)
    assert len(children) == 3
    while process.returncode is None:
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.1)
    await until_gone(children)
    return view


async def until_its_worker_dies_again_and_again(city: City, before: Json) -> None:
    """On virtual time, with the same claim: it exits with a message."""
    process = await city.start("up", "--virtual-time")
    await until_ready(process)
    number = str(before["number"])
    assert {**await city.view(number), "now": ""} == {**before, "now": ""}
    async with city.desk() as desk:
        await eventually(
            lambda: desk.journal(number), lambda entries: "replied" in {entry["kind"] for entry in entries}
        )
        fresh = await desk.dispatched()
    code, _, refused = await city.run("forward", fresh, "1h")
    assert code == 0, refused
    children = children_of(process.pid)
    async with patience():
        while process.returncode is None:
            with suppress(ProcessLookupError, FileNotFoundError):
                for child in children_of(process.pid):
                    if "worker" in command_of(child):
                        os.kill(child, signal.SIGKILL)
            await asyncio.sleep(0.05)
    _, errors = await process.communicate()
    assert (process.returncode, "一再退出" in errors.decode()) == (1, True), errors
    await until_gone(children)


async def test_a_second_system_on_the_same_home_is_refused_and_does_no_harm(running: City) -> None:
    number = await running.dispatched()
    for ports in ({}, dict.fromkeys(PORTS, "0")):
        code, _, errors = await running.run("up", environment=ports)
        assert (code, errors.startswith(f"数据目录 {running.home} 正由另一个系统使用")) == (1, True), errors
    assert (await running.view(number))["stage"] == "handling"


async def test_a_token_of_the_command_opens_the_door(running: City) -> None:
    code, token, _ = await running.run("token", "--role", "operator")
    assert code == 0
    async with httpx.AsyncClient(base_url=running.url, trust_env=False, timeout=PATIENCE) as line:
        headers = {"Authorization": f"Bearer {token.strip()}"}
        answer = await line.post("/claims", headers=headers, json={**ORDER, "external_id": ""})
    assert answer.status_code == 201


async def test_a_client_made_from_the_documentation_registers_dispatches_and_reads(
    running: City, tmp_path: Path
) -> None:
    async with httpx.AsyncClient(base_url=running.url, trust_env=False, timeout=PATIENCE) as line:
        document = (await line.get("/openapi.json")).json()
    assert await asyncio.to_thread(generate_client, document, tmp_path / "client") == []
    _, token, _ = await running.run("token", "--role", "operator")
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CLIENT_PROGRAM, running.url, token.strip(), POWER),
        env=os.environ | {"PYTHONPATH": f"{tmp_path / 'client'}:{ROOT}"},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await asyncio.wait_for(program.communicate(), PATIENCE)
    assert program.returncode == 0
    assert re.fullmatch(rf"handling R14 {POWER} \d{{4}}-\d\d-\d\d", " ".join(output.decode().split()))


async def test_a_port_in_use_is_named_and_nothing_is_left_running(running: City, tmp_path: Path) -> None:
    for taken in PORTS:
        others = {name: "0" for name in PORTS if name != taken}
        other_home = {"ZAOYING_HOME": str(tmp_path / taken)}
        code, _, errors = await running.run("up", environment=others | other_home)
        assert (code, running.environment[taken] in errors) == (1, True), errors
        assert "Traceback" not in errors


async def test_a_connection_may_rest_for_longer_than_its_client_would_let_it(running: City) -> None:
    def answers_before_and_after_a_rest() -> list[int]:
        line, answers = http.client.HTTPConnection(running.url.removeprefix("http://"), timeout=PATIENCE), []
        for rest in (6, 0):  # httpx and uvicorn would both close it after 5
            line.request("GET", "/health/live")
            answer = line.getresponse()
            answer.read()
            answers.append(answer.status)
            time.sleep(rest)
        line.close()
        return answers

    assert await asyncio.to_thread(answers_before_and_after_a_rest) == [200, 200]


async def test_on_real_time_no_clock_is_moved(running: City) -> None:
    number = await running.dispatched()
    code, _, errors = await running.run("forward", number, "1d")
    assert (code, "--virtual-time" in errors) == (1, True)


@pytest.mark.rule("R10", "R70")
async def test_on_real_time_the_records_are_what_the_histories_say(running: City) -> None:
    await running.dispatched()

    async def checked() -> tuple[int, str]:
        code, output, errors = await running.run("db", "check")
        return code, output + errors

    found = await eventually(checked, lambda found: found[0] == 0)
    assert "逐行一致" in found[1]


async def test_a_build_that_is_not_promoted_yet_is_named_and_the_system_runs_until_it_is(city: City) -> None:
    city.environment["ZAOYING_WORKER_BUILD"] = "1.0.0"
    process = await city.start("up")
    assert "尚未就绪" in (await until_ready(process))[-1]
    code, _, errors = await city.run("promote", "1.0.0", "--at-once")
    assert code == 0, errors
    async with city.desk() as desk:
        await until(desk.is_ready)
        await desk.dispatched()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
