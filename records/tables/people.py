"""What people keep for themselves and for each other: filters of lists, and what awaits a head's signature."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Index
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class SavedFilterTable(RecordTable, table=True):
    """What somebody (`sub`) wants to find again on a page, by the name that they gave it. `query`: the page's own."""

    __tablename__ = "saved_filter"

    sub: str = Field(primary_key=True)
    page: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    query: str
    at: datetime = Field(sa_type=UtcDateTime)


class SignatureDraftTable(RecordTable, table=True):
    """An act that a handler has written and a head is to sign (R15, R17, R44). It is no act of the claim until then."""

    __tablename__ = "signature_draft"
    __table_args__ = (Index(None, "unit"),)

    number: str = Field(primary_key=True)
    action: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    body: dict[str, JsonValue] = Field(sa_type=JSON)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
