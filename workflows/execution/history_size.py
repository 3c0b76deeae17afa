"""The history size above which a claim reserves the rest for the actions that end it."""

from typing import Final

from temporalio import workflow

LONG_EVENTS: Final = 12_000
LONG_BYTES: Final = 3_000_000
"""Temporal ends a history at 51,200 events or 50 MB."""


def has_long_history() -> bool:
    """Return whether the run's history is longer."""
    info = workflow.info()
    return info.get_current_history_length() > LONG_EVENTS or info.get_current_history_size() > LONG_BYTES
