"""One system and one browser for all stories."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from runtime.local_stack import LocalStack
from runtime.settings import Settings
from tests.api.conftest import NOBODY_LISTENS
from tests.support.web.browser_people import Windows, windows_at


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(temporal_cli: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """The whole system on real processes."""
    settings = Settings(
        home=tmp_path_factory.mktemp("site"),
        temporal_cli=temporal_cli,
        api_port=0,
        temporal_port=0,
        ui_port=0,
        virtual_time=True,
        action_timeout=10,
    )
    async with LocalStack(settings, say=print) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(site: LocalStack) -> AsyncIterator[Windows]:
    """One browser, in which everybody has a window of their own."""
    async with windows_at(site.api_url) as windows:
        yield windows


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Windows) -> AsyncIterator[Windows]:
    """The same for one test: nothing may have gone wrong in any window."""
    browser.wrong.clear()
    yield browser
    assert browser.wrong == []


@pytest.fixture
def settings(records_file: Path) -> Settings:
    """Pages alone, on records of the test's own."""
    return Settings(home=records_file.parent, temporal_address=NOBODY_LISTENS, action_timeout=0.5)
