"""Erasing histories and their claims' files after ten years (R70). Each erasure is recorded in the archive's chain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from archive.entries import ArchiveEntry, ArchiveHead
from archive.eraser import complete, due, erase, note_files
from archive.erasure import ErasedFile
from archive.reader import Archive
from archive.store import open_store
from archive.writer import ArchiveWriter
from records import attachments
from records.archive_heads import NotedHead, last_sweep, latest_head, note_sweep
from records.contents import ContentStore
from records.database.engine import Records

_CLAIMS: Final = 500
"""Claims whose files are erased at a time."""


class Erased(NamedTuple):
    """How many histories and files."""

    histories: int
    files: int


def erase_due(url: str, records: Records, contents: ContentStore, *, by: str, at: datetime) -> Erased:
    """Erase what is due in the archive at an address. If a run dies halfway, the next one completes it. Raises
    ArchiveError, RecordsUnavailable, OSError."""
    archive = Archive.at(url)
    entries, erased = list(archive.entries()), archive.erased
    wanted = due(entries, erased, at)
    known = latest_head(records)
    writer = ArchiveWriter(open_store(url))
    writer.catch_up(at, [ArchiveHead(**known.model_dump())] if known else [])
    complete(writer, entries, erased)
    histories = erase(writer, wanted, by=by, at=at)
    gone = _without_history(entries, erased.keys() | {entry.run_id for entry in wanted})
    for start in range(0, len(gone), _CLAIMS):
        note_files(writer, _files_of(records, gone[start : start + _CLAIMS]), by=by, at=at)
    head = NotedHead.model_validate(writer.head.model_dump())
    note_sweep(records, head, last_sweep(records).watermark, at)
    return Erased(histories, _erase_files(records, contents, gone))


def _files_of(records: Records, claims: Sequence[str]) -> list[ErasedFile]:
    found = attachments.attachments_of_claims(records, claims)
    return [ErasedFile(attachment=one.id, number=one.claim, sha256=one.sha256) for one in found]


def _without_history(entries: Sequence[ArchiveEntry], erased: set[str]) -> list[str]:
    """Return the claims of which every history is erased."""
    kept = {entry.number for entry in entries if entry.run_id not in erased}
    return [
        number for number in dict.fromkeys(entry.number for entry in entries) if number and number not in kept
    ]


def _erase_files(records: Records, contents: ContentStore, numbers: list[str]) -> int:
    """First the contents that belong to nobody else, then what is known of them."""
    files = 0
    for start in range(0, len(numbers), _CLAIMS):
        claims = numbers[start : start + _CLAIMS]
        for sha256 in attachments.contents_used_only_by(records, claims):
            contents.remove(sha256)
        files += attachments.forget(records, claims)
    return files
