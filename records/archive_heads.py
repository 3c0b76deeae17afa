"""The archive's heads, against which it is checked, and the progress of its sweeps.

Not part of the read model: heads cannot be rebuilt. They are stored here so that the archive does not only
vouch for itself.
"""

from datetime import datetime
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import select, update

from records.database import dialects
from records.database.engine import Records
from records.tables import ARCHIVE_HEAD, ARCHIVE_SWEEP

_NAME: Final = "archive"


class NotedHead(BaseModel):
    """A head of the archive's manifest, as in `archive.entries.ArchiveHead`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    installation: str
    count: int
    hash: str


class LastSweep(BaseModel):
    """How far sweeps have reached; None before the first one."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    watermark: AwareDatetime | None = None
    swept_at: AwareDatetime | None = None


def noted_heads(records: Records) -> list[NotedHead]:
    """Return all noted heads, oldest first. Raises RecordsUnavailable."""
    with records.reading() as connection:
        rows = connection.execute(select(ARCHIVE_HEAD).order_by(ARCHIVE_HEAD.c.count)).mappings()
        return [NotedHead.model_validate(dict(row)) for row in rows]


def latest_head(records: Records) -> NotedHead | None:
    """Return the last noted head. Raises RecordsUnavailable."""
    newest = select(ARCHIVE_HEAD).order_by(ARCHIVE_HEAD.c.count.desc()).limit(1)
    with records.reading() as connection:
        row = connection.execute(newest).mappings().first()
    return NotedHead.model_validate(dict(row)) if row else None


def last_sweep(records: Records) -> LastSweep:
    """Return the last sweep. Raises RecordsUnavailable."""
    with records.reading() as connection:
        row = (
            connection.execute(select(ARCHIVE_SWEEP).where(ARCHIVE_SWEEP.c.name == _NAME)).mappings().first()
        )
    return LastSweep.model_validate(dict(row)) if row else LastSweep()


def note_sweep(records: Records, head: NotedHead, watermark: datetime | None, at: datetime) -> None:
    """Store a finished sweep. Raises RecordsUnavailable."""
    with records.writing() as connection:
        dialects.insert_missing(connection, ARCHIVE_HEAD, [{**head.model_dump(), "noted_at": at}])
        dialects.insert_missing(connection, ARCHIVE_SWEEP, [{"name": _NAME}])
        changed = update(ARCHIVE_SWEEP).where(ARCHIVE_SWEEP.c.name == _NAME)
        connection.execute(changed.values(watermark=watermark, swept_at=at))
