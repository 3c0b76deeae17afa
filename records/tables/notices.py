"""Notices and the ledger of their delivery."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class NoticeTable(RecordTable, table=True):
    """Word to a unit's recipients; its id makes it come once (R20, R30, R38). Without a number it is about a unit's
    account, with whose id its own begins."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "unit", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    number: str | None = Field(foreign_key="claim.number")
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    unit: str
    text: str = Field(sa_type=Text)


class DeliveryTable(RecordTable, table=True):
    """The ledger of what goes out (R20, R38): each notice to each addressee, one line for each channel.

    Without a channel a waiting one has not been routed yet. `next_at`: not before then; a lease (`lease` is
    the holder's) moves it on, so that nobody else takes it and a dead holder's runs out. No address and no
    phone number stands here, only the channel's name.
    """

    __tablename__ = "delivery"
    __table_args__ = (Index(None, "state", "next_at"), Index(None, "addressee", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    notice: str = Field(foreign_key="notice.id")
    number: str
    addressee: str
    kind: str
    at: datetime = Field(sa_type=UtcDateTime)
    channel: str
    state: str
    tries: int
    lease: str
    error: str
    queued_at: datetime | None = Field(sa_type=UtcDateTime)
    next_at: datetime | None = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(sa_type=UtcDateTime)
