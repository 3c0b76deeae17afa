"""Checks for keys that are retired although open workflows still need them: such workflows would stall silently, one by
one. A program checks the workflows that have been open longest when it starts.
"""

from heapq import nsmallest
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client
from temporalio.client import WorkflowExecution as Found
from temporalio.service import RPCError

from runtime.data_converter import keys_of
from runtime.payloads.codec import key_id_of
from runtime.payloads.keys import PayloadKeysError

_LOOKED_AT: Final = 50
_LISTED: Final = 10_000
_NAMED: Final = 3
_CURE: Final = "请从备份中取回该密钥，放回密钥文件的 [keys]，待它们办结后再停用；确已丢失的，先在 Temporal UI 中终止这些流程"


async def check_retired_keys(client: Client) -> None:
    """Raise PayloadKeysError if an open workflow began under a retired key. Raises RPCError."""
    keys = keys_of(client.data_converter)
    if keys is None or not keys.retired:
        return
    needing: dict[str, list[str]] = {}
    for one in await _open_for_longest(client):
        for id in await _ids_of_opening(client, one) & keys.retired:
            needing.setdefault(id, []).append(one.id)
    for id, workflows in needing.items():
        named = f"{'、'.join(workflows[:_NAMED])} 等 {len(workflows)} 个流程"
        raise PayloadKeysError(
            f"密钥 {id} 已列为停用，但未办结的 {named}仍由它加密，启动后无法继续办理：{_CURE}"
        )


async def _open_for_longest(client: Client) -> list[Found]:
    running = client.list_workflows('ExecutionStatus="Running"', limit=_LISTED, page_size=1000)
    return nsmallest(_LOOKED_AT, [one async for one in running], key=lambda one: (one.start_time, one.id))


async def _ids_of_opening(client: Client, found: Found) -> set[str]:
    """The keys that a workflow's first event is encrypted with."""
    request = GetWorkflowExecutionHistoryRequest(
        namespace=client.namespace,
        execution=WorkflowExecution(workflow_id=found.id, run_id=found.run_id),
        maximum_page_size=1,
    )
    try:
        page = await client.workflow_service.get_workflow_execution_history(request)
    except RPCError:
        return set()  # it has ended meanwhile
    return {
        key_id_of(payload)
        for event in page.history.events
        for payload in event.workflow_execution_started_event_attributes.input.payloads
    }
