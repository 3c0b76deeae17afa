"""From when on there is something to assess (R62)."""

from datetime import datetime

from sqlalchemy import func, select

from records.database.engine import Records
from records.tables import CLAIM


def first_registration(records: Records) -> datetime | None:
    """When the first claim was registered; None while there is none. Raises RecordsUnavailable."""
    with records.reading() as connection:
        found: datetime | None = connection.scalar(select(func.min(CLAIM.c.registered_at)))
    return found
