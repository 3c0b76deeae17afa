"""A large update leaves a workflow able to go on: the server refuses one that a worker could not send back (ADR 12)."""

from datetime import timedelta
from typing import Final

import pytest
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.enums.v1 import EventType, UpdateWorkflowExecutionLifecycleStage
from temporalio.api.update.v1 import WaitPolicy
from temporalio.api.workflowservice.v1 import UpdateWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.delivery import NOT_TAKEN
from tests.support.workflows.claim_play import Stage

A_WHILE: Final = timedelta(seconds=5)
LARGEST_TAKEN: Final = 730_000
"""Bytes of the largest update, about, that the server takes and the worker sends back."""


def update_of(client: Client, workflow_id: str, size: int) -> UpdateWorkflowExecutionRequest:
    """Return a new calendar that nobody can read."""
    request = UpdateWorkflowExecutionRequest(
        namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=workflow_id)
    )
    wait = UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED
    request.wait_policy.CopyFrom(WaitPolicy(lifecycle_stage=wait))
    request.request.meta.update_id = "large"
    request.request.input.name = "retime"
    content = Payload(metadata={"encoding": b"json/plain"}, data=b'"%s"' % (b"x" * size))
    request.request.input.args.payloads.append(content)
    return request


@pytest.mark.rule("R46", "R31")
async def test_an_update_that_no_worker_could_send_back_reaches_no_claim(
    stage: Stage, stranger: Client
) -> None:
    play = await stage.register()
    request = update_of(stranger, play.handle.id, 1_000_000)
    with pytest.raises(RPCError, match="in-flight updates") as refused:
        await stranger.workflow_service.update_workflow_execution(request, timeout=A_WHILE)
    assert refused.value.status is RPCStatusCode.RESOURCE_EXHAUSTED
    await play.dispatched()


@pytest.mark.rule("R46", "R31")
async def test_the_largest_update_that_the_server_takes_is_rejected_and_fails_no_task(
    stage: Stage, stranger: Client
) -> None:
    play = await stage.register()
    request = update_of(stranger, play.handle.id, LARGEST_TAKEN)
    answer = await stranger.workflow_service.update_workflow_execution(request, timeout=A_WHILE)
    assert answer.outcome.failure.application_failure_info.type == NOT_TAKEN
    await play.dispatched()
    kinds = [event.event_type async for event in play.handle.fetch_history_events()]
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in kinds
