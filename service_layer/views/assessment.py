"""View models of an assessment (R60-R62)."""

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, Field

from assessment.cadence.model import PeriodStage
from assessment.periods import PeriodKind
from assessment.scoring.score import TraceLine
from assessment.terms import EditionStatus, Group, Measure


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
    """A period and the stage of its assessment."""

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
    effect_name: str = Field(description="异议成立后的处理方式；没有的为空")
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


class UnitName(BaseModel):
    """A unit by id and short name."""

    unit: str
    unit_name: str


class SampledClaim(UnitName):
    """A claim of the sample whose enterprise has not been re-interviewed yet."""

    claim: str


class SampleView(BaseModel):
    """A period's sample of re-interviews, and its progress."""

    period: str = Field(examples=["2026-Q4"])
    seed: str = Field(description="抽样种子：周期与各月通报哈希的 SHA-256，任何人可以重抽")
    drawn: int = Field(description="抽取件数")
    answered: int = Field(description="已登记件数")
    missing: list[SampledClaim] = Field(description="尚未登记的工单，先列 limit 件")


class Samples(BaseModel):
    """Every period that waits for re-interviews."""

    samples: list[SampleView]


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
    """The stage of a period's assessment after an action."""

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
    unpointed: list[UnitName] = Field(description="尚未评组织领导分的单位（年终总评）；单位看不到")
