"""When assessments start (R62)."""

from datetime import datetime

from sqlalchemy import func, select

from records.database.engine import Records
from records.tables import CLAIM


def first_registration(records: Records) -> datetime | None:
    """Return when the first claim was registered, or None. Raises RecordsUnavailable."""
    with records.reading() as connection:
        found: datetime | None = connection.scalar(select(func.min(CLAIM.c.registered_at)))
    return found
