"""Editions made up for the tests."""

from collections.abc import Mapping

from claims.editions.edition import Edition
from claims.editions.validation import validate_edition


def raw_edition(id: object = "2027-1", **changes: object) -> dict[str, object]:
    """An edition as it is handed in; no document says this."""
    return {
        "id": id,
        "source": "虚构的通知，仅供测试",
        "in_force_from": "2027-01-01",
        "reaches": "new",
        "changes": {"resolve_days": 8},
        **changes,
    }


def edition(id: str = "2027-1", changes: Mapping[str, object] | None = None, **fields: object) -> Edition:
    """The same, valid."""
    given = {} if changes is None else {"changes": dict(changes)}
    return validate_edition(raw_edition(id, **given, **fields))
