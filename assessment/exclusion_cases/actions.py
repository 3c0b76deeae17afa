"""Actions on exclusions (R65): bodies, roles, and the API's additions."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pydantic import AwareDatetime, Field

from assessment.cases.model import CaseBody, Papers, Reason, ShortText
from assessment.terms import ExclusionReason, Measure
from claims.model.messages.field_types import UnitId
from claims.model.terms import Role
from claims.model.values import Value


class ExclusionAction(StrEnum):
    """The workflow has a signal for each: `apply_exclusion`, `decide_exclusion`, `appeal_exclusion`."""

    APPLY = "apply-exclusion"
    DECIDE = "decide-exclusion"
    APPEAL = "appeal-exclusion"


class ApplyExclusion(CaseBody):
    """剔除申请: the claim, or one of its measures, is to leave the unit's assessment."""

    unit: UnitId = Field(description="申请单位编号，须为本单位")
    measure: Measure | None = Field(default=None, description="申请剔除的指标；不填为整件工单")
    reason: ExclusionReason = Field(description="剔除理由，从目录中选择")
    text: Reason = Field(description="情况说明")
    evidence: Papers = Field(description="证明材料的附件编号，至少一份", min_length=1)


class DecideExclusion(CaseBody):
    """A coordinator's decision; on an appeal, that of the leadership group, which another coordinator records."""

    application: ShortText = Field(min_length=1, description="申请编号")
    approve: bool = Field(description="是否同意剔除")
    text: Reason = Field(description="核定意见；对申诉为领导小组的决定")


class AppealExclusion(CaseBody):
    """申诉: once, to the leadership group."""

    application: ShortText = Field(min_length=1, description="申请编号")
    text: Reason = Field(description="申诉理由")
    evidence: Papers = Field(default=(), description="补充材料的附件编号")


class ApplicationWindow(Value):
    """What the API knows of the claim when it takes an application."""

    accountable: tuple[str, ...] = ()
    """The units that the claim was dispatched to (R33), and those that they were merged into since (R61)."""
    pooled_with: tuple[str, ...] = ()
    """The units whose claims are counted in one line with the applicant's."""
    until: date | None = None
    """The last day to apply; None while neither the claim is closed nor a draft holds it."""
    due_at: AwareDatetime | None = None


class AppealWindow(Value):
    """The calendar's answer for the appeal against a refusal."""

    until: date
    due_at: AwareDatetime


class Succession(Value):
    """The units that were merged into the actor's."""

    taken_over: tuple[str, ...] = ()


EXCLUSION_BODIES: Final[Mapping[ExclusionAction, type[CaseBody]]] = MappingProxyType(
    {
        ExclusionAction.APPLY: ApplyExclusion,
        ExclusionAction.DECIDE: DecideExclusion,
        ExclusionAction.APPEAL: AppealExclusion,
    }
)
EXCLUSION_ROLES: Final[Mapping[ExclusionAction, tuple[Role, ...]]] = MappingProxyType(
    {
        ExclusionAction.APPLY: (Role.HANDLER, Role.HEAD),
        ExclusionAction.DECIDE: (Role.COORDINATOR,),
        ExclusionAction.APPEAL: (Role.HANDLER, Role.HEAD),
    }
)
"""§1, R65."""
EXCLUSION_ACTION_NAMES: Final[Mapping[ExclusionAction, str]] = MappingProxyType(
    {
        ExclusionAction.APPLY: "申请剔除",
        ExclusionAction.DECIDE: "核定剔除申请",
        ExclusionAction.APPEAL: "对剔除申请的核定提出申诉",
    }
)
