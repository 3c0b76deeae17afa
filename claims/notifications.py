"""Recipients and texts of notices (R20, R38). People's own text never leaves the platform."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict

from claims.model.events import EventKind
from claims.model.journal import Notice
from claims.model.organisation import COORDINATION
from claims.transition import ENTERPRISE

INSPECTION: Final = "LG-DD"
"""督导问效组."""

IN_OFFICE_HOURS: Final = frozenset(
    {
        EventKind.EARLY_WARNING,
        EventKind.LETTER_ISSUED,
        EventKind.LIGHT_GIVEN,
        EventKind.UNIT_REMINDED,
        EventKind.ESCALATED,
    }
)
"""R29: messages about limits, which end at midnight. Actions of people, such as a dispatch, are notified at
once (R20).
"""
COPIED: Final = frozenset(
    {
        EventKind.LETTER_ISSUED,
        EventKind.LIGHT_GIVEN,
        EventKind.LIGHT_REVOKED,
        EventKind.ESCALATED,
        EventKind.STOOD_STILL,
        EventKind.CRITICISED,
        EventKind.ACCOUNTABILITY_OPENED,
        EventKind.INTERVIEW_OPENED,
        EventKind.INTERVIEW_MISSED,
        EventKind.MEASURE_WITHDRAWN,
    }
)
"""R38: letters, lights and measures, and what goes to 督导问效组 (R32)."""

_AS_WRITTEN: Final = frozenset(
    {
        EventKind.EARLY_WARNING,
        EventKind.LIGHT_GIVEN,
        EventKind.UNIT_REMINDED,
        EventKind.ESCALATED,
        EventKind.STOOD_STILL,
        EventKind.LINK_SENT,
        EventKind.SPLIT_REGISTERED,
        EventKind.ASSESSMENT_DRAFTED,
        EventKind.ASSESSMENT_PUBLISHED,
        EventKind.ASSESSMENT_OVERDUE,
        EventKind.ASSESSMENT_HELD_UP,
        EventKind.MEETING_DECIDED,
        EventKind.MEETING_ITEM_OVERDUE,
        EventKind.TRACKING_CODE,
    }
)
"""Texts that the platform composes itself, of a unit, a limit and an instant."""

_WORDS: Final[Mapping[EventKind, str]] = {
    EventKind.DISPATCHED: "收到派单，请及时签收办理",
    EventKind.DELEGATED: "上级单位转办，请及时办理",
    EventKind.ARBITRATED: "已裁定承办单位，请及时办理",
    EventKind.RETURN_CONFIRMED: "退单未获同意，请继续办理",
    EventKind.EXTENSION_APPROVED: "延期申请已同意",
    EventKind.EXTENSION_REFUSED: "延期申请未获同意，剩余时限继续计算",
    EventKind.REMINDED: "企业催办，请尽快办理",
    EventKind.SUPPLEMENTED: "企业补充了材料，请查看",
    EventKind.REDO_ORDERED: "企业评价不满意，请重新办理",
    EventKind.REVIEW_OPENED: "请填报不满意审核反馈表",
    EventKind.SENT_BACK: "经核实退回，请继续办理",
    EventKind.EXPLANATION_AWAITED: "请向企业作出说明",
    EventKind.COMPLETION_ORDERED: "责成限期办结，请按期反馈",
    EventKind.LETTER_ISSUED: "制发督办函，请按期反馈办理情况",
    EventKind.CRITICISED: "予以通报批评",
    EventKind.ACCOUNTABILITY_OPENED: "形成问责材料，由督导问效组处理",
    EventKind.INTERVIEW_OPENED: "启动约谈",
    EventKind.INTERVIEW_MISSED: "约谈时限已过，尚无约谈记录",
    EventKind.LIGHT_REVOKED: "撤销亮牌",
    EventKind.MEASURE_WITHDRAWN: "约谈或问责撤销，所依据的亮牌不再构成连续两次",
    EventKind.PART_REPORTED: "协办单位报送了协办情况，请查看",
    EventKind.PART_OVERDUE: "协办事项已到期，尚未报送协办情况，请立即报送",
    EventKind.LIMITS_RECOMPUTED: "日历调整，时限已重新计算",
    EventKind.MISSED_LIMIT_QUESTIONED: "日历调整，已超期的时限待核定",
    EventKind.PLATFORM_DELAYED: "裁定时限已过，请协调",
    EventKind.TRACKING_LOCKED: "公开查询多次输错电话号码，已暂停一天，请与企业核实",
    EventKind.REFERRED_TO_LEADERSHIP: "责成次数用尽，提请领导小组研究",
    EventKind.LEADERSHIP_DECIDED: "领导小组已研究决定，请查看",
    EventKind.OBJECTION_DECIDED: "对考核草案的异议已核定，请查看",
    EventKind.ASSESSMENT_OBJECTED: "有单位对考核草案提出异议，请核定",
    EventKind.EXCLUSION_APPLIED: "有单位申请剔除，请核定",
    EventKind.EXCLUSION_DECIDED: "剔除申请已核定，请查看",
}
_ANYTHING_ELSE: Final = "有新的进展，请查看"


class DeliveryState(StrEnum):
    """The state of one delivery. `quiet`: the addressee has no channel, so nothing is sent."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    QUIET = "quiet"


STATE_NAMES: Final[Mapping[DeliveryState, str]] = MappingProxyType(
    {
        DeliveryState.WAITING: "待发",
        DeliveryState.SENT: "已发",
        DeliveryState.FAILED: "未送达",
        DeliveryState.QUIET: "无通道",
    }
)


class Message(BaseModel):
    """A message to send. `reference` identifies the delivery and stays the same on every attempt."""

    model_config = ConfigDict(frozen=True)

    reference: str
    title: str
    body: str


def addressees(notice: Notice) -> tuple[str, ...]:
    """Return the unit or the enterprise, and those who get a copy (R38)."""
    copies = (COORDINATION.id, INSPECTION) if notice.kind in COPIED and notice.unit != ENTERPRISE else ()
    return tuple(dict.fromkeys((notice.unit, *copies)))


def what(kind: EventKind, text: str) -> str:
    """Return the event in words that may leave the platform."""
    return text if kind in _AS_WRITTEN else _WORDS.get(kind, _ANYTHING_ELSE)


def code_words(code: str) -> str:
    """Return the text that delivers a one-time code; it is in no notice and no ledger."""
    return f"办理验证码{code}，10分钟内有效，请勿告诉他人；不是您本人申请的，请不必理会"


def compose(*, subject: str, news: str, copied_about: str, where: str, reference: str) -> Message:
    """Return a message about a subject: what has happened, and where to look. `copied_about`: of a copy, the
    unit concerned.
    """
    copy = f"（抄送，涉及单位：{copied_about}）" if copied_about else ""
    return Message(
        reference=reference,
        title=f"【企呼枣（早）应】{subject}",
        body=f"{subject}：{news}{copy}。\n查看：{where}\n编号：{reference}",
    )
