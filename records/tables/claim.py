"""A claim: where it stands, its journal and what became of each request."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field

from records.columns import UtcDateTime
from records.tables.base import RecordTable, claim_number


class ClaimTable(RecordTable, table=True):
    """Where a claim stands. `unit` is the current lead, `light` the worst that is not revoked."""

    __tablename__ = "claim"
    __table_args__ = (
        Index(None, "registered_at", "number"),
        Index(None, "next_due", "number"),
        Index(None, "stage", "registered_at"),
        Index(None, "enterprise"),
    )

    number: str = Field(primary_key=True)
    seq: int
    stage: str
    unit: str
    unit_name: str
    district: str
    district_name: str
    category: str
    channel: str
    enterprise: str
    matter: str = Field(sa_type=Text)
    light: str
    next_due: datetime | None = Field(sa_type=UtcDateTime)
    closed_reason: str
    closed_at: datetime | None = Field(sa_type=UtcDateTime)
    registered_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    snapshot: str = Field(sa_type=Text)


class ClaimPartyTable(RecordTable, table=True):
    """Each unit that takes or took part in a claim, and every unit above one.

    `leads`: it is, or stands above, the lead (or its delegate) of the current dispatch.
    """

    __tablename__ = "claim_party"
    __table_args__ = (Index(None, "unit", "leads", "number"),)

    number: str = Field(sa_column=claim_number())
    unit: str = Field(primary_key=True)
    leads: bool


class JournalTable(RecordTable, table=True):
    """The claim's journal, line by line."""

    __tablename__ = "journal"

    number: str = Field(sa_column=claim_number())
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    rules: list[str] = Field(sa_type=JSON)
    text: str = Field(sa_type=Text)
    actor: dict[str, JsonValue] | None = Field(sa_column=Column(JSON(none_as_null=True)))
    request_id: str
    data: dict[str, JsonValue] = Field(sa_type=JSON)


class OutcomeTable(RecordTable, table=True):
    """What became of each request; the first answer stays."""

    __tablename__ = "outcome"

    number: str = Field(sa_column=claim_number())
    request_id: str = Field(primary_key=True)
    outcome: str = Field(sa_type=Text)
