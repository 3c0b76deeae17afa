"""Priorities of queued tasks: deadlines, then what people wait for, records, papers, sweeps.

Each kind of activity has a task queue of its own (`activities.task_queues`), so these count on the claims'
own queue, and wherever an operator lets several kinds share one. The server knows five; 3 is what a task
without one has.
"""

from typing import Final

from temporalio.common import Priority

DEADLINES: Final = Priority(priority_key=1)
"""A claim goes no further without them."""
NEWS: Final = Priority(priority_key=2)
"""Messages between workflows, such as a light."""
RECORDS: Final = Priority(priority_key=3)
PAPERS: Final = Priority(priority_key=4)
SWEEPS: Final = Priority(priority_key=5)
"""Workflows that tell all claims of something, or archive them, and their activities."""
