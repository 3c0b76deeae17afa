"""A claim's own clock on the server. In virtual time it can be ahead of other claims'."""

from datetime import UTC, datetime

from temporalio.client import WorkflowHandle


async def clock_of(handle: "WorkflowHandle[object, object]") -> datetime | None:
    """Return the current instant of a claim; None if its clock is the wall clock. A workflow's own
    `now()` in a query is only the instant at which it was last awake."""
    described = (await handle.describe()).raw_description.workflow_extended_info
    if not described.HasField("time_skipping_info"):
        return None
    return described.time_skipping_info.current_time.ToDatetime(UTC)
