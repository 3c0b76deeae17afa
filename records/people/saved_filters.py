"""Saved filters of lists."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, func, select

from records.database import dialects
from records.database.engine import Records
from records.tables import SAVED_FILTER


class SavedFilter(BaseModel):
    """`query` is the query string of the page's address."""

    model_config = ConfigDict(frozen=True)

    name: str
    query: str


def saved_filters(records: Records, sub: str, page: str) -> list[SavedFilter]:
    """Return a person's filters of a page, ordered by name. Raises RecordsUnavailable."""
    columns = SAVED_FILTER.c
    own = select(columns.name, columns.query).where(columns.sub == sub, columns.page == page)
    with records.reading() as connection:
        found = connection.execute(own.order_by(columns.name)).mappings()
        return [SavedFilter.model_validate(dict(row)) for row in found]


def save_filter(records: Records, kept: SavedFilter, *, sub: str, page: str, at: datetime, most: int) -> bool:
    """Save a filter, replacing one of the same name. Return False if there are too many. Raises
    RecordsUnavailable.
    """
    columns = SAVED_FILTER.c
    others = (columns.sub == sub) & (columns.page == page) & (columns.name != kept.name)
    row: dialects.Row = {"sub": sub, "page": page, "name": kept.name, "query": kept.query, "at": at}
    with records.writing() as connection:
        if (connection.scalar(select(func.count()).select_from(SAVED_FILTER).where(others)) or 0) >= most:
            return False
        dialects.put(connection, SAVED_FILTER, [row])
    return True


def remove_filter(records: Records, *, sub: str, page: str, name: str) -> None:
    """Delete a filter. Raises RecordsUnavailable."""
    columns = SAVED_FILTER.c
    this = (columns.sub == sub) & (columns.page == page) & (columns.name == name)
    with records.writing() as connection:
        connection.execute(delete(SAVED_FILTER).where(this))
