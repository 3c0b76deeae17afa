"""Assessments, exclusions, clues and meetings: their states and journals."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class CaseTable(RecordTable, table=True):
    """A case's state (R62-R65). Clues are read only through `records.cases.clues` (R64)."""

    __tablename__ = "assessment_case"
    __table_args__ = (Index(None, "kind", "updated_at"),)

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    seq: int
    updated_at: datetime = Field(sa_type=UtcDateTime)
    snapshot: str = Field(sa_type=Text)


class CaseJournalTable(RecordTable, table=True):
    """A case's journal lines."""

    __tablename__ = "assessment_journal"

    case_kind: str = Field(primary_key=True)
    case_id: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    rules: list[str] = Field(sa_type=JSON)
    text: str = Field(sa_type=Text)
    actor: dict[str, JsonValue] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    request_id: str
    data: dict[str, JsonValue] = Field(sa_type=JSON)
