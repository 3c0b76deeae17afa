"""Hooks for counting operations. The API counts them for Prometheus."""

from typing import Protocol


class Counters(Protocol):
    """Receives one call for every operation."""

    def count_registration(self, channel: str, *, is_new: bool) -> None:
        """A claim was registered, or was known already."""

    def count_action(self, action: str, status: str) -> None:
        """An action on a claim ended as `accepted`, `refused` or `pending`."""


class NoCounters:
    """Counts nothing."""

    def count_registration(self, channel: str, *, is_new: bool) -> None:
        """Do nothing."""

    def count_action(self, action: str, status: str) -> None:
        """Do nothing."""
