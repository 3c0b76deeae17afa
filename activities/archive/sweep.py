"""One sweep: whatever has closed on the server and is not in the archive goes there, in order of closing.

It may be run at any time, by anybody, and die anywhere: the next one completes it. The watermark only spares it from
looking again at what is long archived; what visibility showed late is found by the overlap, and by a last look at all
that the server is about to forget.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.archive.closed_executions import (
    ALARM_BEFORE,
    VisibleRun,
    closed_runs_query,
    list_runs,
    retention,
)
from archive.entries import ArchiveHead, ClosedRun, canonical
from archive.facts import IncompleteHistory, closed_run
from archive.store import open_store
from archive.writer import ArchiveWriter, ConcurrentWriter
from records.archive_heads import NotedHead, last_sweep, latest_head, note_sweep
from records.database.engine import Records
from runtime.data_converter import decode_history

log = structlog.get_logger()

OVERLAP: Final = timedelta(hours=1)
"""A sweep starts this far before the watermark, because visibility may lag."""
LAST_LOOK: Final = ALARM_BEFORE + timedelta(hours=24)
"""How long before the server deletes a history it is checked once more."""
_HALF_WRITTEN_FOR: Final = timedelta(hours=1)
_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """`batch`: histories in one segment of the manifest. `at_once`: fetched side by side. `most`: in one sweep."""

    batch: int = 50
    at_once: int = 8
    most: int = 5000


USUAL: Final = Pace()


class SweepResult(BaseModel):
    """The result of a sweep. It includes the head, against which the archive can be checked.

    `waiting`: not archived yet, to be retried. `lost`: deleted by the server. `in_danger`: waiting ones that
    the server will delete within a day. `more`: another sweep has to follow at once.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    installation: str
    count: int
    hash: str
    archived: int = 0
    waiting: int = 0
    lost: int = 0
    in_danger: int = 0
    more: bool = False
    watermark: AwareDatetime | None = None

    @property
    def head(self) -> ArchiveHead:
        """The manifest's head after the sweep."""
        return ArchiveHead(installation=self.installation, count=self.count, hash=self.hash)


@dataclass(frozen=True, slots=True)
class _Resources:
    client: Client
    records: Records
    code_version: str
    pace: Pace


class Sweeper:
    """Sweeps into one archive. It keeps what it has read of the manifest between sweeps."""

    def __init__(
        self,
        client: Client,
        records: Records,
        url: str,
        *,
        clock: Callable[[], datetime],
        code_version: str,
        pace: Pace = USUAL,
    ) -> None:
        self._resources = _Resources(client, records, code_version, pace)
        self._url = url
        self._clock = clock
        self._alone = asyncio.Lock()
        self._writer: ArchiveWriter | None = None

    async def sweep(self, beat: Callable[[], None] = lambda: None) -> SweepResult:
        """Run one sweep; `beat` is called after each batch. Raises ArchiveError, RPCError, RecordsUnavailable."""
        async with self._alone:
            # A sweep that is interrupted may leave a thread at work with its writer: the next has its own.
            writer, self._writer = self._writer, None
            writer = writer or ArchiveWriter(await asyncio.to_thread(open_store, self._url))
            result = await _Sweep(self._resources, writer, self._clock(), beat).run()
            self._writer = writer
        log.info("archive-swept", **result.model_dump(mode="json"))
        return result


class _Sweep:
    def __init__(
        self, resources: _Resources, writer: ArchiveWriter, now: datetime, beat: Callable[[], None]
    ) -> None:
        self._resources = resources
        self._writer = writer
        self._now = now
        self._beat = beat
        self._slots = asyncio.Semaphore(resources.pace.at_once)
        self._waiting: list[VisibleRun] = []
        self._lost: list[VisibleRun] = []
        self._known: list[ArchiveHead] = []

    async def run(self) -> SweepResult:
        known = await asyncio.to_thread(latest_head, self._resources.records)
        self._known = [ArchiveHead(**known.model_dump())] if known else []
        await self._catch_up()
        await asyncio.to_thread(self._writer.store.clear_temporary, self._now - _HALF_WRITTEN_FOR)
        kept_for = await retention(self._resources.client)
        due = await self._due(kept_for)
        taken = due[: self._resources.pace.most]
        archived = 0
        for start in range(0, len(taken), self._resources.pace.batch):
            archived += await self._archive(taken[start : start + self._resources.pace.batch])
            self._beat()
        return await self._note(archived, due[len(taken) :], kept_for)

    async def _catch_up(self) -> None:
        await asyncio.to_thread(self._writer.catch_up, self._now, self._known)

    async def _due(self, kept_for: timedelta) -> Sequence[VisibleRun]:
        """Return the executions to archive, in order of closing."""
        watermark = (await asyncio.to_thread(last_sweep, self._resources.records)).watermark
        since = min(watermark, self._now) - OVERLAP if watermark else None
        found = set(await list_runs(self._resources.client, closed_runs_query(after=since)))
        if since is not None:
            found.update(
                await list_runs(
                    self._resources.client, closed_runs_query(before=self._now - kept_for + LAST_LOOK)
                )
            )
        return sorted(run for run in found if run.run_id not in self._writer.runs)

    async def _archive(self, runs: Sequence[VisibleRun]) -> int:
        """Archive these; return how many were archived."""
        fetched = await asyncio.gather(*(self._fetched(run) for run in runs))
        batch = [item for item in fetched if item is not None]
        for _ in range(_TRIES):
            batch = [(run, content) for run, content in batch if run.run_id not in self._writer.runs]
            try:
                await asyncio.to_thread(self._writer.append, batch, at=self._now)
                return len(batch)
            except ConcurrentWriter:
                await self._catch_up()
        raise ConcurrentWriter("另有程序一直在归档，请稍后再试")

    async def _fetched(self, run: VisibleRun) -> tuple[ClosedRun, bytes] | None:
        handle = self._resources.client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
        try:
            async with self._slots:
                history = await handle.fetch_history()
                content = await asyncio.to_thread(history.to_json_dict)
                decoded = await decode_history(content, self._resources.client.data_converter)
                return await asyncio.to_thread(self._described, run, content, decoded)
        except IncompleteHistory as error:
            log.error("archive-history-incomplete", workflow_id=run.workflow_id, reason=str(error))
            self._waiting.append(run)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            log.error("archive-history-lost", workflow_id=run.workflow_id, run_id=run.run_id)
            self._lost.append(run)
        return None

    def _described(
        self, run: VisibleRun, history: dict[str, JsonValue], decoded: dict[str, JsonValue]
    ) -> tuple[ClosedRun, bytes]:
        described = closed_run(
            history,
            workflow_id=run.workflow_id,
            run_id=run.run_id,
            number=run.number,
            unit=run.unit,
            code_version=self._resources.code_version,
            decoded=decoded if decoded is not history else None,
        )
        return described, canonical(history).encode()

    async def _note(self, archived: int, left: Sequence[VisibleRun], kept_for: timedelta) -> SweepResult:
        open_ones = sorted([*self._waiting, *left])
        watermark = min([self._now, *(run.closed_at - timedelta(microseconds=1) for run in open_ones)])
        forgotten_soon = self._now - (kept_for - ALARM_BEFORE)
        endangered = [run for run in open_ones if run.closed_at <= forgotten_soon]
        head = self._writer.head
        noted = NotedHead(installation=head.installation, count=head.count, hash=head.hash)
        await asyncio.to_thread(note_sweep, self._resources.records, noted, watermark, self._now)
        if endangered:
            log.error("archive-in-danger", runs=len(endangered), first=endangered[0].workflow_id)
        return SweepResult(
            **noted.model_dump(),
            archived=archived,
            waiting=len(self._waiting),
            lost=len(self._lost),
            in_danger=len(endangered),
            more=bool(left),
            watermark=watermark,
        )
