"""The journal as an enterprise may read it (R39): plain words, no official's name, nothing internal."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.labels import label
from claims.model.terms import FeedbackOutcome

_WORDS: Final[Mapping[EventKind, str]] = MappingProxyType(
    {
        EventKind.REGISTERED: "诉求已登记",
        EventKind.ANSWERED: "",
        EventKind.DECLINED: "",
        EventKind.DISPATCHED: "",
        EventKind.SIGNED_FOR: "承办单位已签收",
        EventKind.RETURNED: "承办单位提出退单，平台正在核定",
        EventKind.RETURN_CONFIRMED: "平台核定由原单位继续办理",
        EventKind.REFERRED: "提请市委编办会同市司法局确定承办单位",
        EventKind.CONTACTED: "承办单位已与企业联系核实",
        EventKind.REPLIED: "",
        EventKind.FED_BACK: "承办单位已反馈办理结果",
        EventKind.DELEGATED: "已转下级单位办理",
        EventKind.EXTENSION_APPROVED: "因情况复杂，办理时限已延长",
        EventKind.CALLED_BACK: "已完成满意度回访",
        EventKind.REDO_ORDERED: "企业不满意，已退回承办单位重新办理",
        EventKind.REVIEW_OPENED: "企业两次不满意，转平台审核",
        EventKind.FORM_FILED: "承办单位已报送审核反馈表，平台正在核实",
        EventKind.SENT_BACK: "反馈不完整，已退回承办单位补充",
        EventKind.COMPLETION_ORDERED: "已责成承办单位限期办结",
        EventKind.REFERRED_TO_LEADERSHIP: "已提请领导小组研究",
        EventKind.LEADERSHIP_DECIDED: "领导小组已研究决定",
        EventKind.EXPLAINED: "承办单位已进一步解释说明",
        EventKind.FALSE_FEEDBACK_CONFIRMED: "经核对，承办单位反馈的联系情况不实，不计为已联系、不计为满意",
        EventKind.LINK_SENT: "回访未接通，已发送评价链接",
        EventKind.MERGED: "",
        EventKind.SPLIT_REGISTERED: "",
        EventKind.REOPENED: "诉求已重新办理",
        EventKind.REMINDED: "已催办",
        EventKind.SUPPLEMENTED: "已补充材料",
        EventKind.WITHDRAWAL_REQUESTED: "已申请撤回，待电话核实",
        EventKind.WITHDRAWN: "诉求已撤回",
        EventKind.CLOSED: "",
    }
)
"""The entries that an enterprise reads, and in which words. Empty: the journal's own words, which are addressed
to the enterprise or name units only."""


def public_journal(entries: list[Entry]) -> list[Entry]:
    """Return the entries that an enterprise reads: in order, without actors and data."""
    return [
        entry.model_copy(update={"text": _text(entry), "actor": None, "request_id": "", "data": {}})
        for entry in entries
        if entry.kind in _WORDS
    ]


def _text(entry: Entry) -> str:
    text = _WORDS[entry.kind] or entry.text
    outcome = entry.data.get("outcome")
    if entry.kind is EventKind.FED_BACK and outcome in set(FeedbackOutcome):
        text = f"{text}：{label(FeedbackOutcome(str(outcome)))}"
    return text
