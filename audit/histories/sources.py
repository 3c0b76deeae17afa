"""Sources of histories: the server, then the archive; or a single file."""

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from activities.workflow_ids import workflow_id
from archive.entries import ArchiveEntry
from archive.errors import ArchiveDamaged, ArchiveError, NotArchived
from archive.problems import ProblemKind
from archive.reader import Archive
from audit.histories.parsing import read_history
from audit.problems import HistoryCorrupt, NoSuchHistory, SourceUnavailable
from claims.text.file_problems import os_problem

Fetch = Callable[[str], Awaitable[WorkflowHistory | None]]
"""Returns a workflow's latest history, or None. Raises SourceUnavailable."""
_PATIENCE: Final = 15.0
"""Timeout in seconds for the server to return one history."""
_AWAY: Final = "Temporal 服务器没有应答，归档中也没有"
_GONE: Final = (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT)


class Origin(StrEnum):
    """Where a history was found."""

    SERVER = "server"
    ARCHIVE = "archive"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class FoundHistory:
    """A history and its origin; `entry` is its archive entry, if any."""

    history: WorkflowHistory
    origin: Origin
    entry: ArchiveEntry | None = None
    content: bytes = b""
    """The archived JSON, byte for byte."""


def server_histories(connect: Callable[[], Awaitable[Client]]) -> Fetch:
    """Return a `Fetch` that reads from the server."""

    async def fetch(name: str) -> WorkflowHistory | None:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await (await connect()).get_workflow_handle(name).fetch_history()
        except RPCError as error:
            if error.status in _GONE:
                return None
            raise SourceUnavailable(f"{_AWAY}（{error.message}）") from error
        except (RuntimeError, TimeoutError) as error:
            raise SourceUnavailable(f"{_AWAY}；请稍后再试") from error

    return fetch


class Sources:
    """The server and the archive of one installation. Without a server, `fetch` is None."""

    def __init__(self, fetch: Fetch | None, archive_url: str) -> None:
        self._fetch = fetch
        self._archive_url = archive_url

    def archive(self) -> Archive:
        """Open the archive. Raises SourceUnavailable."""
        try:
            return Archive.at(self._archive_url)
        except ArchiveError as error:
            raise SourceUnavailable(f"归档不能读取：{error}") from error

    async def claim(self, number: str) -> FoundHistory:
        """Return a claim's history. Raises NoSuchHistory, HistoryCorrupt, SourceUnavailable."""
        return await self.workflow(workflow_id(number), f"工单{number}")

    async def workflow(self, name: str, label: str) -> FoundHistory:
        """Return a workflow's latest history; `label` is its name in messages."""
        away: SourceUnavailable | None = None
        try:
            found = await self.on_server(name)
        except SourceUnavailable as problem:
            away, found = problem, None
        if found is not None:
            return found
        archived = await asyncio.to_thread(self.archived, name)
        if archived is None and away is not None:
            raise away
        if archived is None:
            raise NoSuchHistory(f"没有{label}的历史：服务器上没有，归档中也没有。请核对编号")
        return archived

    async def on_server(self, name: str) -> FoundHistory | None:
        """Return the history on the server, or None. Raises SourceUnavailable."""
        history = await self._fetch(name) if self._fetch is not None else None
        return FoundHistory(history, Origin.SERVER) if history is not None else None

    def archived(self, name: str) -> FoundHistory | None:
        """Return a workflow's last archived run, or None. Raises HistoryCorrupt, SourceUnavailable."""
        archive = self.archive()
        try:
            entry = archive.find(name)[-1]
            content = archive.read(entry)
        except NotArchived:
            return None
        except ArchiveDamaged as error:
            if error.problem.kind is ProblemKind.ERASED:
                raise NoSuchHistory(error.problem.message) from error
            raise HistoryCorrupt(f"归档中 {name} 的历史已损坏：{error}") from error
        except ArchiveError as error:
            raise SourceUnavailable(f"归档不能读取：{error}") from error
        return FoundHistory(read_history(entry.workflow_id, content), Origin.ARCHIVE, entry, content)


def from_file(path: Path, number: str) -> FoundHistory:
    """Return a history from a file: JSON as written by the SDK, the CLI or the UI, or the same gzipped.
    Raises NoSuchHistory, HistoryCorrupt.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoSuchHistory(f"读不到文件 {path}：{os_problem(error)}") from error
    return FoundHistory(read_history(workflow_id(number), _plain(path, data)), Origin.FILE, content=data)


def _plain(path: Path, data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise HistoryCorrupt(f"文件 {path} 不是完好的 gzip 文件") from error
