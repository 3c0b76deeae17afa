"""Assertions of the rulebook that the system does not keep yet. One that it keeps must leave this list."""

from typing import Final

NOT_YET: Final[frozenset[str]] = frozenset()
