"""Notices and the ledger of their deliveries."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class NoticeTable(RecordTable, table=True):
    """A notice to a unit's recipients; its id makes it unique (R20, R30, R38). A notice without a number is
    about a unit's account, whose id starts the notice's id.
    """

    __tablename__ = "notice"
    __table_args__ = (Index(None, "unit", "at"), Index(None, "number"))

    id: str = Field(primary_key=True)
    number: str | None = Field(foreign_key="claim.number")
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str
    unit: str
    text: str = Field(sa_type=Text)


class DeliveryTable(RecordTable, table=True):
    """The ledger of deliveries (R20, R38): one line for each notice, addressee and channel.

    A waiting line without a channel has not been routed yet. `next_at` is the earliest next attempt; taking a
    lease (`lease` is the holder) moves it, so that no other relay takes the line and a dead holder's lease
    expires. The ledger has no addresses or phone numbers, only channel names.
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
