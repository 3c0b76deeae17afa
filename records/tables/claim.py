"""A claim: where it stands, its journal and what became of each request."""

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
"""The orders of lists. Their indexes hold what lists are narrowed by as well, so that a list that is read in its
order looks no further at claims that it does not show."""


class ClaimTable(RecordTable, table=True):
    """Where a claim stands. `unit` is the current lead, `light` the worst that is not revoked. `enterprise_key` is the name as
    it is compared, `complained_of` the id of the unit that the claim is about (R53). `contact` and `phone` are in no
    list; they are here to be masked in what people wrote."""

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
    """Are its facts on record? Not those of claims that an earlier version wrote last."""


class ClaimPartyTable(RecordTable, table=True):
    """Each unit that takes or took part in a claim, and every unit above one.

    `leads`: it is, or stands above, the lead (or its delegate) of the current dispatch. `current`: it takes part in the
    current dispatch, and so sees the claim (R54).
    """

    __tablename__ = "claim_party"
    __table_args__ = (Index(None, "unit", "leads", "number"), Index(None, "unit", "current", "number"))

    number: str = Field(sa_column=claim_number())
    unit: str = Field(primary_key=True)
    leads: bool
    current: bool


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


class ClaimTextTable(RecordTable, table=True):
    """What a claim can be found by (`records.queries.search`). SQLite has the pairs of characters in the full-text
    table `claim_grams`, whose rows have these ids."""

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
