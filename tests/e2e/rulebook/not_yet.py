"""Assertions of the rulebook that the system does not keep yet. One that it keeps must leave this list."""

from typing import Final

NOT_YET: Final = frozenset(
    {
        "silence-5",  # R38: a supervision letter names those who get a copy
        "office-hours-3",  # R29: on virtual time, notices leave by the wall clock
    }
)
