"""Filters of lists that people keep."""

from datetime import datetime

from sqlmodel import Field

from records.database.column_types import UtcDateTime
from records.tables.base import RecordTable


class SavedFilterTable(RecordTable, table=True):
    """What somebody (`sub`) wants to find again on a page, by the name that they gave it. `query`: the page's own."""

    __tablename__ = "saved_filter"

    sub: str = Field(primary_key=True)
    page: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    query: str
    at: datetime = Field(sa_type=UtcDateTime)
