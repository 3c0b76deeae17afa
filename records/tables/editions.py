"""Editions of the policy."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class EditionTable(RecordTable, table=True):
    """Editions published while the system runs, in the order of `revision` (R7). `finished_at`: since when all open
    claims and accounts know it."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("request_id"), UniqueConstraint("id"))

    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str
    request_id: str
    edition: dict[str, JsonValue] = Field(sa_type=JSON)
    document: str
    actor: dict[str, JsonValue] = Field(sa_type=JSON)
    entered_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
