"""Readings of enterprises' contact data (R70), and public enquiries."""

from datetime import datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class ContactReadTable(RecordTable, table=True):
    """One reading of contact data. Written before the data are returned; never changed or deleted.

    It contains no phone number or contact's name. `number` may not be on record yet (R10).
    """

    __tablename__ = "contact_read"
    __table_args__ = (Index(None, "number", "id"), Index(None, "sub", "id"), Index(None, "at"))

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    number: str
    what: str
    attachment: str
    sub: str
    name: str
    roles: list[str] = Field(sa_type=JSON)
    unit: str
    route: str
    request_id: str


class TrackingTryTable(RecordTable, table=True):
    """A public enquiry with a wrong phone (R39), kept for a day without the caller's address."""

    __tablename__ = "tracking_try"
    __table_args__ = (Index(None, "number", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    number: str
    at: datetime = Field(sa_type=UtcDateTime)


class TrackingCodeTable(RecordTable, table=True):
    """A one-time code sent to a claim's phone (R39) or to a reporter's phone (R10), kept for a day. `id` is
    its notice's. `number` is the claim's, or the account of the phone. `code` and `phone` are emptied when
    the code is used, replaced, expired or tried too often.
    """

    __tablename__ = "tracking_code"
    __table_args__ = (Index(None, "number", "at"),)

    id: str = Field(primary_key=True)
    number: str
    code: str
    at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    wrong: int
    phone: str
    """Empty for a claim's own phone."""
