"""A claim's limits, and the lights and letters for missed ones."""

from datetime import date, datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable, claim_number


class LimitTable(RecordTable, table=True):
    """A claim's limits; those without an end have not been scheduled yet."""

    __tablename__ = "limit_record"
    __table_args__ = (
        Index(None, "unit", "status"),
        Index(
            "ix_limit_record_depends",
            "number",
            sqlite_where=text("depends_until IS NOT NULL"),
            postgresql_where=text("depends_until IS NOT NULL"),
        ),
    )

    number: str = Field(sa_column=claim_number())
    id: str = Field(primary_key=True)
    kind: str
    supervises: str
    dispatch: int
    round: int
    unit: str
    status: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(sa_type=UtcDateTime)
    last_day: date | None
    working_days: int | None
    provisional: bool
    calendar_version: str
    depends_from: date | None
    depends_until: date | None
    """The days that its instants depend on; null if no calendar change can affect it (R6)."""
    held_against: str
    """The calendar that it was last checked against."""


class LightTable(RecordTable, table=True):
    """Lights, including revoked ones (R31-R33). `unit` is the city-level unit that receives it."""

    __tablename__ = "light"
    __table_args__ = (Index(None, "unit", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    number: str = Field(foreign_key="claim.number")
    unit: str
    unit_name: str
    caused_by: str
    caused_by_name: str
    colour: str
    limit: str
    dispatch: int
    round: int
    at: datetime = Field(sa_type=UtcDateTime)
    revoked: bool


class LetterTable(RecordTable, table=True):
    """Supervision letters (R31)."""

    __tablename__ = "letter"
    __table_args__ = (Index(None, "unit", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    number: str = Field(foreign_key="claim.number")
    unit: str
    unit_name: str
    limit: str
    at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(sa_type=Text)
