"""Queries that wait for a worker while the workflow continues do not move a workflow ahead of its history."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.worker import Replayer, Worker, WorkflowRunner

from tests.support.polling import until
from tests.support.workflows.runner_workflows import Blocks, NotesWhen, answer_later, say
from workflows.execution.runner import runner_for

CLAIM_TRACES: Final = 6
QUERIES: Final = 2
SLOTS: Final = 2
Handle = WorkflowHandle[NotesWhen, str]


def worker_of(client: Client, queue: str, runner: WorkflowRunner) -> Worker:
    """A worker without deadlock detection, because workflows block here on purpose."""
    return Worker(
        client,
        task_queue=queue,
        workflows=[NotesWhen, Blocks],
        activities=[answer_later, say],
        workflow_runner=runner,
        max_concurrent_workflow_tasks=SLOTS,
        max_concurrent_workflow_task_polls=SLOTS,
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=0.4),
        debug_mode=True,
    )


async def waits_for_its_activity(handle: Handle) -> bool:
    described = await handle.describe()
    activities = described.raw_description.pending_activities
    return bool(activities) and activities[0].HasField("last_started_time")


async def begin(client: Client, queue: str) -> Handle:
    handle = await client.start_workflow(NotesWhen.run, id=f"{queue}-{uuid4().hex}", task_queue=queue)
    await until(lambda: waits_for_its_activity(handle))
    await handle.query(NotesWhen.is_over)
    return handle


async def ask_and_go_on(client: Client, handle: Handle) -> list[asyncio.Task[bool]]:
    """Send queries that no worker takes yet, then end the activity."""
    asked = [asyncio.create_task(handle.query(NotesWhen.is_over)) for _ in range(QUERIES)]
    await asyncio.sleep(0.9)  # the server switches to the normal task queue; nothing reports when
    activity = client.get_async_activity_handle(
        workflow_id=handle.id, run_id=handle.first_execution_run_id, activity_id="later"
    )
    await activity.complete()
    return asked


async def histories_of_blocked(client: Client, runner: WorkflowRunner) -> list[WorkflowHistory]:
    """Return histories of workflows queried while their worker is busy with others."""
    queue = f"early-{uuid4().hex}"
    async with worker_of(client, queue, runner):
        handles = await asyncio.gather(*(begin(client, queue) for _ in range(CLAIM_TRACES)))
        for n in range(SLOTS):
            await client.start_workflow(Blocks.run, 2.2, id=f"{queue}-blocks-{n}", task_queue=queue)
        await asyncio.sleep(0.3)
        asked = await asyncio.gather(*(ask_and_go_on(client, handle) for handle in handles))
        for answers in asked:
            assert await asyncio.gather(*answers) == [False] * QUERIES
        for handle in handles:
            await handle.signal(NotesWhen.end)
            await handle.result()
    return [await handle.fetch_history() for handle in handles]


async def started_and_noted(client: Client, history: WorkflowHistory) -> tuple[datetime, datetime]:
    """Return when the task started that sent the note, and the instant in the note, to the millisecond."""
    started, noted = datetime.now(UTC), ""
    for event in history.events:
        scheduled = event.activity_task_scheduled_event_attributes
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
            started = event.event_time.ToDatetime(UTC)
        elif scheduled.activity_type.name == "say":
            (noted,) = await client.data_converter.decode(scheduled.input.payloads, [str])
            break
    instants = (started, datetime.fromisoformat(noted))
    first, second = (instant.replace(microsecond=instant.microsecond // 1000 * 1000) for instant in instants)
    return first, second


@pytest.mark.rule("R6")
async def test_what_a_workflow_notes_is_of_the_instant_of_its_task(client: Client) -> None:
    for history in await histories_of_blocked(client, runner_for(client.data_converter)):
        started, noted = await started_and_noted(client, history)
        assert noted == started
        await Replayer(workflows=[NotesWhen], data_converter=client.data_converter).replay_workflow(history)
