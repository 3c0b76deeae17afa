import pytest

from calendar_rules import WorkingCalendar
from calendar_rules.loading import load_calendar


@pytest.fixture(scope="session")
def cal() -> WorkingCalendar:
    return load_calendar()
