"""The kinds of events in journals and in the ledger of notices, with their Chinese names."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class EventKind(StrEnum):
    """Kinds of journal entries."""

    REGISTERED = "registered"
    ANSWERED = "answered"
    DECLINED = "declined"
    DISPATCHED = "dispatched"
    SIGNED_FOR = "signed-for"
    RETURNED = "returned"
    RETURN_CONFIRMED = "return-confirmed"
    REFERRED = "referred"
    ARBITRATED = "arbitrated"
    CONTACTED = "contacted"
    REPLIED = "replied"
    FED_BACK = "fed-back"
    PROGRESSED = "progressed"
    DELEGATED = "delegated"
    EXTENSION_REQUESTED = "extension-requested"
    EXTENSION_APPROVED = "extension-approved"
    EXTENSION_REFUSED = "extension-refused"
    CALLED_BACK = "called-back"
    UNREACHED = "unreached"
    REDO_ORDERED = "redo-ordered"
    REVIEW_OPENED = "review-opened"
    FORM_FILED = "form-filed"
    VERIFIED = "verified"
    SENT_BACK = "sent-back"
    COMPLETION_ORDERED = "completion-ordered"
    REFERRED_TO_LEADERSHIP = "referred-to-leadership"
    LEADERSHIP_DECIDED = "leadership-decided"
    EXPLANATION_AWAITED = "explanation-awaited"
    EXPLAINED = "explained"
    CONTACT_DISPUTED = "contact-disputed"
    FALSE_FEEDBACK_CONFIRMED = "false-feedback-confirmed"
    LIGHT_REVOKED = "light-revoked"
    INTERVIEW_OPENED = "interview-opened"
    INTERVIEW_RECORDED = "interview-recorded"
    INTERVIEW_MISSED = "interview-missed"
    MEASURE_WITHDRAWN = "measure-withdrawn"
    ACCOUNTABILITY_STEP = "accountability-step"
    CRITICISED = "criticised"
    ACCOUNTABILITY_OPENED = "accountability-opened"
    LINK_SENT = "link-sent"
    MERGE_ASKED = "merge-asked"
    MERGED = "merged"
    REOPENED = "reopened"
    REMINDED = "reminded"
    SUPPLEMENTED = "supplemented"
    WITHDRAWAL_REQUESTED = "withdrawal-requested"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    LIMITS_FIXED = "limits-fixed"
    LIMITS_RECOMPUTED = "limits-recomputed"
    EDITION_ADOPTED = "edition-adopted"
    MISSED_LIMIT_QUESTIONED = "missed-limit-questioned"
    FOLLOW_UP_ENDED = "follow-up-ended"
    EARLY_WARNING = "early-warning"
    WINDOW_CLOSED = "window-closed"
    LETTER_ISSUED = "letter-issued"
    LIGHT_GIVEN = "light-given"
    PLATFORM_DELAYED = "platform-delayed"
    UNIT_REMINDED = "unit-reminded"
    ESCALATED = "escalated"
    STOOD_STILL = "stood-still"
    PART_SIGNED_FOR = "part-signed-for"
    PART_REPORTED = "part-reported"
    PART_OVERDUE = "part-overdue"
    SPLIT = "split"
    SPLIT_REGISTERED = "split-registered"
    TRACKING_LOCKED = "tracking-locked"
    """In no journal: a notice to the hotline (R39)."""
    TRACKING_CODE = "tracking-code"
    """In no journal: a one-time code to the enterprise (R39)."""
    ASSESSMENT_DRAFTED = "assessment-drafted"
    ASSESSMENT_OBJECTED = "assessment-objected"
    OBJECTION_DECIDED = "objection-decided"
    ASSESSMENT_PUBLISHED = "assessment-published"
    ASSESSMENT_OVERDUE = "assessment-overdue"
    ASSESSMENT_HELD_UP = "assessment-held-up"
    EXCLUSION_APPLIED = "exclusion-applied"
    EXCLUSION_DECIDED = "exclusion-decided"
    MEETING_DECIDED = "meeting-decided"
    MEETING_ITEM_OVERDUE = "meeting-item-overdue"
    REFUSED = "refused"


EVENT_NAMES: Final[Mapping[EventKind, str]] = MappingProxyType(
    {
        EventKind.REGISTERED: "登记",
        EventKind.ANSWERED: "即时答复",
        EventKind.DECLINED: "不予受理",
        EventKind.DISPATCHED: "派单",
        EventKind.SIGNED_FOR: "签收",
        EventKind.RETURNED: "退单",
        EventKind.RETURN_CONFIRMED: "退单不成立",
        EventKind.REFERRED: "提请裁定",
        EventKind.ARBITRATED: "裁定承办单位",
        EventKind.CONTACTED: "核实联系",
        EventKind.REPLIED: "答复企业",
        EventKind.FED_BACK: "反馈办理结果",
        EventKind.PROGRESSED: "登记进展",
        EventKind.DELEGATED: "转下级办理",
        EventKind.EXTENSION_REQUESTED: "申请延期",
        EventKind.EXTENSION_APPROVED: "同意延期",
        EventKind.EXTENSION_REFUSED: "不同意延期",
        EventKind.CALLED_BACK: "回访",
        EventKind.UNREACHED: "回访未接通",
        EventKind.REDO_ORDERED: "退回重新办理",
        EventKind.REVIEW_OPENED: "转不满意审核",
        EventKind.FORM_FILED: "报送审核反馈表",
        EventKind.VERIFIED: "核实意见",
        EventKind.SENT_BACK: "反馈不完整退回",
        EventKind.COMPLETION_ORDERED: "责成限期办结",
        EventKind.REFERRED_TO_LEADERSHIP: "提请领导小组研究",
        EventKind.LEADERSHIP_DECIDED: "领导小组决定",
        EventKind.EXPLANATION_AWAITED: "待解释说明",
        EventKind.EXPLAINED: "已解释说明",
        EventKind.CONTACT_DISPUTED: "企业反映未被联系",
        EventKind.FALSE_FEEDBACK_CONFIRMED: "认定虚假反馈",
        EventKind.LIGHT_REVOKED: "撤销亮牌",
        EventKind.INTERVIEW_OPENED: "启动约谈",
        EventKind.INTERVIEW_RECORDED: "约谈记录",
        EventKind.INTERVIEW_MISSED: "约谈逾期",
        EventKind.MEASURE_WITHDRAWN: "撤销约谈或问责",
        EventKind.ACCOUNTABILITY_STEP: "问责环节",
        EventKind.CRITICISED: "通报批评",
        EventKind.ACCOUNTABILITY_OPENED: "启动问责",
        EventKind.LINK_SENT: "发送评价链接",
        EventKind.MERGE_ASKED: "申请并案",
        EventKind.MERGED: "并案",
        EventKind.REOPENED: "重新打开",
        EventKind.REMINDED: "企业催办",
        EventKind.SUPPLEMENTED: "企业补充材料",
        EventKind.WITHDRAWAL_REQUESTED: "企业申请撤回",
        EventKind.WITHDRAWN: "撤回",
        EventKind.CLOSED: "办结",
        EventKind.LIMITS_FIXED: "确定时限",
        EventKind.LIMITS_RECOMPUTED: "重新计算时限",
        EventKind.EDITION_ADOPTED: "适用新的政策版本",
        EventKind.MISSED_LIMIT_QUESTIONED: "复核超期的时限",
        EventKind.FOLLOW_UP_ENDED: "后续跟踪结束",
        EventKind.EARLY_WARNING: "到期预警",
        EventKind.WINDOW_CLOSED: "退单时限届满",
        EventKind.LETTER_ISSUED: "发出督办函",
        EventKind.LIGHT_GIVEN: "亮牌",
        EventKind.PLATFORM_DELAYED: "平台延误",
        EventKind.UNIT_REMINDED: "催办承办单位",
        EventKind.ESCALATED: "提级督办",
        EventKind.STOOD_STILL: "长期未动提醒",
        EventKind.PART_SIGNED_FOR: "协办签收",
        EventKind.PART_REPORTED: "报送协办情况",
        EventKind.PART_OVERDUE: "协办超期",
        EventKind.SPLIT: "拆分",
        EventKind.SPLIT_REGISTERED: "拆分事项已登记",
        EventKind.TRACKING_LOCKED: "查询锁定",
        EventKind.TRACKING_CODE: "一次性验证码",
        EventKind.ASSESSMENT_DRAFTED: "考核草案",
        EventKind.ASSESSMENT_OBJECTED: "考核异议",
        EventKind.OBJECTION_DECIDED: "异议核定",
        EventKind.ASSESSMENT_PUBLISHED: "考核公布",
        EventKind.ASSESSMENT_OVERDUE: "考核逾期未公布",
        EventKind.ASSESSMENT_HELD_UP: "考核不能形成",
        EventKind.EXCLUSION_APPLIED: "剔除申请",
        EventKind.EXCLUSION_DECIDED: "剔除核定",
        EventKind.MEETING_DECIDED: "联席会议议定事项",
        EventKind.MEETING_ITEM_OVERDUE: "议定事项逾期",
        EventKind.REFUSED: "不予办理",
    }
)
