"""Revoked tokens, and each caller's request counts."""

from datetime import datetime

from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class TokenRevocationTable(RecordTable, table=True):
    """`kind` says whether `value` is a token's `jti`, a session or a person's `sub`."""

    __tablename__ = "token_revocation"

    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str


class RequestCountTable(RecordTable, table=True):
    """The count of a request in one period, across all API processes. `since` is the period's first second (Unix)."""

    __tablename__ = "request_count"

    key: str = Field(primary_key=True)
    since: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, index=True)
    count: int
