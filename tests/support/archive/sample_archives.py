"""Archives of generated histories, made quickly."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from archive.entries import ClosedRun, Status
from archive.store import open_store
from archive.writer import ArchiveWriter
from tests.support.dates import beijing

NOON = beijing("Tue 2026-11-24 12:00")


def run_of(no: int) -> ClosedRun:
    """Return the n-th execution, closed n seconds after noon."""
    return ClosedRun(
        workflow_id=f"claim-QH20261124{no:04}",
        run_id=f"run-{no:04}",
        workflow_type="Claim",
        number=f"QH20261124{no:04}",
        status=Status.COMPLETED,
        started_at=NOON - timedelta(days=9),
        closed_at=NOON + timedelta(seconds=no, microseconds=no),
        events=no + 3,
        code_version="0.1.0",
        calendar_versions=("2026-1",),
    )


def history_of(no: int) -> bytes:
    """Return generated JSON in place of a history."""
    return ('{"events":[' + ",".join(f'{{"eventId":"{n}"}}' for n in range(1, no + 4)) + "]}").encode()


def made_archive(folder: Path, *sizes: int) -> Path:
    """Create an archive in a folder, with a segment for each size."""
    writer = ArchiveWriter(open_store(str(folder)))
    writer.catch_up(NOON)
    for size in sizes:
        append(writer, range(writer.head.count, writer.head.count + size))
    return folder


def append(writer: ArchiveWriter, numbers: Sequence[int]) -> None:
    """Append these executions."""
    at = NOON + timedelta(hours=1)
    writer.append([(run_of(no), history_of(no)) for no in numbers], at=at)
