"""The whole system as real processes: Temporal server, worker and API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from runtime.local_stack import LocalStack
from runtime.settings import Settings
from tests.support.api.city_desk import Desk, desk_of


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(temporal_cli: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """One system for the tests of a module: on files, with claims whose clocks can be moved."""
    settings = Settings(
        home=tmp_path_factory.mktemp("city"),
        temporal_cli=temporal_cli,
        api_port=0,
        temporal_port=0,
        ui_port=0,
        virtual_time=True,
        action_timeout=6,
    )
    async with LocalStack(settings, say=print) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def desk(city: LocalStack) -> AsyncIterator[Desk]:
    """Its people, once everything works. Whatever happens, no answer is without a meaning."""
    async with desk_of(city) as people:
        await city.until_ready()
        yield people
        failures = [answer for answer in people.answers if answer.status_code >= 500]
        assert {answer.status_code for answer in failures} <= {503}
        assert {answer.headers["content-type"] for answer in failures} <= {"application/problem+json"}
