"""The holidays of the stories, published by the tests as a correction of these weeks."""

from datetime import date, timedelta
from typing import Final

from tests.support.rulebook.instants import SHIFT, Json, played_day

WINDOW: Final = (date(2031, 2, 16), date(2031, 6, 15))
DAYS_OFF: Final = {
    **dict.fromkeys(("2031-04-05", "2031-04-06", "2031-04-07"), "清明节"),
    **dict.fromkeys((f"2031-05-0{day}" for day in range(1, 6)), "劳动节"),
}
LATE_DAY_OFF: Final = "2031-04-16"
"""A Wednesday that a later correction, during a story, makes a day off."""


def years() -> set[int]:
    """Return the real years in which the stories are played."""
    return {(day - SHIFT).year for day in WINDOW}


def correction(real_years: list[Json]) -> Json:
    """Return the correction that makes the real weeks those of the stories, from the present calendars of
    these years.
    """
    first, last = (day - SHIFT for day in WINDOW)
    odd_days = [one["date"] for year in real_years for one in (*year["days_off"], *year["make_up_days"])]
    wanted = {played_day(day) for day in DAYS_OFF}
    return {
        **_source("故事所在各周"),
        "days_off": _named(DAYS_OFF),
        "ordinary_days": [
            day for day in odd_days if first <= date.fromisoformat(day) <= last and day not in wanted
        ],
    }


def late_correction() -> Json:
    """Return the later correction."""
    return {**_source("临时放假"), "days_off": _named({LATE_DAY_OFF: "纪念日"})}


def is_worked(day: date) -> bool:
    """Return whether a day of the stories is a working day throughout."""
    text = day.isoformat()
    return day.weekday() < 5 and text not in DAYS_OFF and text != LATE_DAY_OFF


def day_before(day: date) -> date:
    """Return the working day before a day."""
    day -= timedelta(days=1)
    return day if is_worked(day) else day_before(day)


def _named(days: dict[str, str]) -> list[Json]:
    return [{"date": played_day(day), "name": name} for day, name in days.items()]


def _source(what: str) -> Json:
    return {"published": "2026-11-25", "source": f"关于{what}放假安排的更正（测试）"}
