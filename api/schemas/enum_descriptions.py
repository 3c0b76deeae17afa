"""Chinese descriptions of the enumerations in the API's document, with the name of each code."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from assessment.cadence.model import EFFECT_NAMES
from assessment.cadence.model import STAGE_NAMES as PERIOD_STAGE_NAMES
from assessment.meetings.model import AGENDA_NAMES
from assessment.terms import NAMES as ASSESSMENT_NAMES
from claims.model import terms
from claims.model.events import EVENT_NAMES
from claims.model.labels import label
from claims.model.unit_account import MeasureKind, MeasureStatus
from claims.notifications import STATE_NAMES as DELIVERY_NAMES
from claims.papers.requests import FORMS
from records.contact_readings import Reading
from records.people.city_entries import KIND_NAMES as CITY_NAMES
from service_layer.worklists.inbox import NAMES as INBOX_NAMES


def _labels(codes: Iterable[StrEnum]) -> dict[str, str]:
    return {code.value: label(code) for code in codes}


def _assessed(kind: str) -> dict[str, str]:
    return {code.value: text for code, text in ASSESSMENT_NAMES.items() if type(code).__name__ == kind}


_LISTS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "Action": ("对工单的操作", _labels(terms.Action)),
    "AgendaKind": ("列入会议议程的缘由", {code.value: text for code, text in AGENDA_NAMES.items()}),
    "BulletinFormat": ("通报的格式", {"docx": "Word", "xlsx": "Excel", "html": "网页"}),
    "Category": ("诉求类别（R11）", _labels(terms.Category)),
    "Channel": ("来源渠道（R10）", _labels(terms.Channel)),
    "CityKind": ("条目的种类", {code.value: text for code, text in CITY_NAMES.items()}),
    "CloseReason": ("办结方式", _labels(terms.CloseReason)),
    "Colour": ("亮牌颜色（R31、R32）", _labels(terms.Colour)),
    "DeclineReason": ("不予受理的理由（R13）", _labels(terms.DeclineReason)),
    "DeliveryState": ("通知的发送状态", {code.value: text for code, text in DELIVERY_NAMES.items()}),
    "DispatchOrigin": ("由谁决定派单（R16）", _labels(terms.DispatchOrigin)),
    "Dissatisfaction": ("不满意的原因（R40）", _labels(terms.Dissatisfaction)),
    "EditionStatus": ("一期考核的状态（R62）", _assessed("EditionStatus")),
    "EnterpriseStatus": ("企业状态", _labels(terms.EnterpriseStatus)),
    "EventKind": ("工单日志的事项", {code.value: text for code, text in EVENT_NAMES.items()}),
    "ExclusionReason": ("剔除的理由（R65）", _assessed("ExclusionReason")),
    "ExtensionKind": ("延期的情形（R17）", _labels(terms.ExtensionKind)),
    "FeedbackOutcome": ("办理结果", _labels(terms.FeedbackOutcome)),
    "FindingKind": (
        "核对发现的问题",
        {
            "archive": "归档有问题",
            "no-history": "没有历史",
            "unreachable": "尚未归档而服务器没有应答",
            "corrupt": "历史损坏",
            "incomplete": "历史不全",
            "does-not-replay": "不能重演",
            "contradictory": "历史与应有的结果不符",
            "records-differ": "记录与历史不同",
            "paper-missing": "文书缺失",
            "paper-changed": "文书被改动",
        },
    ),
    "Grade": ("满意度（五级，R40）", _labels(terms.Grade)),
    "Group": ("考核分组（R61）", _assessed("Group")),
    "InboxTab": ("待办的分类", {code.value: text for code, text in INBOX_NAMES.items()}),
    "LimitKind": ("时限的种类", _labels(terms.LimitKind)),
    "LimitStatus": ("时限的状态", _labels(terms.LimitStatus)),
    "Measure": ("考核指标（R60）", _assessed("Measure")),
    "MeasureKind": ("一个月内连续两次亮牌的后果（R34）", _labels(MeasureKind)),
    "MeasureStatus": ("约谈或问责的状态", _labels(MeasureStatus)),
    "MeetingStage": ("会议的进度", {"convened": "已召集", "held": "已召开", "followed": "已全部落实"}),
    "NoticeChannel": ("通知通道", {"platform": "平台", "sms": "短信", "phone": "电话"}),
    "ObjectionEffect": ("异议成立的结果", {code.value: text for code, text in EFFECT_NAMES.items()}),
    "Origin": ("历史的来处", {"server": "服务器", "archive": "归档", "file": "文件"}),
    "PaperKind": ("文书的种类", {code.value: form.name for code, form in FORMS.items()}),
    "PartOutcome": ("协办事项的报送结果（R22）", _labels(terms.PartOutcome)),
    "PeriodKind": (
        "考核周期的种类",
        {"month": "月通报", "quarter": "季测评", "half": "半年排名", "year": "年终总评"},
    ),
    "PeriodStage": ("考核周期的进度", {code.value: text for code, text in PERIOD_STAGE_NAMES.items()}),
    "Reading": ("读取的内容（R70）", {one.value: one.label for one in Reading}),
    "RedetermineDecision": ("对退单的核定（R15）", {"confirm": "维持原单位", "redispatch": "改派"}),
    "Role": ("身份", _labels(terms.Role)),
    "Stage": ("工单所处的阶段", _labels(terms.Stage)),
    "State": (
        "重新计算的进度",
        {"waiting": "待启动", "running": "进行中", "done": "已完成", "superseded": "已有更新的版本"},
    ),
    "Status": (
        "流程如何结束",
        {
            "completed": "正常结束",
            "failed": "失败",
            "canceled": "取消",
            "terminated": "被终止",
            "timed-out": "超时",
            "continued-as-new": "转入后续运行",
        },
    ),
    "VersionState": ("修改的状态", {"proposed": "待批准", "approved": "已批准", "refused": "未批准"}),
}
_IN_CHINESE: Final = {
    "ClaimSort": "工单清单的排序；“-”为由大到小（时间为新的在前）",
    "Format": "文件格式",
    "NotAccepted": "不予受理的事项（R13）",
    "UnitKind": "单位的种类（R61）",
    "UnitLevel": "单位的层级（§二.一.1）",
    "UnitRole": "单位在方案中的职责",
}
"""Lists whose codes are Chinese themselves, or the names of fields and formats."""

ENUM_DESCRIPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    _IN_CHINESE
    | {
        schema: f"{what}：{' · '.join(f'{code} {text}' for code, text in names.items())}"
        for schema, (what, names) in _LISTS.items()
    }
)
"""By the name of the schema."""
