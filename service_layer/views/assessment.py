"""View models of an assessment (R60-R62)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, Field

from assessment.cadence.model import STAGE_NAMES, Objection, PeriodStage, PeriodState, PublishedEdition
from assessment.editions.model import Area, Edition, PlatformDelay, UnitResult, sha256
from assessment.facts.exclusions import Exclusion
from assessment.facts.model import Fact
from assessment.periods import KIND_NAMES, Period, PeriodKind
from assessment.scoring.figures import Figure, Figures
from assessment.scoring.score import TraceLine
from assessment.terms import EditionStatus, Group, Measure, name
from claims.model.labels import label
from claims.model.organisation import Organisation
from claims.model.terms import LimitKind


@dataclass(frozen=True, slots=True)
class Shown:
    """An edition, the rows behind each unit's figures, and, where it is published, as what. Reading rows raises ContentLost,
    RecordsUnavailable."""

    edition: Edition
    facts_of: Callable[[str], tuple[Fact, ...]]
    published: PublishedEdition | None = None


def no_facts(_unit: str) -> tuple[Fact, ...]:
    """The rows of a longer period: it has none of its own."""
    return ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may see of an edition. `own`: the units whose claims are shown, None: all of them. `all_lines`:
    everybody's figures are published, without the claims behind them."""

    own: frozenset[str] | None
    all_lines: bool = False

    def shows(self, unit: str) -> bool:
        """Is the unit's line shown?"""
        return self.own is None or self.all_lines or unit in self.own

    def shows_claims(self, unit: str) -> bool:
        """Are the claims behind the unit's figures shown?"""
        return self.own is None or unit in self.own


class CountView(BaseModel):
    """A number of incidents."""

    name: str
    n: int
    claims: list[str] = Field(description="所涉工单")


class RatioView(CountView):
    """A figure: n of so many."""

    of: int = Field(description="分母；为0表示本期没有数据")
    lost: list[str] = Field(description="其中未达到要求的工单")


MeasureViews = dict[Measure, RatioView | CountView]


class UnitAssessment(BaseModel):
    """A unit's line."""

    unit: str
    unit_name: str
    former_names: list[str]
    group: Group
    group_name: str
    valid_claims: int
    measures: MeasureViews
    penalty: Decimal = Field(description="扣分合计，两位小数")
    bonus: Decimal = Field(description="加分合计，两位小数")
    score: Decimal | None = Field(description="得分，两位小数；有效诉求不足五件为 null（R61）")
    band: str | None = Field(description="等次")
    rank: int | None = Field(description="组内名次；不计分为 null")
    trace: list[TraceLine] = Field(description="得分依据，各行分值合计即得分")


class FactView(BaseModel):
    """A row: what a claim adds to a figure, or why it does not (R60)."""

    claim: str
    dispatch: int = Field(description="第几次派单；0为与派单无关")
    measure: Measure
    measure_name: str
    n: int
    of: int = Field(description="0为计数项")
    day: date = Field(description="决定所属周期的日期")
    counted: bool = Field(description="是否计入")
    rule: str
    why: str = Field(description="计入或不计入的理由")


class AreaAssessment(BaseModel):
    """A district as the place where enterprises are, or a group of units, pooled."""

    id: str
    name: str
    measures: MeasureViews


class PlatformDelayView(BaseModel):
    """The platform's own delays of one kind of limit."""

    kind: str
    kind_name: str
    n: int = Field(description="逾期")
    of: int
    claims: list[str] = Field(description="逾期的工单")


class AssessmentSummary(BaseModel):
    """A period and how far its assessment has come."""

    period: str = Field(examples=["2026-11"])
    kind: PeriodKind
    kind_name: str
    first_day: date
    last_day: date
    edition: int
    status: EditionStatus
    status_name: str
    publication_day: date = Field(description="应公布日：周期结束后第五个工作日（R62）")


class Assessments(BaseModel):
    """All periods, newest first."""

    assessments: list[AssessmentSummary]


class ObjectionView(BaseModel):
    """An objection to a draft, and what was decided."""

    objection: str
    unit: str
    claim: str
    measure: Measure | None
    measure_name: str
    text: str
    evidence: list[str]
    by: str
    at: datetime
    upheld: bool | None = Field(description="null 为尚未核定")
    decision: str | None = Field(description="核定意见")
    effect: str | None
    decided_by: str | None


class ExclusionView(BaseModel):
    """A claim, or one of its measures, that leaves a unit's figures (R65)."""

    claim: str
    unit: str
    measure: Measure | None
    measure_name: str
    reason: str
    reason_name: str
    decided_on: date
    decision: str


class EditionView(BaseModel):
    """A published edition of the period."""

    edition: int
    hash: str
    published_at: datetime
    by: str
    reason: str = Field(description="更正的理由")


class EditionHeading(BaseModel):
    """Which edition it is."""

    period: str
    kind: PeriodKind
    kind_name: str
    first_day: date
    last_day: date
    edition: int
    status: EditionStatus
    status_name: str
    scheme: str = Field(description="考核方案编号（R61）")
    hash: str = Field(description="整期规范 JSON 的 SHA-256；草案随数据变化")
    published_at: datetime | None
    differs_from: int | None = Field(description="所更正的上一期")
    stage: PeriodStage = Field(description="考核进展")
    stage_name: str
    problem: str = Field(description="未能形成的原因")
    objections_until: date | None = Field(description="可以提出异议的最后一天（R62）")
    exclusions_until: date | None = Field(description="可以申请剔除的最后一天（R65）")
    publication_day: date | None
    editions: list[EditionView] = Field(description="已公布的各期")


class PeriodProgress(BaseModel):
    """How far a period's assessment has come after an act."""

    period: str
    stage: PeriodStage
    stage_name: str
    problem: str
    edition: int | None = Field(description="已公布的最新一期")
    hash: str | None
    undecided: list[str] = Field(description="待核定的异议")
    last_objection: str | None = Field(description="最新一项异议的编号")
    request_id: str


class UnitAssessmentView(EditionHeading):
    """A unit's line with every row behind it."""

    unit: UnitAssessment
    facts: list[FactView] = Field(description="每项指标所依据的工单，含不计入的及其理由")
    objections: list[ObjectionView] = Field(description="该单位的异议")


class AssessmentView(EditionHeading):
    """A period's assessment, as far as the caller may see it."""

    units: list[UnitAssessment] = Field(
        description="公布前单位只看到本单位及下属单位；公布后看到所有单位的数值和本单位的工单"
    )
    districts: list[AreaAssessment] = Field(description="按企业所在地；公布前单位看不到")
    groups: list[AreaAssessment] = Field(description="按考核组别；公布前单位看不到")
    platform: list[PlatformDelayView] = Field(description="平台自身延误；公布前单位看不到")
    objections: list[ObjectionView]
    exclusions: list[ExclusionView]
    differences: list[str] = Field(description="与上一期的差异")
    sample: dict[str, list[str]] = Field(description="再回访样本，按单位；单位看不到")
    missing: dict[str, list[str]] = Field(description="样本中尚未登记再回访的工单；单位看不到")


def summary(period: Period, publication_day: date, state: PeriodState | None) -> AssessmentSummary:
    """A period that has a draft or an edition."""
    newest = state.newest if state else None
    return AssessmentSummary(
        **_heading(period, published=newest is not None),
        edition=newest.edition if newest else 1,
        publication_day=publication_day,
    )


def assessment_view(
    period: Period, shown: Shown, organisation: Organisation, state: PeriodState | None, sight: Sight
) -> AssessmentView:
    """An edition or a draft, as far as the caller may see it."""
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
    )


def unit_assessment_view(
    period: Period, shown: Shown, line: UnitResult, facts: Iterable[Fact], state: PeriodState | None
) -> UnitAssessmentView:
    """A unit's line, and its rows."""
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
