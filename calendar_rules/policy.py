"""The calendar's numbers, each with its reason."""

from typing import Final

FIRST_YEAR: Final = 2007
"""R1: the first year covered; the present system of arrangements started with the reform of 2007."""

YEARS_AHEAD: Final = 10
"""R1: provisional years covered after the last published arrangement."""

LAST_LUNAR_YEAR: Final = 2099
"""R1: lunar festivals are tabulated up to this year."""

MAX_WORKING_DAYS: Final = 250
"""R2: about one year; the plan's longest limit is 25."""

MAX_DAYS_OFF: Final = 60
"""R1: an arrangement has listed 33 days at most, weekends inside the holidays included."""

MAX_DAYS_IN_A_ROW: Final = 15
"""R1: of rest, weekends included; the longest that was ever published, the Spring Festival of 2020, had ten."""

MAX_MAKE_UP_DAYS: Final = 20
"""R1: an arrangement has had 9 make-up working days at most."""

FIRST_DAY_BEFORE_YEAR: Final = (12, 25)
"""R1: a notice for a year may arrange New Year's Day from this day of the preceding December on."""

MAX_TEXT: Final = 500
"""Characters in an arrangement's id, names, source and note."""
