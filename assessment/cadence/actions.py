"""Actions on a period's assessment (R62): bodies, roles and signals."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from assessment.cadence.model import ObjectionEffect
from assessment.cases.model import CaseBody, Papers, Reason, ShortText
from assessment.editions.sampling import Reinterview
from assessment.terms import ExclusionReason, Measure
from claims.model.messages.field_types import UnitId
from claims.model.terms import Role

ClaimNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class PeriodAction(StrEnum):
    """The workflow has a signal of the same name with underscores."""

    OBJECT = "object"
    DECIDE_OBJECTION = "decide-objection"
    PUBLISH = "publish"
    CORRECT = "correct"
    RECORD_REINTERVIEWS = "record-reinterviews"
    GIVE_ORGANISATION_POINTS = "give-organisation-points"


class Object(CaseBody):
    """异议: a claim, or one measure of it, is wrong in the unit's figures."""

    unit: UnitId = Field(description="单位编号，须为本单位")
    claim: ClaimNumber = Field(description="有异议的工单")
    measure: Measure | None = Field(default=None, description="有异议的指标；不填为整件工单")
    reason: Reason = Field(description="异议理由")
    evidence: Papers = Field(default=(), description="证明材料的附件编号")


class DecideObjection(CaseBody):
    """A coordinator decides an objection."""

    objection: ShortText = Field(min_length=1, description="异议编号")
    upheld: bool = Field(description="异议是否成立")
    text: Reason = Field(description="核定意见")
    effect: ObjectionEffect | None = Field(
        default=None, description="成立时：exclude 剔除，recount 重新归集数据"
    )
    reason: ExclusionReason | None = Field(default=None, description="剔除的理由（R65）")


class Publish(CaseBody):
    """Publish the edition, which freezes it."""


class Correct(CaseBody):
    """A published edition is corrected by a new one."""

    reason: Reason = Field(description="更正的理由")


class RecordReinterviews(CaseBody):
    """The answers of the sample's enterprises in the re-interviews."""

    answers: tuple[Reinterview, ...] = Field(
        min_length=1, max_length=200, description="再回访结果：claim、unit、satisfied（无人接通为 null）"
    )


class GiveOrganisationPoints(CaseBody):
    """How a unit organises the work (R62)."""

    unit: UnitId = Field(description="单位编号")
    points: Decimal = Field(max_digits=4, decimal_places=2, description="得分，最多两位小数，写成文本")
    reason: Reason = Field(description="评分理由")


PERIOD_BODIES: Final[Mapping[PeriodAction, type[CaseBody]]] = MappingProxyType(
    {
        PeriodAction.OBJECT: Object,
        PeriodAction.DECIDE_OBJECTION: DecideObjection,
        PeriodAction.PUBLISH: Publish,
        PeriodAction.CORRECT: Correct,
        PeriodAction.RECORD_REINTERVIEWS: RecordReinterviews,
        PeriodAction.GIVE_ORGANISATION_POINTS: GiveOrganisationPoints,
    }
)

PERIOD_ROLES: Final[Mapping[PeriodAction, tuple[Role, ...]]] = MappingProxyType(
    {
        PeriodAction.OBJECT: (Role.HANDLER, Role.HEAD),
        PeriodAction.DECIDE_OBJECTION: (Role.COORDINATOR,),
        PeriodAction.PUBLISH: (Role.COORDINATOR,),
        PeriodAction.CORRECT: (Role.COORDINATOR,),
        PeriodAction.RECORD_REINTERVIEWS: (Role.CALLER,),
        PeriodAction.GIVE_ORGANISATION_POINTS: (Role.COORDINATOR,),
    }
)
"""§1, R62."""

PERIOD_ACTION_NAMES: Final[Mapping[PeriodAction, str]] = MappingProxyType(
    {
        PeriodAction.OBJECT: "提出异议",
        PeriodAction.DECIDE_OBJECTION: "核定异议",
        PeriodAction.PUBLISH: "公布",
        PeriodAction.CORRECT: "更正",
        PeriodAction.RECORD_REINTERVIEWS: "登记再回访",
        PeriodAction.GIVE_ORGANISATION_POINTS: "组织领导评分",
    }
)
