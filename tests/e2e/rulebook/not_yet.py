"""Assertions of the rulebook that do not hold yet. One that holds must be removed from this list."""

from typing import Final

NOT_YET: Final = frozenset(
    {
        "office-hours-3",  # R29: on virtual time, notices are sent by the wall clock
    }
)
