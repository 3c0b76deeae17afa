"""One system for all modules of this folder: each uses its own units and leaves all programs running."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from runtime.local_stack import LocalStack
from tests.support.processes.running_city import running_city


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def city(temporal_cli: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """The running system."""
    async with running_city(tmp_path_factory.mktemp("city"), temporal_cli, action_timeout=6) as running:
        yield running
