"""When a message may reach people (R29): in office hours of working days."""

from datetime import UTC, datetime, time
from typing import Final

from calendar_rules.shanghai import SHANGHAI, local_day
from calendar_rules.working_calendar import WorkingCalendar

OPENS: Final = time(8, 30)
CLOSES: Final = time(17, 30)
"""Beijing time, exclusive."""


def in_office_hours(at: datetime, calendar: WorkingCalendar) -> datetime:
    """The instant itself in office hours; else when the next ones begin."""
    day, clock = local_day(at), at.astimezone(SHANGHAI).time()
    works = calendar.is_working_day(day)
    if works and OPENS <= clock < CLOSES:
        return at
    if not works or clock >= CLOSES:
        day = calendar.nth_working_day_after(day, 1)
    return datetime.combine(day, OPENS, SHANGHAI).astimezone(UTC)
