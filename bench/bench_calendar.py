"""Speed of counting a deadline: `python bench/bench_calendar.py [--json]`.

Measures in one run, for the same starts and numbers of days: the table lookup (`nth_working_day_after`), the
floor (an empty function call and one list index), and a naive loop over days. Prints nanoseconds per call,
best and median of the rounds; ratios are of medians.
"""

import json
import platform
import statistics
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter_ns
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from calendar_rules import SHANGHAI, WorkingCalendar
from calendar_rules.loader import load_calendar

ROUNDS: Final = 15
CASES: Final = [
    (date(2026, 1, 1) + timedelta(days=offset), n) for offset in range(330) for n in (1, 2, 5, 10, 25)
]
ONE_DAY: Final = timedelta(days=1)

Call = Callable[[date, int], object]


def nothing(day: date, n: int) -> None:
    """Do nothing; the floor."""


def floor_call(table: list[date]) -> Call:
    def call(day: date, n: int) -> date:
        nothing(day, n)
        return table[n]

    return call


def day_loop(calendar: WorkingCalendar) -> Call:
    def call(day: date, n: int) -> date:
        while n:
            day += ONE_DAY
            n -= calendar.is_working_day(day)
        return day

    return call


def whole_deadline(calendar: WorkingCalendar) -> Call:
    starts = {day: _noon(day) for day, _ in CASES}

    def call(day: date, n: int) -> object:
        return calendar.deadline(starts[day], n)

    return call


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)


def nanoseconds(call: Call, cases: list[tuple[date, int]], rounds: int) -> dict[str, float]:
    samples = []
    for _ in range(rounds + 1):  # the first is a warm-up
        began = perf_counter_ns()
        for day, n in cases:
            call(day, n)
        samples.append((perf_counter_ns() - began) / len(cases))
    return {"best_ns": round(min(samples[1:]), 1), "median_ns": round(statistics.median(samples[1:]), 1)}


def measured() -> dict[str, object]:
    began = perf_counter_ns()
    calendar = load_calendar()
    load_ms = (perf_counter_ns() - began) / 1e6
    table, loop = calendar.nth_working_day_after, day_loop(calendar)
    if any(table(day, n) != loop(day, n) for day, n in CASES):
        raise SystemExit("the table and the loop disagree")
    floor = nanoseconds(floor_call([date(2026, 1, 1)] * 26), CASES, ROUNDS)
    look_up = nanoseconds(table, CASES, ROUNDS)
    naive = nanoseconds(loop, CASES, ROUNDS)
    deadline = nanoseconds(whole_deadline(calendar), CASES[::10], ROUNDS)
    return {
        "python": platform.python_version(),
        "cases": len(CASES),
        "rounds": ROUNDS,
        "load_ms": round(load_ms, 1),
        "floor": floor,
        "nth_working_day_after": look_up,
        "day_loop": naive,
        "deadline_with_explanation": deadline,
        "look_up_to_floor": round(look_up["median_ns"] / floor["median_ns"], 1),
        "loop_to_look_up": round(naive["median_ns"] / look_up["median_ns"], 1),
    }


def main(arguments: list[str]) -> int:
    if set(arguments) - {"--json"}:
        print("usage: bench_calendar.py [--json]", file=sys.stderr)
        return 2
    result = measured()
    if "--json" in arguments:
        print(json.dumps(result, ensure_ascii=False))
        return 0
    for name, value in result.items():
        print(f"{name:28} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
