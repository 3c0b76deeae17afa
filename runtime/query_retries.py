"""Repeats queries that failed because they came too early (`workflows.execution.unstarted_events`)."""

import asyncio
from typing import Any, Final

from temporalio.client import (
    Interceptor,
    OutboundInterceptor,
    QueryWorkflowInput,
    WorkflowQueryFailedError,
)

AHEAD_OF_HISTORY: Final = (
    "workflow ahead of its history: a query brought events of a workflow task that has not started"
)
"""What such a query fails with. Once the task has started, it is answered."""
_WAITS: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds before each further try; the RPC's own timeout holds for each try."""


class QueryRetries(Interceptor):
    """Repeats such queries, for each of our clients."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Part of the interface."""
        return _Outbound(next)


class _Outbound(OutboundInterceptor):
    async def query_workflow(self, input: QueryWorkflowInput) -> Any:  # noqa: ANN401  the SDK's type
        for wait in _WAITS:
            try:
                return await super().query_workflow(input)
            except WorkflowQueryFailedError as error:
                if AHEAD_OF_HISTORY not in str(error):
                    raise
            await asyncio.sleep(wait)
        return await super().query_workflow(input)
