"""Claims: their state, journals and the outcomes of requests."""

from datetime import datetime
from typing import Final

from pydantic import JsonValue
from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable, claim_number

_NARROWING: Final = ("stage", "district", "category", "channel", "light")
ORDERS: Final = {
    "number": ("number", *_NARROWING, "registered_at", "next_due"),
    "registered_at": ("registered_at", "number", *_NARROWING, "next_due"),
    "next_due": ("next_due", "number", *_NARROWING, "registered_at"),
    "updated_at": ("updated_at", "number", *_NARROWING, "registered_at", "next_due"),
}
"""The orders of lists. Each index also holds the filter columns, so that reading a list in order does not
touch claims that it does not show.
"""


class ClaimTable(RecordTable, table=True):
    """A claim's state. `unit` is the current lead, `light` the worst not revoked. `enterprise_key` is the
    name as compared, `complained_of` the id of the unit that the claim is about (R53). `contact` and `phone`
    appear in no list; they are used for redaction.
    """

    __tablename__ = "claim"
    __table_args__ = (
        *(Index(f"ix_claim_by_{name}", *columns) for name, columns in ORDERS.items()),
        Index(None, "enterprise_key"),
        Index(None, "credit_code"),
        Index(None, "account"),
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
    enterprise_key: str = ""
    credit_code: str = ""
    account: str = ""
    complained_of: str = ""
    contact: str = ""
    phone: str = ""
    matter: str = Field(sa_type=Text)
    light: str
    next_due: datetime | None = Field(sa_type=UtcDateTime)
    closed_reason: str
    closed_at: datetime | None = Field(sa_type=UtcDateTime)
    registered_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    snapshot: str = Field(sa_type=Text)
    has_facts: bool = False
    """Whether its facts are on record. False for claims last written by an earlier version."""


class ClaimPartyTable(RecordTable, table=True):
    """Units that take or took part in a claim, and the units above them.

    `leads`: it is the current dispatch's lead or delegate, or is above it. `current`: it takes part in the
    current dispatch and may therefore see the claim (R54).
    """

    __tablename__ = "claim_party"
    __table_args__ = (Index(None, "unit", "leads", "number"), Index(None, "unit", "current", "number"))

    number: str = Field(sa_column=claim_number())
    unit: str = Field(primary_key=True)
    leads: bool
    current: bool


class JournalTable(RecordTable, table=True):
    """A claim's journal lines."""

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
    """The outcome of each request; the first one is kept."""

    __tablename__ = "outcome"

    number: str = Field(sa_column=claim_number())
    request_id: str = Field(primary_key=True)
    outcome: str = Field(sa_type=Text)


class ClaimTextTable(RecordTable, table=True):
    """The searchable text of claims (`records.queries.search`). On SQLite the full-text table `claim_grams`
    has the character pairs, with the same ids.
    """

    __tablename__ = "claim_text"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_claim_text_grams", "grams", postgresql_using="gin").ddl_if(dialect="postgresql"),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(foreign_key="claim.number")
    grams: list[str] | None = Field(
        sa_column=Column(ARRAY(Text).with_variant(Text(), "sqlite"), nullable=True)
    )
