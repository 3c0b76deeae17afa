"""The smallest and the largest number that an edition may give a parameter (R7, R46).

An edition cannot take away what keeps a claim able to reach its end: how much it takes (R46), and how many limits
and reminders it has to write down.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from calendar_rules.policy import MAX_WORKING_DAYS

MAY_BE_ZERO: Final = frozenset(
    {
        "reminders_after_red",
        "standstill_days",
        "arrival_seconds",
        "journal_lines",
        "repeats_per_round",
        "repeats_per_side",
        "merge_answer_minutes",
        "claim_bytes",
        "refusals_recorded",
        "clock_skew_seconds",
    }
)
"""In policies of any age; 0 means that there is no maximum, or no such thing."""
_OF_DAYS: Final = (1, MAX_WORKING_DAYS)
_RANGES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "standstill_days": (0, MAX_WORKING_DAYS),
        "reminders_after_red": (0, 60),
        "unreachable_attempts": (1, 60),
        "max_dispatches": (1, 20),
        "max_orders": (1, 20),
        "phone_years": (1, 100),
        "arrival_seconds": (0, 600),
        "clock_skew_seconds": (0, 3600),
        "merge_answer_minutes": (1, 1440),
        "most_take_overs": (1, 200),
        "journal_lines": (100, 1000),
        "repeats_per_round": (1, 60),
        "repeats_per_side": (1, 200),
        "claim_bytes": (20_000, 400_000),
        "short_body_bytes": (500, 4_000),
        "refusals_recorded": (10, 200),
    }
)


def range_of(name: str) -> tuple[int, int]:
    """Return the least and the most that an edition may say for a number. Raises KeyError for one that has no range."""
    return _OF_DAYS if name.endswith("_days") and name not in _RANGES else _RANGES[name]
