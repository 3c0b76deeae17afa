"""Day-by-day explanations in few words, as histories and records keep them.

`["2026-11-27", "工作日；起算当日不计", "周六，休息日", "周日，休息日", "1 工作日"]`: the first day, then what is said of it and
of each day after it. A counted day begins with its number.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from calendar_rules.model import DayExplanation

_ONE_DAY: Final = timedelta(days=1)
_KEPT: Final = 4000
"""Cached explanations: limits that begin on one day share them."""


def compacted(days: Sequence[DayExplanation]) -> list[str] | None:
    """The explanation in few words; None where it is not of consecutive days, or would not be read as it was."""
    if not days or not all(later.date - earlier.date == _ONE_DAY for earlier, later in pairwise(days)):
        return None if days else []
    if not all(day.counted if day.n is not None else _is_plain(day) for day in days):
        return None
    return [days[0].date.isoformat(), *(f"{day.n} {day.why}" if day.counted else day.why for day in days)]


def _is_plain(day: DayExplanation) -> bool:
    return not day.counted and not day.why[:1].isdigit()


def expanded(words: Sequence[str]) -> tuple[DayExplanation, ...]:
    """The explanation that was compacted."""
    return _expanded(tuple(words)) if words else ()


@lru_cache(_KEPT)
def _expanded(words: tuple[str, ...]) -> tuple[DayExplanation, ...]:
    first = date.fromisoformat(words[0])
    return tuple(_day(first + n * _ONE_DAY, said) for n, said in enumerate(words[1:]))


def _day(day: date, said: str) -> DayExplanation:
    number, space, why = said.partition(" ")
    if space and number.isascii() and number.isdigit():
        return DayExplanation(date=day, counted=True, n=int(number), why=why)
    return DayExplanation(date=day, counted=False, n=None, why=said)
