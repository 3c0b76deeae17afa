"""Invented notices for 2027, and the calendars with them."""

from calendar_rules import WorkingCalendar, validate_arrangement
from calendar_rules.loader import load_calendar
from tests.support.dates import iso

NEW_YEAR: dict[str, object] = {
    "published": "2026-11-25",
    "source": "虚构的通知，仅供测试",
    "year": 2027,
    "days_off": [iso("Fri 2027-01-01"), iso("Mon 2027-01-04")],
    "make_up_days": [iso("Sat 2027-01-09")],
}
"""New Year's Day with the Monday off, and the Saturday after as a working day."""


def correction(off: str = "", worked: str = "", published: str = "2026-12-30") -> dict[str, object]:
    """Return a correction that makes single days days off or working days."""
    return {
        "published": published,
        "source": "虚构的更正，仅供测试",
        "days_off": [off] if off else [],
        "make_up_days": [worked] if worked else [],
    }


def calendar_with(*arrangements: dict[str, object]) -> WorkingCalendar:
    """Return the calendar with these arrangements in force."""
    return load_calendar(validate_arrangement(raw) for raw in arrangements)
