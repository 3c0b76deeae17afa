"""Recorded erasure of histories and their claims' files after ten years (R70).

The manifest keeps its lines, so the chain stays whole. Each erasure has an entry in the same chain. A file
that is missing without such an entry, or was erased too early, is reported as damage.
"""

from datetime import datetime
from typing import Final, Literal

from pydantic import AwareDatetime, ValidationError

from archive.entries import FORMAT, ArchiveEntry, Hash, Kept

ERASURE: Final = "Erasure"
"""The type of an erasure's entry."""
YEARS_KEPT: Final = 10


class ErasedRun(Kept):
    """A history that was erased."""

    run_id: str
    sha256: Hash


class ErasedFile(Kept):
    """An erased paper or uploaded file of a claim."""

    attachment: str
    number: str
    sha256: Hash


class Erasure(Kept):
    """Who erased what, when, and by which rule."""

    format: Literal[1] = FORMAT
    at: AwareDatetime
    by: str
    rule: Literal["R70"] = "R70"
    erased: tuple[ErasedRun, ...] = ()
    files: tuple[ErasedFile, ...] = ()


def may_be_erased(entry: ArchiveEntry, at: datetime) -> bool:
    """Return whether the entry's ten years have passed (R70). Erasures themselves are kept."""
    return entry.workflow_type != ERASURE and _ten_years_after(entry.closed_at) <= at


def _ten_years_after(closed_at: datetime) -> datetime:
    try:
        return closed_at.replace(year=closed_at.year + YEARS_KEPT)
    except ValueError:  # closed on 29 February
        return closed_at.replace(year=closed_at.year + YEARS_KEPT, month=3, day=1)


def read_erasure(content: bytes) -> Erasure | None:
    """Return the erasure in an entry, or None if it is not one."""
    try:
        return Erasure.model_validate_json(content)
    except ValidationError:
        return None
