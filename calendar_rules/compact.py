"""Day-by-day explanations in few words, as histories and records keep them.

`["2026-09-23", "0+", "中秋节放假", "--++"]`: the first day, then what is said of it and of each day after it. What is said of
most days is one letter: `0` and `O` of day 0, a working day or a weekend's; `-` of a weekend's day that is not counted; `+`
of a working day that counts one more. Of any other day stands what is said, with its number before it where it is counted.

Versions up to 0.4 wrote what is said of every day: `["2026-11-27", "工作日；起算当日不计", "周六，休息日", "1 工作日"]`.
The letters' meaning never changes: histories hold them.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from calendar_rules.model import DayExplanation

_ONE_DAY: Final = timedelta(days=1)
_KEPT: Final = 4000
"""Cached explanations: limits that begin on one day share them."""
_LETTERS: Final = re.compile(r"[0O+-]+")
_WORKING: Final = "工作日"
_DAY_ZERO: Final = "；起算当日不计"
_WEEKEND: Final = {5: "周六，休息日", 6: "周日，休息日"}


def compacted(days: Sequence[DayExplanation]) -> list[str] | None:
    """Return the explanation in few words; None where it is not of consecutive days, or would not be read as
    it was.
    """
    if not days or not all(later.date - earlier.date == _ONE_DAY for earlier, later in pairwise(days)):
        return None if days else []
    return _compacted(tuple(days))


@lru_cache(_KEPT)
def _compacted(days: tuple[DayExplanation, ...]) -> list[str] | None:
    words, counted = [days[0].date.isoformat()], 0
    follows_letter = False
    for day in days:
        letter = _letter_of(day, counted)
        if letter and follows_letter:
            words[-1] += letter
        else:
            words.append(letter or (f"{day.n} {day.why}" if day.counted else day.why))
        follows_letter = bool(letter)
        counted = day.n or counted
    return words if expanded(words) == days else None


def _letter_of(day: DayExplanation, counted: int) -> str:
    return next((letter for letter in "+-0O" if _day_of(letter, day.date, counted) == day), "")


def _day_of(letter: str, day: date, counted: int) -> DayExplanation:
    """Return what a letter says of a day before which so many were counted."""
    if letter == "+":
        return DayExplanation(date=day, counted=True, n=counted + 1, why=_WORKING)
    said = _WORKING if letter == "0" else _WEEKEND.get(day.weekday(), "")
    is_day_zero = letter in "0O"
    return DayExplanation(date=day, counted=False, n=None, why=said + _DAY_ZERO if is_day_zero else said)


def expanded(words: Sequence[str]) -> tuple[DayExplanation, ...]:
    """Return the explanation that was compacted."""
    return _expanded(tuple(words)) if words else ()


@lru_cache(_KEPT)
def _expanded(words: tuple[str, ...]) -> tuple[DayExplanation, ...]:
    day, counted = date.fromisoformat(words[0]), 0
    found: list[DayExplanation] = []
    for said in _each(words[1:]):
        found.append(_day_of(said, day, counted) if said in "0O+-" else _day(day, said))
        counted = found[-1].n or counted
        day += _ONE_DAY
    return tuple(found)


def _each(words: Sequence[str]) -> Iterator[str]:
    """Return what is said of each day: a letter or words."""
    for word in words:
        yield from word if _LETTERS.fullmatch(word) else (word,)


def _day(day: date, said: str) -> DayExplanation:
    number, space, why = said.partition(" ")
    if space and number.isascii() and number.isdigit():
        return DayExplanation(date=day, counted=True, n=int(number), why=why)
    return DayExplanation(date=day, counted=False, n=None, why=said)
