"""The archive's heads, stored outside the archive so that it does not only vouch for itself."""

from datetime import datetime

from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class ArchiveHeadTable(RecordTable, table=True):
    """The manifest's head after each sweep that added entries. Rows are never changed or deleted."""

    __tablename__ = "archive_head"

    count: int = Field(primary_key=True)
    installation: str
    hash: str
    noted_at: datetime = Field(sa_type=UtcDateTime)


class ArchiveSweepTable(RecordTable, table=True):
    """One row: the last sweep. Everything closed up to `watermark` is archived."""

    __tablename__ = "archive_sweep"

    name: str = Field(primary_key=True)
    watermark: datetime | None = Field(default=None, sa_type=UtcDateTime)
    swept_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
