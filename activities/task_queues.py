"""The task queues of activities: no kind of work waits behind another.

A crowd of claims whose records are locked, or a long sweep, takes the slots of its own queue alone. Every queue's
worker knows every activity, and so does the worker of the claims' own queue, to which open claims of earlier versions
have sent theirs.

What a claim's steps leave is written down on the claims' own queue, which no other kind is sent to: there the server
hands an activity to the worker that asks for it with the answer to its workflow task (eager execution), which
spares both of them a poll.
"""

from enum import StrEnum


class ActivityQueue(StrEnum):
    """Kinds of activities with their own task queue; each value is the suffix of the queue's name."""

    DEADLINES = "deadlines"
    MESSAGES = "messages"
    """Messages between workflows."""
    LIGHTS = "lights"
    """Lights and causes for the units' accounts, which take them one by one."""
    RECORDS = "records"
    """Records of accounts and other workflows that are not claims."""
    PAPERS = "papers"
    LONG = "long"
    """Sweeps and updates, which run for minutes."""


def queue_name(claims: str, queue: ActivityQueue) -> str:
    """Return the name of an activities' task queue beside the claims' own."""
    return f"{claims}-{queue.value}"
