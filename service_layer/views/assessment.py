"""View models of an assessment (R60-R62)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, Field

from assessment.editions.model import Area, Edition, PlatformDelay, Shown, UnitResult, sha256
from assessment.facts.model import Fact
from assessment.periods import KIND_NAMES, Period, PeriodKind
from assessment.scoring.figures import Figure
from assessment.scoring.score import TraceLine
from assessment.terms import EditionStatus, Group, Measure, name
from claims.model.labels import label
from claims.model.organisation import Organisation
from claims.model.terms import LimitKind


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


class UnitAssessmentView(EditionHeading):
    """A unit's line with every row behind it."""

    unit: UnitAssessment
    facts: list[FactView] = Field(description="每项指标所依据的工单，含不计入的及其理由")


class AssessmentView(EditionHeading):
    """A period's assessment, as far as the caller may see it."""

    units: list[UnitAssessment] = Field(description="单位只看到本单位及下属单位")
    districts: list[AreaAssessment] = Field(description="按企业所在地；单位看不到")
    groups: list[AreaAssessment] = Field(description="按考核组别；单位看不到")
    platform: list[PlatformDelayView] = Field(description="平台自身延误；单位看不到")


def summary(period: Period, publication_day: date) -> AssessmentSummary:
    """A month that has a draft."""
    return AssessmentSummary(**_heading(period), edition=1, publication_day=publication_day)


def assessment_view(
    period: Period, edition: Edition, organisation: Organisation, *, shown: frozenset[str] | None
) -> AssessmentView:
    """A draft; `shown`: the units whose lines are shown alone, None: everything."""
    whole = shown is None
    names = {unit.id: unit.short for unit in organisation.units}
    titles = {group.value: name(group) for group in Group}
    return AssessmentView(
        **_edition_heading(period, edition),
        units=[_unit(line) for line in edition.units if shown is None or line.unit in shown],
        districts=[_area(area, names) for area in edition.districts if whole],
        groups=[_area(area, titles) for area in edition.groups if whole],
        platform=[_delay(delay) for delay in edition.platform if whole],
    )


def unit_assessment_view(
    period: Period, edition: Edition, line: UnitResult, facts: Iterable[Fact]
) -> UnitAssessmentView:
    """A unit's line of a draft, and its rows."""
    return UnitAssessmentView(
        **_edition_heading(period, edition), unit=_unit(line), facts=[_fact(fact) for fact in facts]
    )


def _fact(fact: Fact) -> FactView:
    fields = fact.model_dump(include=set(FactView.model_fields) - {"claim", "measure_name"})
    return FactView(**fields, claim=fact.claim or fact.article, measure_name=name(fact.measure))


def _edition_heading(period: Period, edition: Edition) -> dict[str, object]:
    return {
        **_heading(period),
        "edition": edition.edition,
        "scheme": edition.scheme,
        "hash": sha256(edition),
        "published_at": None,
        "differs_from": edition.differs_from,
    }


def _heading(period: Period) -> dict[str, object]:
    return {
        "period": str(period),
        "kind": period.kind,
        "kind_name": KIND_NAMES[period.kind],
        "first_day": period.first_day,
        "last_day": period.last_day,
        "status": EditionStatus.DRAFT,
        "status_name": name(EditionStatus.DRAFT),
    }


def _unit(line: UnitResult) -> UnitAssessment:
    return UnitAssessment(
        unit=line.unit,
        unit_name=line.name,
        former_names=list(line.former_names),
        group=line.group,
        group_name=name(line.group),
        valid_claims=line.valid_claims,
        measures=_measures(line.measures),
        penalty=line.penalty,
        bonus=line.bonus,
        score=line.score,
        band=line.band or None,
        rank=line.rank,
        trace=list(line.trace),
    )


def _measures(figures: Shown) -> MeasureViews:
    return {measure: _figure(measure, figure) for measure, figure in figures.items()}


def _figure(measure: Measure, figure: Figure) -> RatioView | CountView:
    claims = list(figure.claims)
    if figure.of is None:
        return CountView(name=name(measure), n=figure.n, claims=claims)
    return RatioView(name=name(measure), n=figure.n, of=figure.of, claims=claims, lost=list(figure.lost))


def _area(area: Area, names: Mapping[str, str]) -> AreaAssessment:
    return AreaAssessment(id=area.id, name=names.get(area.id, area.id), measures=_measures(area.measures))


def _delay(delay: PlatformDelay) -> PlatformDelayView:
    return PlatformDelayView(
        kind=delay.kind,
        kind_name=label(LimitKind(delay.kind)),
        n=delay.n,
        of=delay.of,
        claims=list(delay.claims),
    )
