"""Workflows whose tasks keep failing, as the server's visibility shows them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from temporalio.client import Client
from temporalio.common import SearchAttributeKey

MOST_NAMED: Final = 1000
"""At most this many stalled workflows are counted."""
PROBLEMS: Final = SearchAttributeKey.for_keyword_list("TemporalReportedProblems")
"""The server's flag on a workflow whose tasks keep failing."""


class StalledWorkflow(NamedTuple):
    """An open workflow that makes no progress until its tasks succeed. `problem`: the server's reason."""

    workflow_id: str
    workflow_type: str
    problem: str


def stalled_query(task_queue: str) -> str:
    """Return the query that finds them, of every type, in the Temporal UI as well."""
    return (
        f'ExecutionStatus = "Running" AND TaskQueue = "{task_queue}" AND TemporalReportedProblems IS NOT NULL'
    )


async def stalled(client: Client, task_queue: str) -> Sequence[StalledWorkflow]:
    """Return which there are, `MOST_NAMED` at most. The server flags one after a few failed tasks in a row,
    and takes the flag away when one succeeds. Raises RPCError.
    """
    found = client.list_workflows(stalled_query(task_queue), limit=MOST_NAMED)
    return sorted(
        [
            StalledWorkflow(
                run.id, run.workflow_type, "; ".join(run.typed_search_attributes.get(PROBLEMS, ()))
            )
            async for run in found
        ]
    )
