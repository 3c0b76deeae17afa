"""Who read an enterprise's contact data (R70)."""

from datetime import datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class ContactReadTable(RecordTable, table=True):
    """One reading of contact data. Written before the data are given; never changed, never deleted.

    No phone number and no name of a contact stands here. `number` need not be on record yet (R10).
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
    """A public enquiry that did not know the phone (R39); kept for a day. Nobody's address stands here."""

    __tablename__ = "tracking_try"
    __table_args__ = (Index(None, "number", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    number: str
    at: datetime = Field(sa_type=UtcDateTime)


class TrackingCodeTable(RecordTable, table=True):
    """A one-time code that was sent to a claim's phone (R39), or to one of somebody who reports (R10); kept for a day. `id` is
    its notice's. `number`: the claim's, else the account of the phone. `code` and `phone` are emptied when it is used,
    replaced, out of date or was guessed at too often."""

    __tablename__ = "tracking_code"
    __table_args__ = (Index(None, "number", "at"),)

    id: str = Field(primary_key=True)
    number: str
    code: str
    at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    wrong: int
    phone: str
    """Empty where it is the claim's."""
