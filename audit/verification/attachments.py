"""Compares papers and uploaded files with the archive: a missing one must have a recorded erasure after ten
years (R70).
"""

from collections.abc import Iterator

from archive.entries import ArchiveEntry
from archive.erasure import ErasedFile, may_be_erased
from archive.errors import NotArchived
from archive.problems import Problem, ProblemKind, problem
from archive.reader import Archive
from records.attachments import every_attachment
from records.contents import ContentLost, ContentStore
from records.database.engine import Records


def wrong_attachments(records: Records, contents: ContentStore, archive: Archive) -> Iterator[Problem]:
    """Yield each file that is missing without an erasure, was changed, or was erased too early. Raises
    ArchiveError, RecordsUnavailable.
    """
    erased = {one.attachment for _, noted in archive.erasures for one in noted.files}
    for row in every_attachment(records):
        try:
            contents.get(row.sha256)
        except ContentLost as error:
            is_changed = "holds" in str(error)
            if is_changed or row.id not in erased:
                kind = ProblemKind.CHANGED_ATTACHMENT if is_changed else ProblemKind.MISSING_ATTACHMENT
                yield problem(
                    kind, file=f"工单 {row.claim or row.measure} 的附件 {row.id}（{row.file_name}）"
                )
    yield from _erased_too_early(archive)


def _erased_too_early(archive: Archive) -> Iterator[Problem]:
    """Yield files that were erased before all their claim's histories could be erased."""
    for at, noted in archive.erasures:
        allowed: dict[str, bool] = {}
        for file in noted.files:
            if file.number not in allowed:
                allowed[file.number] = all(may_be_erased(entry, at) for entry in _runs_of(archive, file))
            if not allowed[file.number]:
                yield problem(ProblemKind.EARLY_ERASURE, file=f"工单 {file.number} 的附件 {file.attachment}")


def _runs_of(archive: Archive, file: ErasedFile) -> Iterator[ArchiveEntry]:
    try:
        yield from archive.find(file.number)
    except NotArchived:
        return
