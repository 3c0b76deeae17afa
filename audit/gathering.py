"""Every history that there is: from the archive, and from the server what is not in the archive yet."""

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from archive.errors import ArchiveDamaged
from archive.reading import Archive
from audit.histories import read_history
from audit.problems import AuditProblem, HistoryCorrupt

_KINDS: Final = 'WorkflowType IN ("Claim", "Unit")'


class Gathering:
    """Reads histories one after the other; `problems` are workflow ids and why theirs could not be had."""

    def __init__(self, archive: Archive | None, client: Client | None) -> None:
        self._archive = archive
        self._client = client
        self.problems: list[tuple[str, AuditProblem]] = []

    async def histories(self) -> AsyncIterator[WorkflowHistory]:
        """All of claims and units. Raises RPCError, StoreFailed, ArchiveDamaged (a manifest that cannot be
        read)."""
        had: set[str] = set()
        for history, run in self._archived():
            had.add(run)
            yield history
        if self._client is not None:
            async for history in self._on_server(self._client, had):
                yield history

    def _archived(self) -> Iterator[tuple[WorkflowHistory, str]]:
        if self._archive is None or self._archive.installation() is None:
            return
        for entry in self._archive.entries():
            if not (entry.number or entry.unit):
                continue
            try:
                yield read_history(entry.workflow_id, self._archive.read(entry)), entry.run_id
            except ArchiveDamaged as damaged:
                self.problems.append((entry.workflow_id, HistoryCorrupt(str(damaged))))
            except HistoryCorrupt as corrupt:
                self.problems.append((entry.workflow_id, corrupt))

    async def again(self, workflow_ids: Iterable[str]) -> AsyncIterator[WorkflowHistory]:
        """The newest that the server has of some workflows; nothing of those it does not know."""
        client = self._client
        if client is None:
            return
        for workflow_id in workflow_ids:
            try:
                yield await client.get_workflow_handle(workflow_id).fetch_history()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise

    async def _on_server(self, client: Client, had: set[str]) -> AsyncIterator[WorkflowHistory]:
        async for found in client.list_workflows(_KINDS, page_size=1000):
            if found.run_id in had:
                continue
            try:
                yield await client.get_workflow_handle(found.id, run_id=found.run_id).fetch_history()
            except RPCError as error:
                # The server forgot it while we read: the archive has it.
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
