"""Calendar arrangements."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class ArrangementTable(RecordTable, table=True):
    """Arrangements and corrections published at runtime, ordered by `revision` (R1, R6).

    `version` is the resulting calendar's; `finished_at` is when all claims had received it.
    """

    __tablename__ = "arrangement"
    __table_args__ = (UniqueConstraint("request_id"), Index(None, "version"))

    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    request_id: str
    arrangement: dict[str, JsonValue] = Field(sa_type=JSON)
    document: str
    actor: dict[str, JsonValue] = Field(sa_type=JSON)
    version: str
    entered_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
