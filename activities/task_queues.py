"""The task queues of activities: no kind of work waits behind another.

A crowd of claims whose records are locked, or a long sweep, takes the slots of its own queue alone. Every queue's
worker knows every activity, and so does the worker of the claims' own queue, to which open claims of earlier versions
have sent theirs.
"""

from enum import StrEnum


class ActivityQueue(StrEnum):
    """What has a task queue of its own; each value is the suffix of its name."""

    DEADLINES = "deadlines"
    RECORDS = "records"
    PAPERS = "papers"
    LONG = "long"
    """Sweeps and updates, which run for minutes."""


def queue_name(claims: str, queue: ActivityQueue) -> str:
    """The name of an activities' task queue beside the claims' own."""
    return f"{claims}-{queue.value}"
