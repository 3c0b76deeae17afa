"""Ranks within a group and the bands beside them (R61). Scores that people see as equal share a rank."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from assessment.schemes.model import Band


def ranks(scores: Mapping[str, Decimal | None]) -> dict[str, int | None]:
    """1 for the best; two firsts are followed by a third. None for a unit without a score."""
    ordered = sorted((points for points in scores.values() if points is not None), reverse=True)
    return {unit: None if points is None else ordered.index(points) + 1 for unit, points in scores.items()}


def band(points: Decimal | None, bands: Sequence[Band]) -> str:
    """Return the first band whose floor the score reaches; empty without a score."""
    if points is None:
        return ""
    return next(each.name for each in bands if points >= each.at_least)


def in_order(units: Iterable[tuple[str, int | None]]) -> list[str]:
    """Unit ids as people list them: by rank, the unranked last, then by id."""
    return [unit for unit, _ in sorted(units, key=lambda pair: (pair[1] is None, pair[1] or 0, pair[0]))]
