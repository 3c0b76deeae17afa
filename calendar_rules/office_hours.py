"""When a message may reach people (R29): in office hours of working days."""

from datetime import UTC, datetime, time
from typing import Final, NamedTuple

from calendar_rules.shanghai import SHANGHAI, local_day
from calendar_rules.working_calendar import WorkingCalendar


class OfficeHours(NamedTuple):
    """The hours of a working day, Beijing time; `closes` is exclusive."""

    opens: time
    closes: time


USUAL: Final = OfficeHours(time(8, 30), time(17, 30))


def in_office_hours(at: datetime, calendar: WorkingCalendar, hours: OfficeHours = USUAL) -> datetime:
    """Return the instant itself in office hours; else when the next ones begin."""
    day, clock = local_day(at), at.astimezone(SHANGHAI).time()
    works = calendar.is_working_day(day)
    if works and hours.opens <= clock < hours.closes:
        return at
    if not works or clock >= hours.closes:
        day = calendar.nth_working_day_after(day, 1)
    return datetime.combine(day, hours.opens, SHANGHAI).astimezone(UTC)
