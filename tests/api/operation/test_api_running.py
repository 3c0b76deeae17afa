"""Health, metrics and documentation; the program itself."""

import asyncio
import os
import re
import signal
import sqlite3
import sys
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from claims.model.messages.action_bodies import BODIES
from claims.model.terms import Role
from runtime.settings import Settings
from service_layer.background import monitoring
from service_layer.clock import now
from tests.support.api.api_caller import Caller, calling
from tests.support.polling import PATIENCE, until
from tests.support.records.postgres import Cluster
from tools.ports import free_port


async def test_the_api_lives_and_says_what_is_not_ready(api: Caller) -> None:
    assert (await api.get("/health/live")).status_code == 200
    answer = await api.get("/health/ready")
    assert (answer.status_code, answer.json()) == (
        503,
        {
            "status": "not-ready",
            "temporal": False,
            "worker": False,
            "records": True,
            "archive": None,
            "alarms": [],
        },
    )


async def test_a_disk_that_is_nearly_full_is_an_alarm_before_it_is_full(
    api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring, "LEAST_ROOM", 2**62)
    (alarm,) = (await api.get("/health/ready")).json()["alarms"]
    assert "磁盘将满" in alarm


async def test_a_clock_that_goes_wrong_after_the_start_is_an_alarm(
    settings: Settings, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = settings.model_copy(update={"database_url": postgres.create()})
    async with calling(shared) as api:
        assert (await api.get("/health/ready")).json()["alarms"] == []
        monkeypatch.setattr(monitoring, "now", lambda: now() - timedelta(minutes=5))
        (alarm,) = (await api.get("/health/ready")).json()["alarms"]
    postgres.drop(shared.records_url)
    assert "本机时钟比数据库的慢 5 分钟" in alarm
    assert "校准时钟" in alarm


async def test_the_api_starts_while_the_database_is_away(settings: Settings) -> None:
    (settings.home / "records.db").unlink()  # the kind of a new one is unknown too
    held = sqlite3.connect(settings.home / "records.db", isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    async with calling(settings) as api:
        assert (await api.get("/health/ready")).json()["records"] is False
        assert (await api.get("/claims", Role.OPERATOR)).status_code == 503
        held.execute("ROLLBACK")
        held.close()
        assert (await api.get("/claims", Role.OPERATOR)).status_code == 200


async def test_metrics_name_routes_and_never_people(api: Caller) -> None:
    number = (await api.register()).json()["number"]
    await api.get(f"/claims/{number}", Role.OPERATOR)
    await api.get("/nowhere/13800001234")
    text = (await api.get("/metrics", Role.ADMIN)).text
    assert 'zaoying_api_requests_total{method="GET",route="/claims/{number}",status="200"} 1.0' in text
    assert 'zaoying_api_registrations_total{channel="12345",status="new"} 1.0' in text
    assert "13800001234" not in text
    assert number not in text


async def test_the_documentation_works_without_the_internet(api: Caller) -> None:
    for page in ("/docs", "/redoc"):
        text = (await api.get(page)).text
        assert not re.findall(r"(?:src|href)=\"https?://", text)
        for asset in re.findall(r"(?:src|href)=\"(/[^\"]+)\"", text):
            assert (await api.get(asset)).status_code == 200


async def test_the_documentation_shows_every_action_in_chinese_with_an_example(api: Caller) -> None:
    document = (await api.get("/openapi.json")).json()
    for action in BODIES:
        operation = document["paths"][f"/claims/{{number}}/{action}"]["post"]
        content = operation["requestBody"]["content"]["application/json"]
        assert content["examples"][action.value]["value"]["request_id"]
        assert re.search(r"[\u4e00-\u9fff]", operation["summary"])
        assert {"200", "202", "401", "403", "404", "409", "422", "503"} <= operation["responses"].keys()
        assert operation["security"]


async def test_every_reference_of_the_documentation_leads_somewhere(api: Caller) -> None:
    answer = await api.get("/openapi.json")
    schemas = answer.json()["components"]["schemas"]
    named = set(re.findall(r"#/components/schemas/([^\"]+)", answer.text))
    assert named <= schemas.keys()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_program_serves_and_ends_cleanly(settings: Settings, number: signal.Signals) -> None:
    settings = settings.model_copy(update={"api_port": free_port("127.0.0.1")})
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", "api", env=settings.environment(), stderr=asyncio.subprocess.PIPE
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.api_port}", trust_env=False) as http:

        async def lives() -> bool:
            with suppress(httpx.TransportError):
                return (await http.get("/health/live")).status_code == 200
            return False

        await until(lives)
    os.kill(program.pid, number)
    _, errors = await asyncio.wait_for(program.communicate(), PATIENCE)
    assert program.returncode == 0, errors.decode()
    assert b"Traceback" not in errors
