"""A month's edition, made from facts (R60-R62). The same facts give the same bytes, in any order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assessment.editions.model import Edition, PlatformDelay
from assessment.editions.unit_results import Assessed, areas, group_areas, shown, unit_results
from assessment.facts.exclusions import Exclusion, check_exclusions, spread, with_exclusions
from assessment.facts.model import Fact, check_unique
from assessment.periods import Period, PeriodKind
from assessment.schemes.model import Scheme
from assessment.scoring.figures import Figure, Figures, added, pooled
from assessment.scoring.score import bonus, penalties, score
from assessment.terms import Measure
from assessment.units import AssessedUnits
from claims.model.organisation import PLATFORM
from claims.model.refusals import RefusalKind, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledMonth:
    """A month's facts, pooled: all that its edition needs. A source that pools them, such as a database, must
    keep the order of the keys.
    """

    units: Mapping[str, Figures]
    names: Mapping[str, frozenset[str]]
    """The names that the facts give each unit."""
    districts: Mapping[str, Figures]
    platform: Mapping[str, Figure]
    """By the kind of limit."""
    exclusions: tuple[Exclusion, ...] = ()
    """Those that concern a fact of the month."""


def monthly_edition(
    period: Period,
    facts: Iterable[Fact],
    units: AssessedUnits,
    scheme: Scheme,
    *,
    exclusions: Iterable[Exclusion] = (),
    edition: int = 1,
) -> Edition:
    """Return the edition, or `Refused`. Facts of other periods are ignored."""
    require_month(period)
    found = pool_month(period.facts(facts), units, exclusions)
    return edition_of(period, found, units, scheme, edition=edition)


def require_month(period: Period) -> None:
    """Raises `Refused` for a longer period."""
    if period.kind is not PeriodKind.MONTH:
        raise Refused("R62", f"{period}不是月份", "季、半年、年由各月通报汇总", kind=RefusalKind.INCOMPLETE)


def joined(parts: Iterable[PooledMonth]) -> PooledMonth:
    """Return one month of parts that share no fact."""
    found = [*parts]
    return PooledMonth(
        units=_added([part.units for part in found]),
        names={
            unit: frozenset().union(*(part.names[unit] for part in found if unit in part.names))
            for unit in {unit for part in found for unit in part.names}
        },
        districts=_added([part.districts for part in found]),
        platform={
            kind: figures[Measure.PLATFORM_DELAY]
            for kind, figures in _added([_as_figures(part.platform) for part in found]).items()
        },
        exclusions=check_exclusions(one for part in found for one in part.exclusions),
    )


def _added(parts: Iterable[Mapping[str, Figures]]) -> dict[str, Figures]:
    found: defaultdict[str, list[Figures]] = defaultdict(list)
    for part in parts:
        for key, figures in part.items():
            found[key].append(figures)
    return {key: added(found[key]) for key in sorted(found)}


def _as_figures(platform: Mapping[str, Figure]) -> dict[str, Figures]:
    return {kind: {Measure.PLATFORM_DELAY: figure} for kind, figure in platform.items()}


def pool_month(
    facts: Iterable[Fact], units: AssessedUnits, exclusions: Iterable[Exclusion] = ()
) -> PooledMonth:
    """Return the figures of each unit, district and limit of the platform. Raises `Refused` for facts that
    cannot be.
    """
    own = check_unique(facts)
    decided = _concerned(own, exclusions, units)
    counted = with_exclusions(own, spread(decided, units.behind))
    of_units = tuple(fact for fact in counted if fact.unit != PLATFORM.id)
    names: defaultdict[str, set[str]] = defaultdict(set)
    for fact in of_units:
        names[units.answering_for(fact.unit).id].add(fact.unit_name)
    return PooledMonth(
        units=pooled(of_units, lambda fact: units.answering_for(fact.unit).id),
        names={unit: frozenset(each) for unit, each in names.items()},
        districts=pooled((fact for fact in of_units if fact.district), lambda fact: fact.district),
        platform=_delays(counted),
        exclusions=decided,
    )


def _concerned(
    facts: tuple[Fact, ...], exclusions: Iterable[Exclusion], units: AssessedUnits
) -> tuple[Exclusion, ...]:
    checked = check_exclusions(exclusions)
    claims = {one.claim for one in checked}
    touched = [fact for fact in facts if fact.claim in claims]
    return tuple(
        one
        for one in checked
        if any(each.concerns(fact) for each in spread([one], units.behind) for fact in touched)
    )


def _delays(facts: tuple[Fact, ...]) -> dict[str, Figure]:
    delays = (fact for fact in facts if fact.measure is Measure.PLATFORM_DELAY)
    found = pooled(delays, lambda fact: fact.about.partition(":")[0])
    return {kind: figures[Measure.PLATFORM_DELAY] for kind, figures in found.items()}


def edition_of(
    period: Period, month: PooledMonth, units: AssessedUnits, scheme: Scheme, *, edition: int = 1
) -> Edition:
    """Return the edition of a pooled month; one after the first corrects the one before it."""
    results = unit_results(_assessed(month, units, scheme), scheme)
    return Edition(
        period=str(period),
        edition=edition,
        scheme=scheme.id,
        units=results,
        districts=areas(month.districts),
        groups=group_areas(results),
        platform=tuple(
            PlatformDelay(kind=kind, n=figure.n, of=figure.of or 0, claims=figure.lost)
            for kind, figure in month.platform.items()
        ),
        exclusions=month.exclusions,
        differs_from=edition - 1 if edition > 1 else None,
    )


def _assessed(month: PooledMonth, units: AssessedUnits, scheme: Scheme) -> Iterator[Assessed]:
    for id, figures in month.units.items():
        unit = units.answering_for(id)
        taken, given = penalties(figures, scheme), bonus(figures, scheme)
        yield Assessed(
            unit=unit,
            former_names=tuple(sorted(month.names[id] - {unit.name})),
            measures=shown(figures),
            score=score(figures, scheme, taken=taken, given=given),
        )
