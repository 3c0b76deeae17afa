"""The details of a workflow in the Temporal UI, rendered on request.

`workflow.set_current_details` would take a text at every step, also while a history is replayed; the UI reads it by a
query, and few steps are ever looked at.
"""

from typing import Final, Protocol, runtime_checkable

from temporalio import workflow
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.worker import (
    HandleQueryInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

METADATA_QUERY: Final = "__temporal_workflow_metadata"
"""The SDK's own query, by which the UI reads a workflow's details and handlers."""


@runtime_checkable
class HasCurrentDetails(Protocol):
    """A workflow that renders its own details."""

    def current_details(self) -> str:
        """Markdown about the workflow as it stands."""


class CurrentDetails(Interceptor):
    """Adds the rendered details to the answer to the UI's query."""

    def workflow_interceptor_class(
        self,
        _input: WorkflowInterceptorClassInput,
    ) -> type[WorkflowInboundInterceptor]:
        """For every workflow of the worker."""
        return _DrawnWhenAsked


class _DrawnWhenAsked(WorkflowInboundInterceptor):
    async def handle_query(self, input: HandleQueryInput) -> object:
        answer: object = await super().handle_query(input)
        drawn_by = workflow.instance()
        if isinstance(answer, WorkflowMetadata) and isinstance(drawn_by, HasCurrentDetails):
            answer.current_details = drawn_by.current_details()
        return answer
