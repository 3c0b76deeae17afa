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
    """The whole system on real processes."""
    async with running_city(tmp_path_factory.mktemp("site"), temporal_cli, action_timeout=10) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def desk(site: LocalStack) -> AsyncIterator[Desk]:
    """Everybody who works without a browser, by HTTP: what a story begins with and does not tell."""
    async with desk_of(site) as people:
        yield people


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser(site: LocalStack, desk: Desk) -> AsyncIterator[Windows]:
    """One browser, in which everybody has a window of their own."""
    async with windows_at(site.api_url, desk) as windows:
        yield windows


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Windows) -> AsyncIterator[Windows]:
    """The same for one test: nothing may have gone wrong in any window."""
    browser.wrong.clear()
    yield browser
    wrong = list(browser.wrong)
    await browser.close()
    assert wrong == []
