"""Up to which instant each person has read a unit's notices."""

from datetime import datetime

from sqlalchemy import select

from records.database import dialects
from records.database.engine import Records
from records.tables import NOTICES_SEEN


def seen_until(records: Records, sub: str, unit: str) -> datetime | None:
    """Return the newest notice to the unit that a person has seen. Raises RecordsUnavailable."""
    own = (NOTICES_SEEN.c.sub == sub) & (NOTICES_SEEN.c.unit == unit)
    with records.reading() as connection:
        return connection.scalar(select(NOTICES_SEEN.c.at).where(own))


def note_as_seen(records: Records, sub: str, unit: str, at: datetime) -> None:
    """Store that a person has seen everything up to an instant; it never moves back. Raises RecordsUnavailable."""
    own = (NOTICES_SEEN.c.sub == sub) & (NOTICES_SEEN.c.unit == unit)
    with records.writing() as connection:
        before = connection.scalar(select(NOTICES_SEEN.c.at).where(own).with_for_update())
        if before is None or before < at:
            dialects.put(connection, NOTICES_SEEN, [{"sub": sub, "unit": unit, "at": at}])
