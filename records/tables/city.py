"""Changes of the city's data: directory, knowledge base and standard texts."""

from datetime import date, datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Index, Text
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class CityEntryTable(RecordTable, table=True):
    """One version of an entry: proposed by one person, approved or refused by another. Never changed afterwards.

    `kind` and `entry` say of what; the newest approved version that is in force replaces what the release brought.
    """

    __tablename__ = "city_entry"
    __table_args__ = (Index(None, "kind", "entry", "in_force_from"), Index(None, "state"))

    id: str = Field(primary_key=True)
    kind: str
    entry: str
    content: dict[str, JsonValue] = Field(sa_type=JSON)
    in_force_from: date
    reason: str = Field(sa_type=Text)
    state: str
    proposed_by: str
    proposer: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str
    decider: str
    decided_at: datetime | None = Field(sa_type=UtcDateTime)
    decision: str = Field(sa_type=Text)
