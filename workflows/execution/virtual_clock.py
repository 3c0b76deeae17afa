"""A claim's own clock, as the server keeps it. On virtual time it can be ahead of other claims."""

from datetime import UTC, datetime

from temporalio.client import WorkflowHandle


async def clock_of(handle: "WorkflowHandle[object, object]") -> datetime | None:
    """The instant that it is for a claim; None where its clock is the wall clock. A workflow's own
    `now()` in a query is only the instant at which it was last awake."""
    described = (await handle.describe()).raw_description.workflow_extended_info
    if not described.HasField("time_skipping_info"):
        return None
    return described.time_skipping_info.current_time.ToDatetime(UTC)
