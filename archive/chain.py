"""Checks that the manifest is unchanged. Pure: takes lines and heads, returns problems."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue, ValidationError

from archive.entries import (
    ArchiveEntry,
    ArchiveHead,
    Installation,
    canonical,
    entry_hash,
    file_of,
    first_head,
    segment_of,
)
from archive.problems import Problem, ProblemKind, problem


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of the manifest."""

    name: str
    data: bytes

    def lines(self) -> list[bytes]:
        """Return the segment's lines without line feeds. Only line feeds separate lines."""
        lines = self.data.split(b"\n")
        return lines[:-1] if lines[-1] == b"" else lines

    @property
    def is_cut(self) -> bool:
        """Return whether the segment ends without a line feed."""
        return not self.data.endswith(b"\n")


@dataclass(slots=True)
class ChainCheck:
    """Reads a manifest from its start. `entries` yields the readable entries; `problems` collects the errors."""

    installation: Installation
    known: Sequence[ArchiveHead] = ()
    """Heads that were noted elsewhere, of any age."""
    hashes: Sequence[str] = ()
    """Hashes of heads that were noted elsewhere without their count."""
    head: ArchiveHead = field(init=False)
    """The hashes of the entries read so far."""
    problems: list[Problem] = field(default_factory=list)
    _last: ArchiveEntry | None = None
    _seen: set[int] = field(default_factory=set)
    _runs: set[str] = field(default_factory=set)
    _link_known: bool = True
    _wanted: dict[int, str | None] = field(default_factory=dict)
    _unmet: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.head = first_head(self.installation)
        self._wanted = {head.count: None for head in self.known}
        self._unmet = set(self.hashes)

    def expect(self, head: ArchiveHead) -> None:
        """Remember the entry at this head's index, to compare them at the end."""
        self._wanted[head.count] = None

    def entries(self, segments: Iterable[Segment]) -> Iterator[ArchiveEntry]:
        """Yield the readable entries in file order."""
        self._note_head()
        for segment in segments:
            lines = segment.lines()
            for at, line in enumerate(lines):
                entry = read_line(line)
                if at == 0 and segment.name != segment_of(entry.index if entry else self.head.count):
                    self._find(ProblemKind.MISNAMED_SEGMENT, index=self.head.count, file=segment.name)
                if entry is None:
                    self._find(ProblemKind.UNREADABLE_ENTRY, index=self.head.count, file=segment.name)
                    self._step_over()
                    continue
                self._check(entry, line)
                yield entry
            if segment.is_cut:
                self._find(ProblemKind.CUT_SEGMENT, index=max(self.head.count - 1, 0), file=segment.name)

    def _step_over(self) -> None:
        """Count an unreadable line."""
        self._seen.add(self.head.count)
        self._link_known = False
        self.head = self.head.model_copy(update={"count": self.head.count + 1})

    def _check(self, entry: ArchiveEntry, line: bytes) -> None:
        self._check_line(entry, line)
        self._check_order(entry)
        self._check_link(entry)
        self._last = entry
        self._seen.add(entry.index)
        self._runs.add(entry.run_id)
        self.head = self.head.model_copy(
            update={"count": max(self.head.count, entry.index + 1), "hash": entry.hash}
        )
        self._note_head()

    def _check_line(self, entry: ArchiveEntry, line: bytes) -> None:
        """Check one line without its neighbours."""
        fields: dict[str, JsonValue] = json.loads(line)
        if entry_hash(fields) != entry.hash or canonical(fields).encode() != line:
            # The line's own index may have been changed, so report its position.
            self._find(ProblemKind.CHANGED_ENTRY, index=self.head.count, entry=entry)
        if entry.installation != self.installation.installation:
            self._find(ProblemKind.FOREIGN_INSTALLATION, entry=entry)
        if entry.file != file_of(entry):
            self._find(ProblemKind.MISPLACED_FILE, entry=entry, file=entry.file)

    def _check_order(self, entry: ArchiveEntry) -> None:
        if entry.index in self._seen or entry.run_id in self._runs:
            self._find(ProblemKind.DUPLICATE_ENTRY, entry=entry)
        elif entry.index < self.head.count:
            self._find(ProblemKind.REORDERED_ENTRY, entry=entry)

    def _check_link(self, entry: ArchiveEntry) -> None:
        if self._link_known and entry.previous != self.head.hash:
            if self._last is not None:
                self._find(ProblemKind.BROKEN_CHAIN, entry=self._last)
            elif entry.index == 0:
                self._find(ProblemKind.INSTALLATION_CHANGED, entry=entry)
        self._link_known = True

    def _note_head(self) -> None:
        self._unmet.discard(self.head.hash)
        if self.head.count in self._wanted:
            self._wanted[self.head.count] = self.head.hash

    def finish(self, head: ArchiveHead | None) -> None:
        """Check for gaps and compare the heads, after the last entry."""
        self._find_gaps()
        if head is not None:
            self._check_head(head)
        for known in self.known:
            self._check_known_head(known)
        for unmet in sorted(self._unmet):
            self._find(ProblemKind.KNOWN_HEAD_MISMATCH, more=f"清单中没有哈希为 {unmet} 的条目")

    def _find_gaps(self) -> None:
        expected = 0
        for index in [*sorted(self._seen), self.head.count]:
            if index > expected:
                until = f"至第 {index - 1} 条" if index - 1 > expected else ""
                self._find(ProblemKind.MISSING_ENTRIES, index=expected, more=until)
            expected = max(expected, index + 1)

    def _check_head(self, head: ArchiveHead) -> None:
        if head.installation != self.installation.installation:
            self._find(ProblemKind.FOREIGN_INSTALLATION, file="HEAD.json")
        if head.count > self.head.count:
            more = f"应有 {head.count} 条，现有 {self.head.count} 条"
            self._find(ProblemKind.TRUNCATED, index=self.head.count, more=more)
        elif self._hash_at(head) != head.hash:
            self._find(ProblemKind.HEAD_MISMATCH, index=max(head.count - 1, 0), entry=self._entry_at(head))
        elif head.count < self.head.count:
            self._find(ProblemKind.HEAD_BEHIND, index=head.count)

    def _check_known_head(self, known: ArchiveHead) -> None:
        if known.installation and known.installation != self.installation.installation:
            self._find(ProblemKind.FOREIGN_INSTALLATION, file="INSTALLATION.json")
        elif known.count > self.head.count:
            more = f"另行保存的头记录有 {known.count} 条，现有 {self.head.count} 条"
            self._find(ProblemKind.TRUNCATED, index=self.head.count, more=more)
        elif self._hash_at(known) != known.hash:
            at = max(known.count - 1, 0)
            self._find(ProblemKind.KNOWN_HEAD_MISMATCH, index=at, entry=self._entry_at(known))

    def _hash_at(self, head: ArchiveHead) -> str | None:
        return self.head.hash if head.count == self.head.count else self._wanted.get(head.count)

    def _entry_at(self, head: ArchiveHead) -> ArchiveEntry | None:
        return self._last if self._last and self._last.index + 1 == head.count else None

    def _find(
        self,
        kind: ProblemKind,
        *,
        index: int | None = None,
        entry: ArchiveEntry | None = None,
        file: str = "",
        more: str = "",
    ) -> None:
        self.problems.append(problem(kind, index=index, entry=entry, file=file, more=more))


def read_line(line: bytes) -> ArchiveEntry | None:
    """Return the entry in a line, or None if the line has none."""
    try:
        return ArchiveEntry.model_validate_json(line)
    except ValidationError:
        return None


def read_head(data: bytes) -> ArchiveHead | None:
    """Return the head in a text, or None if it is no head or not in canonical form."""
    try:
        head = ArchiveHead.model_validate_json(data)
    except ValidationError:
        return None
    return head if canonical(head.model_dump(mode="json")).encode() == data else None
