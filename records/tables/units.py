"""Units' accounts and journals."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Column, Text
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class UnitAccountTable(RecordTable, table=True):
    """Where a unit's account stands (R34-R37); `snapshot` holds lights and measures."""

    __tablename__ = "unit_account"

    unit: str = Field(primary_key=True)
    seq: int
    snapshot: str = Field(sa_type=Text)


class UnitJournalTable(RecordTable, table=True):
    """A unit's journal, line by line."""

    __tablename__ = "unit_journal"

    unit: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    rules: list[str] = Field(sa_type=JSON)
    text: str = Field(sa_type=Text)
    actor: dict[str, JsonValue] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    request_id: str
    data: dict[str, JsonValue] = Field(sa_type=JSON)
