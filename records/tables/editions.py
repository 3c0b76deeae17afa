"""Published at runtime: editions of the policy, and changes of the city's data."""

from datetime import date, datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Index, Text, UniqueConstraint
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class EditionTable(RecordTable, table=True):
    """Editions published at runtime, ordered by `revision` (R7). `finished_at` is when all open claims and
    accounts had received it.
    """

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


class CityEntryTable(RecordTable, table=True):
    """A version of an entry: proposed by one person, approved or refused by another. Not changed afterwards.

    `kind` and `entry` identify the entry; its newest approved version in effect replaces the release's.
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
