"""A claim's limits, and the lights and letters that missed ones bring."""

from datetime import date, datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable, claim_number


class LimitTable(RecordTable, table=True):
    """Every limit of a claim; those whose instants are not fixed yet have no end."""

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
    """The days that its instants depend on; null when no change of the calendar matters to it (R6)."""
    held_against: str
    """The calendar that it was last held against."""


class LightTable(RecordTable, table=True):
    """Every light, also revoked ones (R31-R33). `unit` is the one at city level whose light it is."""

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
    """Every supervision letter (R31)."""

    __tablename__ = "letter"
    __table_args__ = (Index(None, "unit", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    number: str = Field(foreign_key="claim.number")
    unit: str
    unit_name: str
    limit: str
    at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(sa_type=Text)
