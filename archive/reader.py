"""Reads an archive: its entries and histories, and whether they are unchanged."""

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property, partial
from typing import Final, Self

from pydantic import ValidationError

from archive.chain import ChainCheck, Segment, read_head, read_line
from archive.entries import ArchiveEntry, ArchiveHead, Installation, hash_of, segment_of
from archive.erasure import ERASURE, Erasure, may_be_erased, read_erasure
from archive.errors import ArchiveDamaged, NotArchived
from archive.problems import Problem, ProblemKind, problem
from archive.store import Store, open_store

INSTALLATION_FILE: Final = "INSTALLATION.json"
HEAD_FILE: Final = "HEAD.json"
MANIFEST: Final = "manifest"
HISTORIES: Final = "histories"
_THREADS: Final = 4
_AT_ONCE: Final = 64


class Archive:
    """An archive for reading; it never writes."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @classmethod
    def at(cls, url: str) -> Self:
        """Return the archive at an address. Raises StoreFailed."""
        return cls(open_store(url))

    def installation(self) -> Installation | None:
        """Return the archive's installation, or None if the archive is empty. Raises ArchiveDamaged."""
        data = self.store.read_if_there(INSTALLATION_FILE)
        if data is None:
            return None
        try:
            return Installation.model_validate_json(data)
        except ValidationError as error:
            raise ArchiveDamaged(problem(ProblemKind.INSTALLATION_CHANGED, file=INSTALLATION_FILE)) from error

    def head(self) -> ArchiveHead | None:
        """Return the content of `HEAD.json`, or None if there is none. Raises ArchiveDamaged."""
        data = self.store.read_if_there(HEAD_FILE)
        if data is None:
            return None
        head = read_head(data)
        if head is None:
            raise ArchiveDamaged(problem(ProblemKind.HEAD_UNREADABLE, file=HEAD_FILE))
        return head

    def segments(self, since: str = "") -> Iterator[Segment]:
        """Yield the manifest's files in order, starting with a name."""
        for name in self.store.names(MANIFEST):
            if name >= since:
                yield Segment(name, self.store.read(name))

    def entries(self) -> Iterator[ArchiveEntry]:
        """Yield every entry without checking the chain. Raises ArchiveDamaged at the first unreadable one."""
        index = 0
        for segment in self.segments():
            for line in segment.lines():
                entry = read_line(line)
                if entry is None:
                    raise ArchiveDamaged(
                        problem(ProblemKind.UNREADABLE_ENTRY, index=index, file=segment.name)
                    )
                yield entry
                index += 1

    def find(self, name: str) -> tuple[ArchiveEntry, ...]:
        """Return the runs of a workflow, by its id or a claim's number, in order of closing. Raises
        NotArchived.

        Skips unreadable lines, so that the rest of a damaged archive stays available.
        """
        found = []
        needle = name.encode()
        for segment in self.segments():
            if needle not in segment.data:
                continue
            entries = (read_line(line) for line in segment.lines() if needle in line)
            found += [entry for entry in entries if entry and name in (entry.workflow_id, entry.number)]
        if not found:
            raise NotArchived(f"归档中没有 {name}")
        return tuple(sorted(found, key=lambda entry: (entry.closed_at, entry.index)))

    def history(self, name: str, run_id: str = "") -> bytes:
        """Return a workflow's history as JSON, by its id or a claim's number; the last run by default. Raises
        NotArchived, ArchiveDamaged.
        """
        for entry in reversed(self.find(name)):
            if run_id in ("", entry.run_id):
                return self.read(entry)
        raise NotArchived(f"归档中没有 {name} 的运行 {run_id}")

    def read(self, entry: ArchiveEntry) -> bytes:
        """Return an entry's history as JSON, checked against its hashes. Raises ArchiveDamaged."""
        content = self._content(entry)
        if isinstance(content, Problem):
            raise ArchiveDamaged(content)
        return content

    def _content(self, entry: ArchiveEntry) -> bytes | Problem:
        content = self._stored_content(entry)
        if isinstance(content, Problem) and content.kind is ProblemKind.MISSING_FILE:
            at = self.erased.get(entry.run_id)
            if at is not None and may_be_erased(entry, at):
                return problem(ProblemKind.ERASED, entry=entry, file=entry.file)
        return content

    def _stored_content(self, entry: ArchiveEntry) -> bytes | Problem:
        found = partial(problem, entry=entry, file=entry.file)
        stored = self.store.read_if_there(entry.file) if _is_ours(entry.file) else None
        if stored is None:
            return found(ProblemKind.MISSING_FILE)
        if hash_of(stored) != entry.sha256 or len(stored) != entry.size:
            more = f"应有 {entry.size} 字节，现有 {len(stored)} 字节" if len(stored) != entry.size else ""
            return found(ProblemKind.CHANGED_FILE, more=more)
        try:
            content = gzip.decompress(stored)
        except (OSError, EOFError, zlib.error):
            return found(ProblemKind.CHANGED_CONTENT)
        return content if hash_of(content) == entry.content_sha256 else found(ProblemKind.CHANGED_CONTENT)

    @cached_property
    def erased(self) -> Mapping[str, datetime]:
        """The runs whose histories were erased after ten years (R70), and when."""
        return {run.run_id: at for at, noted in self.erasures for run in noted.erased}

    @cached_property
    def erasures(self) -> Sequence[tuple[datetime, Erasure]]:
        """The erasures (R70), each with the earliest instant at which it can have happened."""
        found: list[tuple[datetime, Erasure]] = []
        needle = f'"{ERASURE}"'.encode()
        for segment in self.segments():
            entries = (read_line(line) for line in segment.lines() if needle in line)
            for entry in entries:
                if entry is None or entry.workflow_type != ERASURE:
                    continue
                content = self._stored_content(entry)
                erasure = read_erasure(content) if isinstance(content, bytes) else None
                if erasure is not None:
                    found.append((min(erasure.at, entry.archived_at), erasure))
        return found

    def check(
        self, known: Sequence[ArchiveHead] = (), *, hashes: Sequence[str] = (), installation: str = ""
    ) -> Iterator[Problem]:
        """Yield every problem of the archive as it is found; none if it is unchanged. `known` and `hashes`
        are heads noted elsewhere, of any age; `installation` is the expected owner.
        """
        data = self.store.read_if_there(INSTALLATION_FILE)
        if data is None:
            yield problem(ProblemKind.NO_ARCHIVE)
            return
        try:
            ours = Installation.model_validate_json(data)
        except ValidationError:
            yield problem(ProblemKind.INSTALLATION_CHANGED, file=INSTALLATION_FILE)
            return
        if installation not in ("", ours.installation):
            yield problem(ProblemKind.FOREIGN_INSTALLATION, file=INSTALLATION_FILE)
        yield from self._check_against(ChainCheck(ours, known, hashes))

    def _check_against(self, chain: ChainCheck) -> Iterator[Problem]:
        """Check against a list of files made at the start: sweeps may add files while this runs."""
        head, wrong_head = self._head_or_problem()
        lay_there = self.store.names(HISTORIES)
        if head is not None:
            chain.expect(head)
        files: set[str] = set()
        told = 0
        with ThreadPoolExecutor(_THREADS) as threads:
            for entries in _batches(chain.entries(self.segments())):
                yield from chain.problems[told:]
                told = len(chain.problems)
                files.update(entry.file for entry in entries)
                yield from (
                    found
                    for found in threads.map(self._content, entries)
                    if isinstance(found, Problem) and found.kind is not ProblemKind.ERASED
                )
        chain.finish(head)
        moved = head is not None and self._head_or_problem()[0] not in (head, None)
        yield from (
            found for found in chain.problems[told:] if not (moved and found.kind is ProblemKind.HEAD_BEHIND)
        )
        if wrong_head is not None and self._head_or_problem()[1] is not None:
            yield wrong_head
        yield from self._strays([name for name in lay_there if name not in files], chain.head.count)

    def _strays(self, names: Sequence[str], count: int) -> Iterator[Problem]:
        """Yield a problem for each file that no line of the manifest names, even by now."""
        later: set[str] = set()
        if names:
            segments = self.segments(since=segment_of(count))
            lines = (read_line(line) for segment in segments for line in segment.lines())
            later = {entry.file for entry in lines if entry}
        return (problem(ProblemKind.STRAY_FILE, file=name) for name in names if name not in later)

    def _head_or_problem(self) -> tuple[ArchiveHead | None, Problem | None]:
        try:
            head = self.head()
        except ArchiveDamaged as damaged:
            return None, damaged.problem
        return head, problem(ProblemKind.HEAD_MISSING, file=HEAD_FILE) if head is None else None


def _is_ours(file: str) -> bool:
    """Return whether an entry names a file of the archive. A forged entry must not lead elsewhere."""
    return file.startswith(f"{HISTORIES}/") and ".." not in file.split("/")


def _batches(entries: Iterator[ArchiveEntry]) -> Iterator[list[ArchiveEntry]]:
    batch: list[ArchiveEntry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    yield batch
