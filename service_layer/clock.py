"""The one place where the API reads the clock."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant in UTC."""
    return datetime.now(UTC)  # noqa: TID251  an edge of the system
