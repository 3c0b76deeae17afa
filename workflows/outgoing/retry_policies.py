"""How activities are retried: the only place that says so."""

from datetime import timedelta
from typing import Final

from temporalio.common import RetryPolicy

DEADLINES_WITHIN: Final = timedelta(seconds=5)
"""A deadline is fixed in milliseconds; one that a lost worker had is fixed by another after this."""
DEADLINES: Final = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=5)
)
"""Deadlines: retried without end and at short intervals, since a claim goes no further without them."""
NEWS_WITHIN: Final = timedelta(seconds=5)
"""What one workflow tells another, such as a request to take over, arrives in milliseconds."""
PAPERS_WITHIN: Final = timedelta(seconds=20)
RECORDS: Final = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
"""Records and calendars: retried without end, until the database answers."""
BACKGROUND_TASKS: Final = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5)
)
"""Papers, lights and reminders: retried without end, less often."""
ARCHIVE_SWEEP: Final = RetryPolicy(
    initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=1), maximum_attempts=5
)
"""A sweep gives up after five attempts: the schedule starts the next one."""
