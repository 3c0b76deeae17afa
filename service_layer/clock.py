"""The clock of the API and the pages: the one place where they read the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)  # noqa: TID251  an edge of the system
