"""A month's edition, made from facts (R60-R62): the same facts give the same bytes, in whatever order they come."""

from collections import defaultdict
from collections.abc import Iterable

from assessment.editions import Edition, PlatformDelay
from assessment.exclusions import Exclusion, check_exclusions, with_exclusions
from assessment.facts import Fact, check_unique
from assessment.measures import pooled
from assessment.periods import Period, PeriodKind
from assessment.results import Assessed, areas, group_areas, shown, unit_results
from assessment.schemes.model import Scheme
from assessment.score import bonus, penalties, score
from assessment.terms import Measure
from assessment.units import AssessedUnits
from claims.organisation import PLATFORM
from claims.refusals import RefusalKind, Refused


def monthly_edition(
    period: Period,
    facts: Iterable[Fact],
    units: AssessedUnits,
    scheme: Scheme,
    *,
    exclusions: Iterable[Exclusion] = (),
    edition: int = 1,
) -> Edition:
    """The edition, or `Refused`. Facts of other periods are left aside; an edition after the first corrects the one
    before it."""
    if period.kind is not PeriodKind.MONTH:
        raise Refused("R62", f"{period}不是月份", "季、半年、年由各月通报汇总", kind=RefusalKind.INCOMPLETE)
    own = check_unique(period.facts(facts))
    decided = tuple(one for one in check_exclusions(exclusions) if any(map(one.concerns, own)))
    counted = with_exclusions(own, decided)
    of_units = tuple(fact for fact in counted if fact.unit != PLATFORM.id)
    results = unit_results(_assessed(of_units, units, scheme), scheme)
    by_district = pooled((fact for fact in of_units if fact.district), lambda fact: fact.district)
    return Edition(
        period=str(period),
        edition=edition,
        scheme=scheme.id,
        units=results,
        districts=areas(by_district),
        groups=group_areas(results),
        platform=_platform(counted),
        exclusions=decided,
        differs_from=edition - 1 if edition > 1 else None,
    )


def _assessed(facts: tuple[Fact, ...], units: AssessedUnits, scheme: Scheme) -> Iterable[Assessed]:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for fact in facts:
        names[units.answering_for(fact.unit).id].add(fact.unit_name)
    for id, figures in pooled(facts, lambda fact: units.answering_for(fact.unit).id).items():
        unit = units.answering_for(id)
        taken, given = penalties(figures, scheme), bonus(figures, scheme)
        yield Assessed(
            unit=unit,
            former_names=tuple(sorted(names[id] - {unit.name})),
            measures=shown(figures),
            score=score(figures, scheme, taken=taken, given=given),
        )


def _platform(facts: tuple[Fact, ...]) -> tuple[PlatformDelay, ...]:
    delays = (fact for fact in facts if fact.measure is Measure.PLATFORM_DELAY)
    found = pooled(delays, lambda fact: fact.about.partition(":")[0])
    figures = {kind: figure[Measure.PLATFORM_DELAY] for kind, figure in found.items()}
    return tuple(
        PlatformDelay(kind=kind, n=figure.n, of=figure.of or 0, claims=figure.lost)
        for kind, figure in figures.items()
    )
