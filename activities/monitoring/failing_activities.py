"""Activities that keep failing: the workers' reports, and what the server knows.

Visibility does not tell of an activity that is retried. So workers name the workflows in which they meet one, in a
workflow whose memo the server gives to anybody, with or without a worker (`workflows.failing_activities`); whether
one still fails, the named workflow's own pending activities say.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import BaseModel, ConfigDict
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

FAILING_AFTER: Final = 3
"""An activity keeps failing from this attempt on."""
MOST_NAMED: Final = 50
"""At most this many workflows are named and looked at."""
FAILING_ACTIVITIES: Final = "FailingActivities"
REPORT: Final = "report"
MEMO: Final = "failing"


class FailureReport(BaseModel):
    """The workflows in which one worker has lately met an activity that keeps failing."""

    model_config = ConfigDict(frozen=True)

    worker: str = ""
    workflows: tuple[str, ...] = ()


class HeldReport(BaseModel):
    """A report and how long it is valid."""

    model_config = ConfigDict(frozen=True)

    until: datetime
    workflows: tuple[str, ...]


class FailingActivity(NamedTuple):
    """One activity that waits to be tried again. `error` is the type of its last failure."""

    workflow_id: str
    activity: str
    attempt: int
    error: str


def failing_activities_id(task_queue: str) -> str:
    """Return the id of the workflow to which workers report."""
    return f"failing-activities-{task_queue}"


async def failing(client: Client, task_queue: str) -> Sequence[FailingActivity]:
    """Return the failing activities of the first `MOST_NAMED` workflows. Raises RPCError."""
    names = await _named(client, task_queue)
    found = await asyncio.gather(*(_failing_in(client, name) for name in names[:MOST_NAMED]))
    return [one for several in found for one in several]


async def _named(client: Client, task_queue: str) -> Sequence[str]:
    try:
        reports = await client.get_workflow_handle(failing_activities_id(task_queue)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return ()
        raise
    if reports.status is not WorkflowExecutionStatus.RUNNING:
        return ()
    names: list[str] = await reports.memo_value(MEMO, [], type_hint=list[str])
    return names


async def _failing_in(client: Client, workflow_id: str) -> Sequence[FailingActivity]:
    try:
        found = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return ()
        raise
    return [
        FailingActivity(
            workflow_id,
            pending.activity_type.name,
            pending.attempt,
            pending.last_failure.application_failure_info.type or pending.last_failure.message,
        )
        for pending in found.raw_description.pending_activities
        if pending.attempt >= FAILING_AFTER and pending.HasField("last_failure")
    ]
