"""`zaoying up` and `zaoying forward`, as a new user runs them."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from api.tokens import issue_token, load_or_make_key
from claims.terms import Role
from tests.api.caller import ORDER
from tests.e2e.desk import limits, parts, until
from tests.people import POWER
from tools.ports import free_port

ROOT = Path(__file__).parents[2]
READY = "就绪"


class City:
    """A home, its ports, and the commands that are run on it."""

    def __init__(self, home: Path, temporal_cli: Path) -> None:
        ports = [free_port("127.0.0.1") for _ in range(3)]
        self.home = home
        self.url = f"http://127.0.0.1:{ports[0]}"
        self.environment = {name: value for name, value in os.environ.items() if "ZAOYING" not in name} | {
            "ZAOYING_HOME": str(home),
            "ZAOYING_API_PORT": str(ports[0]),
            "ZAOYING_TEMPORAL_PORT": str(ports[1]),
            "ZAOYING_UI_PORT": str(ports[2]),
            "ZAOYING_TEMPORAL_CLI": str(temporal_cli),
        }

    async def start(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> asyncio.subprocess.Process:
        """`zaoying …`, still running."""
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
    ) -> tuple[int | None, str, str]:
        """`zaoying …` to its end: exit code, output, errors."""
        process = await self.start(*arguments, environment=environment)
        output, errors = await process.communicate()
        return process.returncode, output.decode(), errors.decode()

    @asynccontextmanager
    async def up(self, *arguments: str, end_with: int = signal.SIGINT) -> AsyncIterator[list[str]]:
        """The system until the end of the block; it yields what was said. It must end with code 0."""
        process = await self.start("up", *arguments)
        said = await _until_ready(process)
        children = _children(process.pid)
        try:
            yield said
        finally:
            process.send_signal(end_with)
            assert await asyncio.wait_for(process.wait(), 60) == 0
        assert len(children) == 3
        assert not [child for child in children if _runs(child)]

    async def call(
        self, method: str, path: str, role: Role, *, at: str = "", **body: object
    ) -> httpx.Response:
        """One request with a token of this home."""
        token = issue_token(load_or_make_key(self.home / "token.key"), roles=[role], unit=at)
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=30) as http:
            headers = {"Authorization": f"Bearer {token}"}
            return await http.request(method, path, headers=headers, json=body or None)

    async def dispatched(self) -> str:
        """A claim on a unit's desk."""
        order = {**ORDER, "external_id": ""}
        number = str((await self.call("POST", "/claims", Role.OPERATOR, **order)).json()["number"])
        fields = {"request_id": "d", "unit": POWER, "basis": "PD-023"}
        answer = await self.call("POST", f"/claims/{number}/dispatch", Role.OPERATOR, **fields)
        assert answer.status_code == 200, answer.text
        return number


async def _until_ready(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdout is not None
    said: list[str] = []
    async with asyncio.timeout(90):
        while not said or READY not in said[-1]:
            line = (await process.stdout.readline()).decode()
            assert line, "it ended before it was ready"
            said.append(line.rstrip())
    return said


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def city(tmp_path: Path, temporal_cli: Path) -> City:
    return City(tmp_path / "home", temporal_cli)


@pytest.mark.parametrize("end_with", [signal.SIGINT, signal.SIGTERM])
async def test_up_ends_cleanly_and_has_everything_again_when_it_is_started_again(
    city: City, end_with: int
) -> None:
    async with city.up(end_with=end_with) as said:
        assert READY in said[-1]
        assert city.url in said[-1]
        number = await city.dispatched()
        before = (await city.call("GET", f"/claims/{number}", Role.AUDITOR)).json()
    async with city.up():
        after = (await city.call("GET", f"/claims/{number}", Role.AUDITOR)).json()
        assert after["stale"] is False
        assert {**after, "now": ""} == {**before, "now": ""}
        answer = await city.call(
            "POST", f"/claims/{number}/reply", Role.HANDLER, at=POWER, request_id="r", text="已安排"
        )
        assert answer.status_code == 200


async def test_a_second_system_on_the_same_home_is_refused_and_does_no_harm(city: City) -> None:
    async with city.up():
        number = await city.dispatched()
        code, _, errors = await city.run("up")
        assert (code, "already" in errors) == (1, True)
        ports = {"ZAOYING_API_PORT": "0", "ZAOYING_TEMPORAL_PORT": "0", "ZAOYING_UI_PORT": "0"}
        code, _, errors = await city.run("up", environment=ports)
        assert (code, "already running" in errors) == (1, True)
        view = (await city.call("GET", f"/claims/{number}", Role.AUDITOR)).json()
        assert (view["stage"], view["stale"]) == ("handling", False)


@pytest.mark.rule("R31", "R32")
async def test_forward_moves_one_claims_clock_and_all_that_is_due_has_happened(city: City) -> None:
    async with city.up("--virtual-time"):
        number, other = await city.dispatched(), await city.dispatched()
        before = limits((await city.call("GET", f"/claims/{number}", Role.AUDITOR)).json())
        code, output, errors = await city.run("forward", number, "4d")
        assert (code, number in output) == (0, True), errors
        view = (await city.call("GET", f"/claims/{number}", Role.AUDITOR)).json()
        lights = {(light["limit"], light["colour"]): light["at"] for light in parts(view, "lights")}
        assert lights["contact", "yellow"] == before["contact"][0]
        assert ("contact", "red") in lights
        assert (await city.call("GET", f"/claims/{other}", Role.AUDITOR)).json()["lights"] == []
        assert (await city.run("forward", "QH200001010001", "1d"))[0] == 1
        assert (await city.run("forward", number, "tomorrow"))[0] == 2


async def test_on_real_time_no_clock_is_moved(city: City) -> None:
    async with city.up():
        number = await city.dispatched()
        code, _, errors = await city.run("forward", number, "1d")
        assert (code, "--virtual-time" in errors) == (1, True)


async def test_what_dies_is_started_again(city: City) -> None:
    process = await city.start("up")
    await _until_ready(process)
    number = await city.dispatched()
    for child in _children(process.pid):
        os.kill(child, signal.SIGKILL)

    async def is_back() -> bool:
        try:
            answer = await city.call("GET", f"/claims/{number}", Role.AUDITOR)
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and not answer.json()["stale"]

    await until(is_back)
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 60) == 0
