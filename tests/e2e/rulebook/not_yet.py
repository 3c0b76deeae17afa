"""Assertions of the rulebook that the system does not keep yet. One that it keeps must leave this list."""

from typing import Final

NOT_YET: Final = frozenset(
    {
        "office-hours-3",  # R29: on virtual time, notices leave by the wall clock
    }
)
