"""The clock of the programs: the one place where API, pages, worker and commands read the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)  # noqa: TID251  an edge of the system
