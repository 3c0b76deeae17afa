"""Made-up notices for 2027, which nobody has published, and the calendars with them."""

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
"""The weekend of New Year's Day is lengthened by the Monday, worked on the Saturday after."""


def correction(off: str = "", worked: str = "", published: str = "2026-12-30") -> dict[str, object]:
    """Single days become days off or working days."""
    return {
        "published": published,
        "source": "虚构的更正，仅供测试",
        "days_off": [off] if off else [],
        "make_up_days": [worked] if worked else [],
    }


def calendar_with(*arrangements: dict[str, object]) -> WorkingCalendar:
    """The calendar with these in force."""
    return load_calendar(validate_arrangement(raw) for raw in arrangements)
