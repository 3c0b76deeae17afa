"""The API without Temporal: real records, real data, and a Temporal server that is down."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from runtime.settings import Settings
from tests.support.api.api_caller import Caller, calling

NOBODY_LISTENS = "127.0.0.1:1"


@pytest.fixture
def settings(records_file: Path) -> Settings:
    """The settings of a test's own home; its records are those of the `records` fixture."""
    return Settings(home=records_file.parent, temporal_address=NOBODY_LISTENS, action_timeout=0.5)


@pytest_asyncio.fixture(loop_scope="session")
async def api(settings: Settings) -> AsyncIterator[Caller]:
    """The API while Temporal is down."""
    async with calling(settings) as caller:
        yield caller
