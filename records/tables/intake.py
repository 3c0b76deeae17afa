"""The intake and its numbers."""

from datetime import date, datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class NumberSequenceTable(RecordTable, table=True):
    """The last claim number of a day; it only increases."""

    __tablename__ = "number_sequence"

    day: date = Field(primary_key=True)
    last: int


class IntakeTable(RecordTable, table=True):
    """An incoming claim as first stored (R10). `payload` is the content of its registration."""

    __tablename__ = "intake"
    __table_args__ = (UniqueConstraint("channel", "external_id"), Index(None, "started_at", "received_at"))

    number: str = Field(primary_key=True)
    channel: str
    external_id: str | None = None
    payload: dict[str, JsonValue] = Field(sa_type=JSON)
    received_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
