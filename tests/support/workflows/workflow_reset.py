"""Resets a workflow as an administrator does in the Temporal UI."""

from uuid import uuid4

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client


async def reset(client: Client, workflow_id: str) -> None:
    """Reset to the last workflow task, the UI's default; the run continues under the same id."""
    events = (await client.get_workflow_handle(workflow_id).fetch_history()).events
    completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    request = ResetWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=workflow_id),
        reason="ended by mistake",
        workflow_task_finish_event_id=max(
            event.event_id for event in events if event.event_type == completed
        ),
        request_id=str(uuid4()),
    )
    await client.workflow_service.reset_workflow_execution(request)
