"""A workflow whose task took too long goes on when it no longer does, and its worker shuts down."""

from collections.abc import Iterator
from typing import Final
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from tests.support.polling import patience, until
from tests.support.workflows.runner_workflows import SLOW, TakesTooLong
from workflows.execution.runner import runner_for

SIGNALS: Final = 6


@pytest.fixture
def slow() -> Iterator[None]:
    """Everything is slow until the test clears it."""
    SLOW.set()
    yield
    SLOW.clear()


async def has_failed(handle: WorkflowHandle[TakesTooLong, int]) -> bool:
    failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    return any(event.event_type == failed for event in (await handle.fetch_history()).events)


async def test_an_interrupted_workflow_is_evicted_and_goes_on(client: Client, slow: None) -> None:
    """The SDK evicts it while the interrupted thread still works on its other coroutines."""
    queue = f"slow-{uuid4().hex}"
    handle = await client.start_workflow(TakesTooLong.run, SIGNALS, id=queue, task_queue=queue)
    for _ in range(SIGNALS):
        await handle.signal(TakesTooLong.take)
    async with (
        patience(),
        Worker(
            client,
            task_queue=queue,
            workflows=[TakesTooLong],
            workflow_runner=runner_for(client.data_converter),
        ),
    ):
        await until(lambda: has_failed(handle))
        SLOW.clear()
        assert await handle.result() == SIGNALS
