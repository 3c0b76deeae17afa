"""Working days, limits and their explanations (rulebook R1-R6). Pure: no clock, no I/O, no logging.

The names below are cheap to import. A calendar is built by `calendar_rules.loader.load_calendar`, which is
kept out of here because it imports the holidays library.
"""

from calendar_rules.arrangements import validate_arrangement
from calendar_rules.errors import (
    CalendarError,
    CutoffRefused,
    DaysRefused,
    InstantRefused,
    InvalidArrangement,
    NotADay,
    OutsideCoverage,
)
from calendar_rules.model import (
    Arrangement,
    CalendarYear,
    DayExplanation,
    DayStatus,
    Deadline,
    NamedDay,
    YearPlan,
)
from calendar_rules.shanghai import SHANGHAI, due_at, local_day
from calendar_rules.wording import explain_text
from calendar_rules.working_calendar import WorkingCalendar

__all__ = [
    "SHANGHAI",
    "Arrangement",
    "CalendarError",
    "CalendarYear",
    "CutoffRefused",
    "DayExplanation",
    "DayStatus",
    "DaysRefused",
    "Deadline",
    "InstantRefused",
    "InvalidArrangement",
    "NamedDay",
    "NotADay",
    "OutsideCoverage",
    "WorkingCalendar",
    "YearPlan",
    "due_at",
    "explain_text",
    "local_day",
    "validate_arrangement",
]
