"""Counts of requests per period, shared by all API processes."""

from collections.abc import Mapping

from sqlalchemy import delete, select

from records.database import dialects
from records.database.engine import Records
from records.tables import REQUEST_COUNT


def add_counts(records: Records, counts: Mapping[str, int], *, since: int) -> dict[str, int]:
    """Add to the counts of the period that starts at `since` (Unix seconds) and return the new totals."""
    if not counts:
        return {}
    with records.writing() as connection:
        first = dialects.insert_into(connection, REQUEST_COUNT)
        added = first.on_conflict_do_update(
            index_elements=["key", "since"], set_={"count": REQUEST_COUNT.c.count + first.excluded.count}
        )
        # In a fixed order, so that two API processes cannot deadlock.
        rows = [{"key": key, "since": since, "count": counts[key]} for key in sorted(counts)]
        connection.execute(added, rows)
        ours = (REQUEST_COUNT.c.since == since) & REQUEST_COUNT.c.key.in_(sorted(counts))
        found = connection.execute(select(REQUEST_COUNT.c.key, REQUEST_COUNT.c.count).where(ours))
        return {row["key"]: row["count"] for row in found.mappings()}


def forget_counts(records: Records, *, before: int) -> None:
    """Delete the counts of periods that began before an instant (Unix seconds)."""
    with records.writing() as connection:
        connection.execute(delete(REQUEST_COUNT).where(REQUEST_COUNT.c.since < before))
