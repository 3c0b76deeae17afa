"""Pages without a server behind them."""

from pathlib import Path

import pytest

from runtime.settings import Settings
from tests.api.conftest import NOBODY_LISTENS


@pytest.fixture
def settings(records_file: Path) -> Settings:
    """The settings of the test's own records."""
    return Settings(home=records_file.parent, temporal_address=NOBODY_LISTENS, action_timeout=0.5)
