"""Units' accounts and journals, and their people's saved filters, drafts and read marks."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class UnitAccountTable(RecordTable, table=True):
    """A unit's account (R34-R37); `snapshot` holds lights and measures."""

    __tablename__ = "unit_account"

    unit: str = Field(primary_key=True)
    seq: int
    snapshot: str = Field(sa_type=Text)


class UnitJournalTable(RecordTable, table=True):
    """A unit's journal lines."""

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


class SavedFilterTable(RecordTable, table=True):
    """A saved filter of a person (`sub`) for a page, by its name. `query` is the page's query string."""

    __tablename__ = "saved_filter"

    sub: str = Field(primary_key=True)
    page: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    query: str
    at: datetime = Field(sa_type=UtcDateTime)


class NoticesSeenTable(RecordTable, table=True):
    """Up to which instant a person (`sub`) has seen a unit's notices."""

    __tablename__ = "notices_seen"

    sub: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class SignatureDraftTable(RecordTable, table=True):
    """An action drafted by a handler for a head's signature (R15, R17, R44). It is no action of the claim
    until signed.
    """

    __tablename__ = "signature_draft"
    __table_args__ = (Index(None, "unit"),)

    number: str = Field(primary_key=True)
    action: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    body: dict[str, JsonValue] = Field(sa_type=JSON)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
