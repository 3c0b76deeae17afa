"""Errors of the calendar. Every message is Chinese and says what is wrong and what to do; `code` is the rule."""

from typing import ClassVar


class CalendarError(ValueError):
    """The base class; `code` is the rulebook's rule."""

    code: ClassVar[str] = "R1"


class NotADay(CalendarError):
    """The argument is not a calendar day (a `date` that is not a `datetime`)."""


class OutsideCoverage(CalendarError):
    """A day before the first or after the last year that the calendar knows."""


class InvalidArrangement(CalendarError):
    """A holiday arrangement that contradicts itself or the calendar."""


class InstantRefused(CalendarError):
    """An instant without an offset, or not an instant."""

    code: ClassVar[str] = "R2"


class DaysRefused(CalendarError):
    """A number of working days that is no whole number in 1..MAX_WORKING_DAYS."""

    code: ClassVar[str] = "R2"


class CutoffRefused(CalendarError):
    """A cut-off that is no local time of day after 00:00."""

    code: ClassVar[str] = "R3"
