"""Appends complete histories to an archive.

It writes the histories' files first, then their lines in the manifest, then the head. The next writer
completes what an interrupted one left. Two writers cannot both append: a segment's name is its first index,
and only the first to create the file keeps it.
"""

import gzip
import zlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import uuid4

from archive.chain import ChainCheck, Segment
from archive.entries import (
    ArchiveEntry,
    ArchiveHead,
    ClosedRun,
    Installation,
    file_of,
    hash_of,
    segment_of,
    text_of,
)
from archive.errors import ArchiveDamaged, ArchiveError, ConflictingContent
from archive.guide import GUIDE, GUIDE_FILE
from archive.problems import ProblemKind, problem
from archive.reader import HEAD_FILE, INSTALLATION_FILE, MANIFEST, Archive
from archive.store import Store

_LEVEL: Final = 6


class ConcurrentWriter(ArchiveError):
    """Another writer has appended meanwhile: read again and retry."""


class ArchiveWriter:
    """Appends to an archive that it has read and checked. Not thread-safe."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._archive = Archive(store)
        self._chain: ChainCheck | None = None
        self._is_known = False
        self._read: set[str] = set()
        self.runs: set[str] = set()
        """The run ids in the manifest."""

    @property
    def head(self) -> ArchiveHead:
        """The manifest's end as last read or written."""
        if self._chain is None:
            raise ArchiveError("归档尚未打开")
        return self._chain.head

    def catch_up(self, now: datetime, known: Sequence[ArchiveHead] = ()) -> ArchiveHead:
        """Read new entries of the manifest, and complete what an interrupted writer left.

        Creates the archive if there is none and no heads of it are known; otherwise it is lost or
        unreachable. Raises ArchiveDamaged if the archive was changed; nothing is then appended.
        """
        if self._chain is not None:
            with suppress(ArchiveDamaged):
                return self._catch_up(self._chain, known)
        return self._start(now, known)

    def _start(self, now: datetime, known: Sequence[ArchiveHead]) -> ArchiveHead:
        installation = self._archive.installation()
        if installation is None:
            installation = self._begun_meanwhile(known) or self._make(now)
        self._read, self.runs, self._chain = set(), set(), None
        chain = ChainCheck(installation, known)
        head = self._catch_up(chain, known)
        self._chain, self._is_known = chain, True
        return head

    def _begun_meanwhile(self, known: Sequence[ArchiveHead]) -> Installation | None:
        """Return the installation that another writer has made since it was looked for, or None if there is
        no archive. Raises ArchiveDamaged if there is the rest of one.
        """
        is_rest = self._is_known or known or self.store.names(MANIFEST) or self._archive.head() is not None
        if not is_rest:
            return None
        installation = self._archive.installation()
        if installation is None:
            raise ArchiveDamaged(problem(ProblemKind.NO_ARCHIVE, file=INSTALLATION_FILE))
        return installation

    def _make(self, now: datetime) -> Installation:
        made = Installation(installation=str(uuid4()), created_at=now)
        self.store.replace(GUIDE_FILE, GUIDE.encode())
        with suppress(ConflictingContent):
            self.store.put_new(INSTALLATION_FILE, text_of(made).encode())
        return self._archive.installation() or made

    def _catch_up(self, chain: ChainCheck, known: Sequence[ArchiveHead]) -> ArchiveHead:
        if self._archive.installation() != chain.installation:
            raise ArchiveDamaged(problem(ProblemKind.INSTALLATION_CHANGED, file=INSTALLATION_FILE))
        head, chain.known = self._archive.head(), known
        for noted in (*known, *([head] if head else [])):
            chain.expect(noted)
        names = [name for name in self.store.names(MANIFEST) if name not in self._read]
        found = len(chain.problems)
        self._take(chain, [Segment(name, self.store.read(name)) for name in names])
        if head is None and chain.head.count and self._archive.head() is None:
            raise ArchiveDamaged(problem(ProblemKind.HEAD_MISSING, file=HEAD_FILE))
        chain.finish(head)
        self._raise(chain, found)
        if head != chain.head:
            self._write_head(chain)
        return chain.head

    def _take(self, chain: ChainCheck, segments: Sequence[Segment]) -> None:
        found = len(chain.problems)
        for entry in chain.entries(segments):
            self.runs.add(entry.run_id)
        self._read.update(segment.name for segment in segments)
        self._raise(chain, found)

    def _raise(self, chain: ChainCheck, found: int) -> None:
        """Raise ArchiveDamaged for a problem, unless the head only lags behind, as after an interrupted writer."""
        for what in chain.problems[found:]:
            if what.kind is not ProblemKind.HEAD_BEHIND:
                raise ArchiveDamaged(what)

    def append(self, batch: Sequence[tuple[ClosedRun, bytes]], *, at: datetime) -> ArchiveHead:
        """Append new histories (JSON). Raises StoreFailed, ConcurrentWriter; after either, call `catch_up`
        before the next append.
        """
        head, entries = self.head, []
        for run, content in batch:
            stored = self._keep(file_of(run), content)
            entry = ArchiveEntry.seal(
                run, head, archived_at=at, stored=stored, content_sha256=hash_of(content)
            )
            entries.append(entry)
            head = entry.head
        if entries:
            self._append_lines(entries)
        return self.head

    def _keep(self, name: str, content: bytes) -> bytes:
        """Store a history and return its bytes. A file that no line names yet is kept if it holds the same
        history, however compressed; otherwise it is replaced.
        """
        packed = gzip.compress(content, _LEVEL, mtime=0)
        try:
            self.store.put_new(name, packed)
        except ConflictingContent:
            stored = self.store.read(name)
            if _unpacked(stored) == content:
                return stored
            self.store.replace(name, packed)
        return packed

    def _append_lines(self, entries: Sequence[ArchiveEntry]) -> None:
        text = "".join(f"{text_of(entry)}\n" for entry in entries)
        segment = Segment(segment_of(entries[0].index), text.encode())
        try:
            self.store.put_new(segment.name, segment.data)
        except ConflictingContent as error:
            raise ConcurrentWriter(f"另有程序正在归档（{segment.name}），请稍后再试") from error
        assert self._chain is not None
        self._take(self._chain, [segment])
        self._write_head(self._chain)

    def _write_head(self, chain: ChainCheck) -> None:
        """Write the head, again if another writer has appended meanwhile: its head may have come first."""
        while True:
            self.store.replace(HEAD_FILE, text_of(chain.head).encode())
            following = segment_of(chain.head.count)
            data = self.store.read_if_there(following)
            if data is None:
                return
            self._take(chain, [Segment(following, data)])


def _unpacked(stored: bytes) -> bytes | None:
    try:
        return gzip.decompress(stored)
    except (OSError, EOFError, zlib.error):
        return None
