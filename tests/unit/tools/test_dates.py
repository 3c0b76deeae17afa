"""Dates with their weekday, as the tests write them."""

from datetime import UTC, date, datetime

import pytest

from tests.support.dates import beijing, day, printed


def test_a_date_is_read_with_its_weekday() -> None:
    assert day("Tue 2026-11-24") == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Tue 2026-11-24 09:00", datetime(2026, 11, 24, 1, 0, tzinfo=UTC)),
        ("Tue 2026-11-24 07:59", datetime(2026, 11, 23, 23, 59, tzinfo=UTC)),
        ("Tue 2026-11-24 24:00", datetime(2026, 11, 24, 16, 0, tzinfo=UTC)),
        ("Wed 2026-11-25 00:00", datetime(2026, 11, 24, 16, 0, tzinfo=UTC)),
        ("Thu 2026-12-31 24:00", datetime(2026, 12, 31, 16, 0, tzinfo=UTC)),
    ],
)
def test_a_beijing_time_is_a_utc_instant(text: str, instant: datetime) -> None:
    found = beijing(text)
    assert (found, found.tzinfo) == (instant, UTC)
    assert printed(text.partition(" ")[2]) == instant


@pytest.mark.parametrize("text", ["Mon 2026-11-24", "tue 2026-11-24", "2026-11-24", "Tue 2026-02-30", "Tue"])
def test_a_wrong_or_missing_weekday_or_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"2026|isoformat|out of range|hour"):
        day(text)
    with pytest.raises(ValueError, match=r"2026|isoformat|out of range|hour"):
        beijing(f"{text} 09:00")


@pytest.mark.parametrize("text", ["Tue 2026-11-24", "Tue 2026-11-24 9", "Tue 2026-11-24 24:01"])
def test_a_wrong_or_missing_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"2026|isoformat|out of range|hour"):
        beijing(text)
