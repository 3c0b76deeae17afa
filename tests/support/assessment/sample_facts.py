"""Hand-made facts and editions, for tests without claims."""

from datetime import date

from assessment.editions.model import Edition
from assessment.editions.monthly import monthly_edition
from assessment.facts.model import Fact
from assessment.periods import parse_period
from assessment.schemes import Scheme, load_schemes
from assessment.terms import COUNTS, Group, Measure
from assessment.units import AssessedUnit, AssessedUnits

MONTHLY, ANNUAL = (next(s for s in load_schemes() if s.id == id) for id in ("R61", "R61-annual"))
SCORED = tuple(MONTHLY.weights)
UNITS = AssessedUnits(
    AssessedUnit(id=id, name=f"{id}局", group=Group.DEPARTMENT) for id in ("A", "B", "C", "D")
)


def fact(
    claim: str, measure: Measure, n: int, *, unit: str = "A", day: str = "2026-11-10", about: str = ""
) -> Fact:
    """Return a fact that counts."""
    assert n in (0, 1)
    return Fact(
        claim=claim,
        dispatch=1,
        unit=unit,
        unit_name=f"{unit}局",
        district="QX-370481",
        measure=measure,
        about=about,
        n=1 if n else 0,
        of=0 if measure in COUNTS else 1,
        day=date.fromisoformat(day),
        rule="R60",
        why="测试",
    )


def good(claim: str, *, unit: str = "A", day: str = "2026-11-10") -> list[Fact]:
    """Return the facts of an on-time, resolved, satisfied claim."""
    measures = (*SCORED, Measure.SATISFIED_WITH_VERIFIED)
    return [fact(claim, measure, 1, unit=unit, day=day) for measure in measures]


def month(period: str, facts: list[Fact], scheme: Scheme = MONTHLY) -> Edition:
    """Return a month's edition of the units A to D."""
    return monthly_edition(parse_period(period), facts, UNITS, scheme)
