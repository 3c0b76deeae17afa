"""Quarter, half-year and year (R62), made from the published editions of their months and nothing else.

Figures are pooled over the months. Penalties and bonus, each within its monthly limit, count as the mean of the
months ◇, so that a longer period is no harder than a short one.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from assessment.editions.model import Area, Edition, PlatformDelay, UnitResult, sha256
from assessment.editions.sampling import Reinterview, answers_of, sample, seed
from assessment.editions.unit_results import Assessed, areas, group_areas, shown, unit_results
from assessment.periods import Period, PeriodKind
from assessment.schemes.model import Composition, Scheme
from assessment.schemes.validation import plain
from assessment.scoring.figures import Figure, added
from assessment.scoring.score import NOTHING, Score, Tally, TraceLine, score, two_decimals
from assessment.terms import Measure
from assessment.units import AssessedUnits
from claims.model.refusals import RefusalKind, Refused
from claims.model.values import Value


class OrganisationPoints(Value):
    """How a unit organises the work: points that the coordinators give, with their reason (R62 ◇)."""

    unit: str
    points: Decimal
    reason: str


class Drawn(Value):
    """The sample of the first edition. Corrections keep it, so that no enterprise is asked twice because a month was
    corrected."""

    seed: str
    sample: Mapping[str, tuple[str, ...]]


class Basis(Value):
    """The months behind a longer period: each unit's own lines, and the hashes of the editions."""

    period: Period
    hashes: Mapping[str, str]
    lines: Mapping[str, tuple[UnitResult, ...]]

    @property
    def seed(self) -> str:
        """Of the re-interview sample."""
        return seed(self.period, self.hashes.values())

    def claims(self, unit: str) -> tuple[str, ...]:
        """Return the unit's claims that an enterprise has evaluated."""
        return _pooled(self.lines[unit])[Measure.SATISFIED_WITH_VERIFIED].claims


def basis(period: Period, months: Sequence[Edition], units: AssessedUnits) -> Basis:
    """Raises `Refused` if a month is missing, given twice, or of another period."""
    wanted = [str(month) for month in period.months]
    given = [edition.period for edition in months]
    if period.kind is PeriodKind.MONTH:
        raise _refused(f"{period}是月份，由工单数据直接形成")
    if missing := [month for month in wanted if month not in given]:
        raise _refused(f"缺少{'、'.join(missing)}的已公布通报，不能形成{period}")
    if len(given) > len(wanted):
        raise _refused(f"{period}只能由各月通报各一期形成，收到的是{'、'.join(sorted(given))}")
    ordered = sorted(months, key=lambda edition: edition.period)
    lines: defaultdict[str, list[UnitResult]] = defaultdict(list)
    for result in (result for edition in ordered for result in edition.units):
        lines[units.answering_for(result.unit).id].append(result)
    return Basis(
        period=period,
        hashes={edition.period: sha256(edition) for edition in ordered},
        lines={unit: tuple(found) for unit, found in sorted(lines.items())},
    )


def samples(basis: Basis, scheme: Scheme) -> dict[str, tuple[str, ...]]:
    """Return each unit's claims to re-interview; empty if the scheme asks for none."""
    parts = scheme.compositions[basis.period.kind]
    if not parts.reinterviews:
        return {}
    share, at_least = parts.sample_share, parts.sample_at_least
    return {
        unit: sample(basis.seed, unit, basis.claims(unit), share=share, at_least=at_least)
        for unit in basis.lines
    }


def composed_edition(
    period: Period,
    months: Sequence[Edition],
    units: AssessedUnits,
    scheme: Scheme,
    *,
    answers: Iterable[Reinterview] = (),
    organisation: Iterable[OrganisationPoints] = (),
    drawn: Drawn | None = None,
    edition: int = 1,
) -> Edition:
    """Return the edition of a quarter, half-year or year, or `Refused`."""
    found = basis(period, months, units)
    asked = drawn or Drawn(seed=found.seed, sample=samples(found, scheme))
    given = _organisation(organisation, scheme.compositions[period.kind])
    results = unit_results(
        _assessed(found, units, scheme, drawn=asked.sample, answers=tuple(answers), given=given), scheme
    )
    return Edition(
        period=str(period),
        edition=edition,
        scheme=scheme.id,
        built_on=found.hashes,
        seed=asked.seed if asked.sample else "",
        units=results,
        districts=_areas(months),
        groups=group_areas(results),
        platform=_platform(months),
        differs_from=edition - 1 if edition > 1 else None,
    )


def _assessed(
    found: Basis,
    units: AssessedUnits,
    scheme: Scheme,
    *,
    drawn: Mapping[str, tuple[str, ...]],
    answers: tuple[Reinterview, ...],
    given: Mapping[str, OrganisationPoints],
) -> Iterator[Assessed]:
    for id, lines in found.lines.items():
        asked = answers_of(id, drawn[id], answers) if id in drawn else None
        own = _score(lines, scheme, len(found.period.months))
        whole = compose(own, scheme, found.period.kind, asked=asked, organisation=given.get(id))
        yield _line(units, id, lines, whole)


def _line(units: AssessedUnits, id: str, lines: tuple[UnitResult, ...], score: Score) -> Assessed:
    unit = units.answering_for(id)
    names = {name for line in lines for name in (line.name, *line.former_names)} - {unit.name}
    measures = shown(_pooled(lines))
    return Assessed(unit=unit, former_names=tuple(sorted(names)), measures=measures, score=score)


def _pooled(lines: Iterable[UnitResult]) -> Mapping[Measure, Figure]:
    return added(line.measures for line in lines)


def _score(lines: tuple[UnitResult, ...], scheme: Scheme, months: int) -> Score:
    taken = _mean([line.penalty for line in lines], months, scheme.penalty_at_most, "扣分", -1)
    given = _mean([line.bonus for line in lines], months, scheme.bonus_at_most, "加分", 1)
    return score(_pooled(lines), scheme, taken=taken, given=given)


def _mean(points: list[Decimal], months: int, most: Decimal, what: str, sign: int) -> Tally:
    total = two_decimals(min(Fraction(sum(points, NOTHING)) / months, Fraction(most)))
    if not total:
        return Tally()
    text = f"{what}按月平均：各月{'、'.join(map(str, points))}，共{months}个月"
    return Tally(total=total, lines=(TraceLine(rule="R62", points=sign * total, text=text),))


def compose(
    own: Score,
    scheme: Scheme,
    kind: PeriodKind,
    *,
    asked: Figure | None = None,
    organisation: OrganisationPoints | None = None,
) -> Score:
    """R62: the share of S, the re-interviews and the points for organisation, as the scheme puts them together."""
    parts = scheme.compositions[kind]
    if own.points is None:
        return own
    share, lines = Fraction(parts.share), []
    if parts.share != 1:
        text = f"S为{own.points}分，按{plain(parts.share)}计入"
        exact = share * Fraction(own.points)
        lines.append(TraceLine(rule="R62", points=two_decimals(exact) - own.points, text=text))
    total = share * Fraction(own.points)
    if parts.reinterviews:
        more, line = _reinterviewed(total, share * Fraction(scheme.whole), parts, asked or Figure(of=0))
        total, lines = total + more, [*lines, line]
    if parts.organisation:
        line = _organised(organisation)
        total, lines = total + Fraction(line.points), [*lines, line]
    points, trace = two_decimals(total), (*own.trace, *lines)
    if tail := points - sum((line.points for line in trace), NOTHING):
        trace += (TraceLine(rule="R62", points=tail, text="各行四舍五入的尾差"),)
    return own.model_copy(update={"points": points, "trace": trace})


def _reinterviewed(
    so_far: Fraction, whole: Fraction, parts: Composition, asked: Figure
) -> tuple[Fraction, TraceLine]:
    """If nobody was reached, S decides how many of these points are earned."""
    most, ratio = Fraction(parts.reinterviews), asked.ratio
    if ratio is None:
        more, text = so_far * most / whole, "再回访无人接通，按S折算"
    else:
        more, text = most * ratio, f"再回访满意{asked.n}/{asked.of}，权重{plain(parts.reinterviews)}分"
    return more, TraceLine(rule="R62", points=two_decimals(more), text=text, claims=asked.lost)


def _organised(given: OrganisationPoints | None) -> TraceLine:
    if given is None:
        raise _refused("还缺少单位的组织领导得分")
    return TraceLine(rule="R62", points=given.points, text=f"组织领导{plain(given.points)}分：{given.reason}")


def _organisation(given: Iterable[OrganisationPoints], parts: Composition) -> dict[str, OrganisationPoints]:
    found: dict[str, OrganisationPoints] = {}
    for each in given:
        if each.unit in found:
            raise _refused(f"{each.unit}的组织领导得分重复")
        if not 0 <= each.points <= parts.organisation or each.points != two_decimals(Fraction(each.points)):
            most = plain(parts.organisation)
            raise _refused(f"{each.unit}的组织领导得分{each.points}应在0至{most}之间，最多两位小数")
        found[each.unit] = each
    return found


def _areas(months: Iterable[Edition]) -> tuple[Area, ...]:
    found: defaultdict[str, list[Mapping[Measure, Figure]]] = defaultdict(list)
    for area in (area for edition in months for area in edition.districts):
        found[area.id].append(area.measures)
    return areas({id: added(found[id]) for id in sorted(found)})


def _platform(months: Iterable[Edition]) -> tuple[PlatformDelay, ...]:
    found: dict[str, PlatformDelay] = {}
    for each in (each for edition in months for each in edition.platform):
        old = found.get(each.kind, PlatformDelay(kind=each.kind, n=0, of=0))
        claims = tuple(sorted({*old.claims, *each.claims}))
        found[each.kind] = PlatformDelay(kind=each.kind, n=old.n + each.n, of=old.of + each.of, claims=claims)
    return tuple(found[kind] for kind in sorted(found))


def _refused(reason: str) -> Refused:
    return Refused("R62", reason, "请补齐后再形成", kind=RefusalKind.INCOMPLETE)
