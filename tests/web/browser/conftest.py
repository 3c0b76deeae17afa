"""One system and one browser for all stories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from runtime.local_stack import LocalStack
from tests.support.api.city_desk import Desk, desk_of
from tests.support.processes.running_city import running_city
from tests.support.web.browser_people import Windows, windows_at


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def site(temporal_cli: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """The whole system as real processes."""
    async with running_city(tmp_path_factory.mktemp("site"), temporal_cli, action_timeout=10) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def desk(site: LocalStack) -> AsyncIterator[Desk]:
    """Users over HTTP, for the preconditions of a story."""
    async with desk_of(site) as people:
        yield people


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser(site: LocalStack, desk: Desk) -> AsyncIterator[Windows]:
    """One browser, in which each user has a separate window."""
    async with windows_at(site.api_url, desk) as windows:
        yield windows


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Windows) -> AsyncIterator[Windows]:
    """The windows of one test; checks that no window had a problem."""
    browser.wrong.clear()
    yield browser
    wrong = list(browser.wrong)
    await browser.close()
    assert wrong == []
