"""The retry policies of all activities."""

from datetime import timedelta
from typing import Final

from temporalio.common import RetryPolicy

DEADLINES_WITHIN: Final = timedelta(seconds=5)
"""Computing a deadline takes milliseconds; after this time another worker takes over from a lost one."""
DEADLINES: Final = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=5)
)
"""Deadlines: retried without end and at short intervals, because the claim waits for them."""
NEWS_WITHIN: Final = timedelta(seconds=5)
"""Messages between workflows, such as a request to take over, arrive in milliseconds."""
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
