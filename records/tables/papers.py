"""Papers, uploaded files and document numbers."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class DocumentSequenceTable(RecordTable, table=True):
    """The last document number of a kind in a year; it only increases."""

    __tablename__ = "document_sequence"

    kind: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int


class DocumentNumberTable(RecordTable, table=True):
    """The number of a paper."""

    __tablename__ = "document_number"
    __table_args__ = (UniqueConstraint("number"),)

    paper: str = Field(primary_key=True)
    number: str


class AttachmentTable(RecordTable, table=True):
    """Papers and uploaded files; contents are stored by hash. `claim` may be empty, and may exist before its
    claim is on record. `measure` is set for a signed scan that belongs to no claim. `kind` is empty for
    uploads, `enterprise` for officials' files.
    """

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "claim", "uploaded_at"),)

    id: str = Field(primary_key=True)
    claim: str
    measure: str
    unit: str
    kind: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    uploaded_by: str
    enterprise: str
    uploaded_at: datetime = Field(sa_type=UtcDateTime)
    document_number: str
