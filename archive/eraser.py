"""Erases what `archive.erasure` allows: first writes it to the manifest, then deletes the files."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import uuid4

from archive.entries import ArchiveEntry, ClosedRun, Status, canonical
from archive.erasure import ERASURE, ErasedFile, ErasedRun, Erasure, may_be_erased
from archive.writer import ArchiveWriter

_LISTED: Final = 1000
"""Maximum number of histories or files in one erasure."""


def due(entries: Iterable[ArchiveEntry], erased: Mapping[str, datetime], at: datetime) -> list[ArchiveEntry]:
    """Return the runs whose histories may be erased at an instant."""
    return [entry for entry in entries if entry.run_id not in erased and may_be_erased(entry, at)]


def erase(writer: ArchiveWriter, entries: Iterable[ArchiveEntry], *, by: str, at: datetime) -> int:
    """Write an erasure of these runs to the manifest, then erase them; return how many. `complete` finishes
    an interrupted run. Raises StoreFailed, ConcurrentWriter.
    """
    wanted = [entry for entry in entries if may_be_erased(entry, at)]
    for start in range(0, len(wanted), _LISTED):
        batch = wanted[start : start + _LISTED]
        runs = tuple(ErasedRun(run_id=entry.run_id, sha256=entry.sha256) for entry in batch)
        _note(writer, Erasure(at=at, by=by, erased=runs))
        for entry in batch:
            writer.store.remove(entry.file)
    return len(wanted)


def note_files(writer: ArchiveWriter, files: Sequence[ErasedFile], *, by: str, at: datetime) -> None:
    """Write an erasure of these files to the manifest. The caller must then erase them. Raises StoreFailed,
    ConcurrentWriter.
    """
    for start in range(0, len(files), _LISTED):
        _note(writer, Erasure(at=at, by=by, files=tuple(files[start : start + _LISTED])))


def _note(writer: ArchiveWriter, noted: Erasure) -> None:
    content = canonical(noted.model_dump(mode="json")).encode()
    writer.append([(_run(noted.at), content)], at=noted.at)


def complete(writer: ArchiveWriter, entries: Iterable[ArchiveEntry], erased: Mapping[str, datetime]) -> None:
    """Delete the files that an interrupted erasure left. Raises StoreFailed."""
    for entry in entries:
        at = erased.get(entry.run_id)
        if at is not None and may_be_erased(entry, at):
            writer.store.remove(entry.file)


def _run(at: datetime) -> ClosedRun:
    return ClosedRun(
        workflow_id=f"erasure-{at:%Y%m%dT%H%M%SZ}",
        run_id=str(uuid4()),
        workflow_type=ERASURE,
        status=Status.COMPLETED,
        started_at=at,
        closed_at=at,
        events=1,
    )
