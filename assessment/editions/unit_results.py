"""From figures and scores to the lines of an edition: groups, bands, ranks (R61)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from assessment.editions.model import Area, Shown, UnitResult
from assessment.schemes.model import Scheme
from assessment.scoring.figures import Figures, added
from assessment.scoring.ranking import band, in_order, ranks
from assessment.scoring.score import Score
from assessment.terms import PUBLISHED, Group
from assessment.units import AssessedUnit
from claims.model.values import Value


class Assessed(Value):
    """A unit with its figures and its score, not yet ranked."""

    unit: AssessedUnit
    former_names: tuple[str, ...]
    measures: Shown
    score: Score


def shown(figures: Figures) -> Shown:
    """Return the published measures, each with a figure."""
    return {measure: figures[measure] for measure in PUBLISHED}


def unit_results(assessed: Iterable[Assessed], scheme: Scheme) -> tuple[UnitResult, ...]:
    """Group by group, each in the order of its ranks."""
    by_group: dict[Group, dict[str, Assessed]] = {group: {} for group in Group}
    for one in assessed:
        by_group[one.unit.group][one.unit.id] = one
    return tuple(result for units in by_group.values() for result in _ranked(units, scheme))


def _ranked(units: Mapping[str, Assessed], scheme: Scheme) -> list[UnitResult]:
    scores: dict[str, Decimal | None] = {id: one.score.points for id, one in units.items()}
    placed = ranks(scores)
    return [
        UnitResult(
            unit=id,
            name=units[id].unit.name,
            former_names=units[id].former_names,
            group=units[id].unit.group,
            valid_claims=units[id].score.valid_claims,
            measures=units[id].measures,
            penalty=units[id].score.penalty,
            bonus=units[id].score.bonus,
            score=scores[id],
            band=band(scores[id], scheme.bands),
            rank=placed[id],
            trace=units[id].score.trace,
        )
        for id in in_order(placed.items())
    ]


def group_areas(results: Iterable[UnitResult]) -> tuple[Area, ...]:
    """Return each group's units pooled; a group without any is left out."""
    found: dict[Group, list[Figures]] = {}
    for result in results:
        found.setdefault(result.group, []).append(result.measures)
    return areas({group.value: added(found[group]) for group in Group if group in found})


def areas(figures: Mapping[str, Figures]) -> tuple[Area, ...]:
    """In the order given."""
    return tuple(Area(id=id, measures=shown(each)) for id, each in figures.items())
