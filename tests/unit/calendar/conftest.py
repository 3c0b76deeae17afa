import pytest

from calendar_rules import WorkingCalendar
from calendar_rules.loader import load_calendar


@pytest.fixture(scope="session")
def cal() -> WorkingCalendar:
    return load_calendar()
