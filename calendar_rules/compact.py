"""Day-by-day explanations in few words, as histories and records keep them.

`["2026-11-27", "工作日；起算当日不计", "周六，休息日", "周日，休息日", "1 工作日"]`: the first day, then what is said of it and
of each day after it. A counted day begins with its number.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from calendar_rules.model import DayExplanation

_ONE_DAY = timedelta(days=1)


def compacted(days: Sequence[DayExplanation]) -> list[str] | None:
    """The explanation in few words; None where it is not of consecutive days, or would not be read as it was."""
    consecutive = all(later.date - earlier.date == _ONE_DAY for earlier, later in pairwise(days))
    words = [days[0].date.isoformat(), *(_words(day) for day in days)] if days else []
    return words if consecutive and expanded(words) == tuple(days) else None


def _words(day: DayExplanation) -> str:
    return f"{day.n} {day.why}" if day.counted else day.why


def expanded(words: Sequence[str]) -> tuple[DayExplanation, ...]:
    """The explanation that was compacted."""
    return tuple(_days(date.fromisoformat(words[0]), words[1:])) if words else ()


def _days(first: date, words: Iterable[str]) -> Iterable[DayExplanation]:
    for n, said in enumerate(words):
        number, space, why = said.partition(" ")
        counted = bool(space) and number.isascii() and number.isdigit()
        yield DayExplanation(
            date=first + n * _ONE_DAY,
            counted=counted,
            n=int(number) if counted else None,
            why=why if counted else said,
        )
