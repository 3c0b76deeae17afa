"""R29: a message about a limit reaches people in office hours, 8:30 to 17:30 on working days."""

from datetime import time

import pytest

from calendar_rules.loader import load_calendar
from calendar_rules.office_hours import OfficeHours, in_office_hours
from tests.support.dates import beijing


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    ("put_out", "told"),
    [
        ("Thu 2026-11-26 00:00", "Thu 2026-11-26 08:30"),
        ("Thu 2026-11-26 08:29", "Thu 2026-11-26 08:30"),
        ("Thu 2026-11-26 08:30", "Thu 2026-11-26 08:30"),
        ("Thu 2026-11-26 17:29", "Thu 2026-11-26 17:29"),
        ("Thu 2026-11-26 17:30", "Fri 2026-11-27 08:30"),
        ("Sat 2026-11-28 00:00", "Mon 2026-11-30 08:30"),
        ("Sat 2026-02-14 00:00", "Sat 2026-02-14 08:30"),  # a make-up working day
        ("Thu 2026-10-01 10:00", "Thu 2026-10-08 08:30"),  # the National Day's holidays
    ],
)
def test_words_reach_people_in_office_hours(put_out: str, told: str) -> None:
    assert in_office_hours(beijing(put_out), load_calendar()) == beijing(told)


@pytest.mark.rule("R29")
def test_the_hours_are_a_parameter() -> None:
    hours = OfficeHours(time(9), time(17))
    assert in_office_hours(beijing("Thu 2026-11-26 08:30"), load_calendar(), hours) == beijing(
        "Thu 2026-11-26 09:00"
    )
