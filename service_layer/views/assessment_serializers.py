"""From editions and drafts to what a caller sees of them (R60-R62)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from assessment.cadence.model import EFFECT_NAMES, STAGE_NAMES, Objection, PeriodState, PublishedEdition
from assessment.editions.model import Area, Edition, PlatformDelay, UnitResult, sha256
from assessment.facts.exclusions import Exclusion
from assessment.facts.model import Fact
from assessment.periods import KIND_NAMES, Period
from assessment.scoring.figures import Figure, Figures
from assessment.terms import EditionStatus, Group, Measure, name
from claims.lookup.unit_tree import Organisation
from claims.model.labels import label
from claims.model.terms import LimitKind
from service_layer.views.assessment import (
    AreaAssessment,
    AssessmentSummary,
    AssessmentView,
    CountView,
    EditionView,
    ExclusionView,
    FactView,
    MeasureViews,
    ObjectionView,
    PlatformDelayView,
    RatioView,
    UnitAssessment,
    UnitAssessmentView,
    UnitName,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An edition, the rows behind each unit's figures, and, where it is published, as what. Reading rows raises ContentLost,
    RecordsUnavailable."""

    edition: Edition
    facts_of: Callable[[str], tuple[Fact, ...]]
    published: PublishedEdition | None = None


def no_facts(_unit: str) -> tuple[Fact, ...]:
    """Return the rows of a longer period: it has none of its own."""
    return ()


@dataclass(frozen=True, slots=True)
class Sight:
    """The parts of an edition that a caller may see. `own`: the units whose claims are shown, None: all of
    them. `all_lines`: everybody's figures are published, without the claims behind them.
    """

    own: frozenset[str] | None
    all_lines: bool = False

    def shows(self, unit: str) -> bool:
        """Return whether the unit's line is shown."""
        return self.own is None or self.all_lines or unit in self.own

    def shows_claims(self, unit: str) -> bool:
        """Are the claims behind the unit's figures shown?"""
        return self.own is None or unit in self.own


def summary(period: Period, publication_day: date, state: PeriodState | None) -> AssessmentSummary:
    """Return a period that has a draft or an edition."""
    newest = state.newest if state else None
    return AssessmentSummary(
        **_heading(period, published=newest is not None),
        edition=newest.edition if newest else 1,
        publication_day=publication_day,
    )


def assessment_view(
    period: Period, shown: Shown, organisation: Organisation, state: PeriodState | None, sight: Sight
) -> AssessmentView:
    """Return an edition or a draft, as far as the caller may see it."""
    whole = sight.own is None or sight.all_lines
    edition = shown.edition
    names = {unit.id: unit.short for unit in organisation.units}
    titles = {group.value: name(group) for group in Group}
    state = state or PeriodState(period=str(period))
    asked = state.wanted.sample if sight.own is None else {}
    return AssessmentView(
        **_edition_heading(period, shown, state),
        units=[
            _unit(line, with_claims=sight.shows_claims(line.unit))
            for line in edition.units
            if sight.shows(line.unit)
        ],
        districts=[_area(area, names, sight) for area in edition.districts if whole],
        groups=[_area(area, titles, sight) for area in edition.groups if whole],
        platform=[_delay(delay, sight) for delay in edition.platform if whole],
        objections=[_objection(one) for one in state.objections if sight.shows_claims(one.unit)],
        exclusions=[_exclusion(one) for one in edition.exclusions if sight.shows_claims(one.unit)],
        differences=list(shown.published.differences) if shown.published and sight.own is None else [],
        sample={unit: list(claims) for unit, claims in asked.items()},
        missing=state.missing_answers if sight.own is None else {},
        unpointed=[
            UnitName(unit=unit, unit_name=names.get(unit, unit))
            for unit in state.missing_points
            if sight.own is None
        ],
    )


def asking_view(
    period: Period, scheme: str, organisation: Organisation, state: PeriodState
) -> AssessmentView:
    """Return a longer period that waits for people's answers (R62): what it waits for, and no figures yet."""
    nothing = Shown(Edition(period=str(period), edition=1, scheme=scheme, units=()), no_facts)
    view = assessment_view(period, nothing, organisation, state, Sight(own=None))
    return view.model_copy(update={"hash": ""})


def unit_assessment_view(
    period: Period, shown: Shown, line: UnitResult, facts: Iterable[Fact], state: PeriodState | None
) -> UnitAssessmentView:
    """Return a unit's line, and its rows."""
    known = state or PeriodState(period=str(period))
    return UnitAssessmentView(
        **_edition_heading(period, shown, known),
        unit=_unit(line, with_claims=True),
        facts=[_fact(fact) for fact in facts],
        objections=[_objection(one) for one in known.objections if one.unit == line.unit],
    )


def _objection(one: Objection) -> ObjectionView:
    given = one.model_dump(include={"unit", "claim", "measure", "text", "by", "at"})
    decided = one.decision
    return ObjectionView(
        **given,
        objection=one.id,
        measure_name=name(one.measure) if one.measure else "整件",
        evidence=list(one.evidence),
        upheld=decided.upheld if decided else None,
        decision=decided.text if decided else None,
        effect=decided.effect if decided else None,
        effect_name=EFFECT_NAMES[decided.effect] if decided and decided.effect else "",
        decided_by=decided.by if decided else None,
    )


def _exclusion(one: Exclusion) -> ExclusionView:
    what = name(one.measure) if one.measure else "整件"
    return ExclusionView(**one.model_dump(), measure_name=what, reason_name=name(one.reason))


def _fact(fact: Fact) -> FactView:
    fields = fact.model_dump(include=set(FactView.model_fields) - {"claim", "measure_name"})
    return FactView(**fields, claim=fact.claim or fact.article, measure_name=name(fact.measure))


def _edition_heading(period: Period, shown: Shown, state: PeriodState) -> dict[str, object]:
    edition, published, draft = shown.edition, shown.published, state.draft
    return {
        **_heading(period, published=published is not None),
        "edition": edition.edition,
        "scheme": edition.scheme,
        "hash": published.hash if published else sha256(edition),
        "published_at": published.published_at if published else None,
        "differs_from": edition.differs_from,
        "stage": state.stage,
        "stage_name": STAGE_NAMES[state.stage],
        "problem": state.problem,
        "objections_until": draft.objections_until if draft else None,
        "exclusions_until": draft.exclusions_until if draft else None,
        "publication_day": draft.publication_day if draft else None,
        "editions": [
            EditionView(**one.model_dump(include=set(EditionView.model_fields))) for one in state.published
        ],
    }


def _heading(period: Period, *, published: bool) -> dict[str, object]:
    status = EditionStatus.PUBLISHED if published else EditionStatus.DRAFT
    return {
        "period": str(period),
        "kind": period.kind,
        "kind_name": KIND_NAMES[period.kind],
        "first_day": period.first_day,
        "last_day": period.last_day,
        "status": status,
        "status_name": name(status),
    }


def _unit(line: UnitResult, *, with_claims: bool) -> UnitAssessment:
    return UnitAssessment(
        unit=line.unit,
        unit_name=line.name,
        former_names=list(line.former_names),
        group=line.group,
        group_name=name(line.group),
        valid_claims=line.valid_claims,
        measures=_measures(line.measures, with_claims=with_claims),
        penalty=line.penalty,
        bonus=line.bonus,
        score=line.score,
        band=line.band or None,
        rank=line.rank,
        trace=[each if with_claims else each.model_copy(update={"claims": ()}) for each in line.trace],
    )


def _measures(figures: Figures, *, with_claims: bool) -> MeasureViews:
    return {measure: _figure(measure, figure, with_claims=with_claims) for measure, figure in figures.items()}


def _figure(measure: Measure, figure: Figure, *, with_claims: bool) -> RatioView | CountView:
    claims = list(figure.claims) if with_claims else []
    if figure.of is None:
        return CountView(name=name(measure), n=figure.n, claims=claims)
    lost = list(figure.lost) if with_claims else []
    return RatioView(name=name(measure), n=figure.n, of=figure.of, claims=claims, lost=lost)


def _area(area: Area, names: Mapping[str, str], sight: Sight) -> AreaAssessment:
    measures = _measures(area.measures, with_claims=sight.own is None)
    return AreaAssessment(id=area.id, name=names.get(area.id, area.id), measures=measures)


def _delay(delay: PlatformDelay, sight: Sight) -> PlatformDelayView:
    return PlatformDelayView(
        kind=delay.kind,
        kind_name=label(LimitKind(delay.kind)),
        n=delay.n,
        of=delay.of,
        claims=list(delay.claims) if sight.own is None else [],
    )
