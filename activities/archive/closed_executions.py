"""Closed executions on the server: listing them, and how long the server keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus

ARCHIVED_TYPES: Final = (
    "Claim",
    "Unit",
    "CalendarUpdate",
    "Assessment",
    "AssessmentEdition",
    "Exclusion",
    "Meeting",
    "Clue",
)
"""Workflow types whose histories are kept for good. Those of clues stay encrypted under their own key (R64)."""
ALARM_BEFORE: Final = timedelta(hours=24)
"""The alarm is raised this long before the server deletes a history that is not archived."""
MOST_STOPPED: Final = 100
"""At most this many of the workflows that were ended by hand are looked at."""
_ENDED: Final = 'ExecutionStatus IN ("Terminated", "Failed", "TimedOut", "Canceled")'
_IN_ORDER: Final = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)
_SUBJECTS: Final[Mapping[str, str]] = {"Claim": "claim-", "Unit": "unit-"}


@dataclass(frozen=True, slots=True, order=True)
class VisibleRun:
    """One closed execution in the server's visibility, in order of closing."""

    closed_at: datetime
    workflow_id: str
    run_id: str
    workflow_type: str

    @property
    def number(self) -> str:
        """A claim's number; empty for all others."""
        return self._subject("Claim")

    @property
    def unit(self) -> str:
        """A unit's id; empty for all others."""
        return self._subject("Unit")

    def _subject(self, of: str) -> str:
        return self.workflow_id.removeprefix(_SUBJECTS[of]) if self.workflow_type == of else ""


def closed_runs_query(after: datetime | None = None, before: datetime | None = None) -> str:
    """Return the query for closed executions of ours, within bounds that themselves belong to it."""
    types = ", ".join(f'"{name}"' for name in ARCHIVED_TYPES)
    parts = [f"WorkflowType IN ({types})", 'ExecutionStatus != "Running"']
    parts += [f'CloseTime >= "{_text(after)}"'] if after else []
    parts += [f'CloseTime <= "{_text(before)}"'] if before else []
    return " AND ".join(parts)


async def list_runs(client: Client, query: str) -> Sequence[VisibleRun]:
    """Return every execution that a query finds. Raises RPCError."""
    return [
        VisibleRun(found.close_time, found.id, found.run_id, found.workflow_type)
        async for found in client.list_workflows(query, page_size=1000)
        if found.close_time is not None
    ]


class Stopped(NamedTuple):
    """Claims by number, and units, whose workflow did not end by itself and was not reset since (ADR 0001)."""

    claims: Sequence[str] = ()
    units: Sequence[str] = ()


async def stopped(client: Client) -> Stopped:
    """Return the stopped workflows, at most `MOST_STOPPED`. Raises RPCError."""
    kinds = ", ".join(f'"{kind}"' for kind in _SUBJECTS)
    found = client.list_workflows(f"WorkflowType IN ({kinds}) AND {_ENDED}", limit=MOST_STOPPED)
    names = sorted({run.id async for run in found})
    last = [await client.get_workflow_handle(name).describe() for name in names]
    ended = [run.id for run in last if run.status not in _IN_ORDER]
    claims, units = (
        [name.removeprefix(prefix) for name in ended if name.startswith(prefix)]
        for prefix in _SUBJECTS.values()
    )
    return Stopped(claims, units)


async def retention(client: Client) -> timedelta:
    """Return how long the server keeps closed executions. Raises RPCError."""
    found = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def at_risk(client: Client, watermark: datetime | None, now: datetime) -> int:
    """Count the executions closed after the watermark that the server will delete within `ALARM_BEFORE`. Raises RPCError."""
    latest = now - (await retention(client) - ALARM_BEFORE)
    if watermark is not None and watermark >= latest:
        return 0
    after = watermark + timedelta(microseconds=1) if watermark else None
    return (await client.count_workflows(closed_runs_query(after, latest))).count


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
