"""Collects all histories: archived ones, and those on the server that are not archived yet.

Of a claim that was reset, only the last run counts.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from archive.entries import ArchiveEntry
from archive.errors import ArchiveDamaged
from archive.problems import ProblemKind
from archive.reader import Archive
from audit.histories.parsing import read_history
from audit.problems import AuditProblem, HistoryCorrupt

CASES: Final = frozenset({"Assessment", "Exclusion", "Meeting", "Clue"})
"""Types of the workflows with a case's state (`assessment.cases`)."""
_KINDS: Final = 'WorkflowType IN ("Claim", "Unit", "Assessment", "Exclusion", "Meeting", "Clue")'
_GOES_ON: Final = datetime.max.replace(tzinfo=UTC)


class _RunOnServer(NamedTuple):
    workflow_id: str
    run_id: str
    is_claim: bool
    closed_at: datetime


class HistoryCollector:
    """Reads histories one by one. `problems` holds the ids of workflows whose history could not be read, with
    the reason.
    """

    def __init__(self, archive: Archive | None, client: Client | None) -> None:
        self._archive = archive
        self._client = client
        self.problems: list[tuple[str, AuditProblem]] = []

    async def histories(self) -> AsyncIterator[WorkflowHistory]:
        """Yield all histories of claims, units and cases. Raises RPCError, StoreFailed, ArchiveDamaged
        (unreadable manifest).
        """
        on_server = await _listed(self._client) if self._client is not None else []
        last = self._last_of_claims(on_server)
        had: set[str] = set()
        for history, run in self._archived(last):
            had.add(run)
            yield history
        for seen in on_server:
            if seen.run_id in had or last.get(seen.workflow_id, seen.run_id) != seen.run_id:
                continue
            # The server may delete a history during the run; then it is in the archive.
            if (found := await self._fetched(seen.workflow_id, seen.run_id)) is not None:
                yield found

    def _last_of_claims(self, on_server: Iterable[_RunOnServer]) -> Mapping[str, str]:
        """Return for each workflow id the run that closed last or is still open."""
        runs = [(seen.closed_at, seen.workflow_id, seen.run_id) for seen in on_server if seen.is_claim]
        entries = (entry for entry in self._entries() if entry.number)
        runs += [(entry.closed_at, entry.workflow_id, entry.run_id) for entry in entries]
        return {workflow_id: run_id for _, workflow_id, run_id in sorted(runs)}

    def _entries(self) -> Iterator[ArchiveEntry]:
        if self._archive is not None and self._archive.installation() is not None:
            for entry in self._archive.entries():
                if entry.number or entry.unit or entry.workflow_type in CASES:
                    yield entry

    def _archived(self, last: Mapping[str, str]) -> Iterator[tuple[WorkflowHistory, str]]:
        archive = self._archive
        for entry in self._entries():
            if archive is None or last.get(entry.workflow_id, entry.run_id) != entry.run_id:
                continue
            try:
                yield read_history(entry.workflow_id, archive.read(entry)), entry.run_id
            except ArchiveDamaged as damaged:
                if damaged.problem.kind is ProblemKind.ERASED:
                    continue
                self.problems.append((entry.workflow_id, HistoryCorrupt(str(damaged))))
            except HistoryCorrupt as corrupt:
                self.problems.append((entry.workflow_id, corrupt))

    async def again(self, workflow_ids: Iterable[str]) -> AsyncIterator[WorkflowHistory]:
        """Yield the server's newest history of each of its workflows."""
        for workflow_id in workflow_ids:
            if (history := await self._fetched(workflow_id)) is not None:
                yield history

    async def _fetched(self, workflow_id: str, run_id: str | None = None) -> WorkflowHistory | None:
        """Return a history from the server, or None if it does not have it (any more)."""
        if self._client is None:
            return None
        try:
            return await self._client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return None


async def _listed(client: Client) -> list[_RunOnServer]:
    return [
        _RunOnServer(found.id, found.run_id, found.workflow_type == "Claim", found.close_time or _GOES_ON)
        async for found in client.list_workflows(_KINDS, page_size=1000)
    ]
