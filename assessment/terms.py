"""The closed vocabularies of assessment. Values are wire names; `NAMES` holds what people read."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Measure(StrEnum):
    """What is counted (R60)."""

    CONTACT = "contact"
    REPLY = "reply"
    COMPLETION = "completion"
    RESOLVED = "resolved"
    SATISFIED = "satisfied"
    SATISFIED_WITH_VERIFIED = "satisfied-with-verified"
    SAME_DAY = "same-day"
    SIGNED_FOR = "signed-for"
    FIRST_DISPATCH = "first-dispatch"
    RETURNS = "returns"
    RETURNS_REFUSED = "returns-refused"
    REDO = "redo"
    EXTENSIONS = "extensions"
    YELLOW = "yellow"
    RED = "red"
    CRITICISMS = "criticisms"
    CO_UNIT_LATE = "co-unit-late"
    KNOWLEDGE = "knowledge"
    ORDERS_MISSED = "orders-missed"
    """Criticisms of R45 alone: only penalties need them."""
    FALSE_FEEDBACK = "false-feedback"
    """Criticisms of R52 alone."""
    PLATFORM_DELAY = "platform-delay"
    """The city platform's own (`Fact.about` names the limit); never a unit's."""


class Group(StrEnum):
    """Units that are assessed against each other (R61)."""

    DISTRICT = "district"
    DEPARTMENT = "department"
    AGENCY = "agency"


class EditionStatus(StrEnum):
    """The stage of an edition (R62)."""

    DRAFT = "draft"
    PUBLISHED = "published"


class ExclusionReason(StrEnum):
    """Why a claim may leave a unit's assessment (R65)."""

    NO_FACTS = "no-facts"
    UNREASONABLE = "unreasonable"
    BEYOND_POWERS = "beyond-powers"
    POLICY = "policy"
    FORCE_MAJEURE = "force-majeure"
    UNCOOPERATIVE = "uncooperative"
    DUPLICATE = "duplicate"


INTERNAL: Final = frozenset({Measure.ORDERS_MISSED, Measure.FALSE_FEEDBACK, Measure.PLATFORM_DELAY})
"""Not among a unit's published figures."""
PUBLISHED: Final = tuple(measure for measure in Measure if measure not in INTERNAL)
LIGHTS: Final = frozenset({Measure.YELLOW, Measure.RED})
"""What an exclusion leaves alone: only a revocation takes them away (R65, R37)."""
COUNTS: Final = frozenset(
    {
        Measure.EXTENSIONS,
        Measure.YELLOW,
        Measure.RED,
        Measure.CRITICISMS,
        Measure.ORDERS_MISSED,
        Measure.FALSE_FEEDBACK,
    }
)
"""Numbers of incidents; they have no denominator."""
FEWER_IS_BETTER: Final = COUNTS | {
    Measure.RETURNS,
    Measure.RETURNS_REFUSED,
    Measure.REDO,
    Measure.CO_UNIT_LATE,
    Measure.PLATFORM_DELAY,
}

NAMES: Final = MappingProxyType(
    {
        Measure.CONTACT: "响应率",
        Measure.REPLY: "按时答复率",
        Measure.COMPLETION: "按时办结率",
        Measure.RESOLVED: "解决率",
        Measure.SATISFIED: "满意率",
        Measure.SATISFIED_WITH_VERIFIED: "满意率（含审核办结）",
        Measure.SAME_DAY: "当天解决率",
        Measure.SIGNED_FOR: "及时接收率",
        Measure.FIRST_DISPATCH: "一次派准率",
        Measure.RETURNS: "退单率",
        Measure.RETURNS_REFUSED: "退单不成立率",
        Measure.REDO: "重办率",
        Measure.EXTENSIONS: "延期",
        Measure.YELLOW: "黄灯",
        Measure.RED: "红灯",
        Measure.CRITICISMS: "通报批评",
        Measure.CO_UNIT_LATE: "协办超期率",
        Measure.KNOWLEDGE: "知识库维护率",
        Measure.ORDERS_MISSED: "责成办结逾期",
        Measure.FALSE_FEEDBACK: "虚假反馈",
        Measure.PLATFORM_DELAY: "平台延误",
        Group.DISTRICT: "区（市）",
        Group.DEPARTMENT: "市直部门",
        Group.AGENCY: "驻枣单位",
        EditionStatus.DRAFT: "草案",
        EditionStatus.PUBLISHED: "已公布",
        ExclusionReason.NO_FACTS: "无事实",
        ExclusionReason.UNREASONABLE: "诉求不合法不合理",
        ExclusionReason.BEYOND_POWERS: "超出职权",
        ExclusionReason.POLICY: "政策所限",
        ExclusionReason.FORCE_MAJEURE: "不可抗力",
        ExclusionReason.UNCOOPERATIVE: "企业拒不配合",
        ExclusionReason.DUPLICATE: "重复",
    }
)


def name(term: Measure | Group | EditionStatus | ExclusionReason) -> str:
    """Return the Chinese name."""
    return NAMES[term]
