"""The form of each action: which fields, in which order, in which words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from claims.model.terms import (
    Action,
    DeclineReason,
    Dissatisfaction,
    ExtensionKind,
    FeedbackOutcome,
    Grade,
    PartOutcome,
    RedetermineDecision,
    Role,
    Stage,
)
from claims.model.values import Actor
from web.claims.form_fields import YES_NO, FormField, Kind, options_of

_MEANS: Final = tuple((means, means) for means in ("电话", "上门", "微信", "会议", "其他"))
_SIGNED: Final = (
    FormField(
        "signature.head", "签字的主要负责人", Kind.LINE, hint="须附签字件；负责人本人登录办理的不必填写"
    ),
    FormField("signature.paper", "签字扫描件", Kind.FILE, source="files", hint="PDF、PNG 或 JPEG"),
)
"""Fields for people who are not the head."""

FORMS: Final[Mapping[Action, tuple[FormField, ...]]] = MappingProxyType(
    {
        Action.ANSWER: (
            FormField("article", "引用的知识库条目", Kind.SELECT, source="articles"),
            FormField("text", "答复内容"),
        ),
        Action.DECLINE: (
            FormField("reason", "不予受理的理由", Kind.SELECT, options=options_of(DeclineReason)),
            FormField("door", "应当前往的渠道", Kind.SELECT, source="doors"),
            FormField(
                "remark",
                "对企业的说明",
                needed=False,
                standard=("此类事项依法由其他渠道受理，我们已为您登记备查，请按上述渠道反映。",),
            ),
        ),
        Action.DISPATCH: (
            FormField("unit", "承办（首接）单位", Kind.SELECT, source="units"),
            FormField(
                "co_units", "协办单位", Kind.SEVERAL, needed=False, source="units", hint="可按住 Ctrl 选几个"
            ),
            FormField("basis", "派单依据", needed=False, hint="派单目录内的单位可不填，由系统引用目录条目"),
        ),
        Action.SPLIT: (FormField("matters", "各个事项", Kind.MATTERS, hint="每件一栏；第一件由本工单保留"),),
        Action.MERGE: (
            FormField(
                "into", "并入的工单编号", Kind.LINE, source="duplicates", hint="同一企业、同一事项、尚未办结"
            ),
        ),
        Action.SIGN_FOR: (),
        Action.REJECT: (
            FormField("reason", "退单原因"),
            FormField("basis", "退单依据", hint="三定规定、权责清单等"),
            FormField("suggested_unit", "建议承办单位", Kind.SELECT, source="units"),
            *_SIGNED,
        ),
        Action.REDETERMINE: (
            FormField(
                "decision",
                "核定结果",
                Kind.CHOICE,
                options=(
                    (RedetermineDecision.CONFIRM, "维持原单位"),
                    (RedetermineDecision.REDISPATCH, "改派其他单位"),
                ),
            ),
            FormField("unit", "改派单位", Kind.SELECT, needed=False, source="units", hint="改派时选择"),
            FormField("reason", "核定理由"),
        ),
        Action.REFER: (FormField("reason", "提请理由"),),
        Action.ARBITRATE: (
            FormField("unit", "裁定承办单位", Kind.SELECT, source="units"),
            FormField("reason", "裁定理由"),
            FormField("opinion.name", "市司法局出具意见的负责人", Kind.LINE),
            FormField("opinion.given_on", "出具意见的日期", Kind.DAY),
            FormField("opinion.text", "市司法局意见"),
        ),
        Action.CONTACT: (
            FormField("at", "联系时间", Kind.INSTANT, source="now"),
            FormField("means", "联系方式", Kind.CHOICE, options=_MEANS),
            FormField("person", "企业联系人", Kind.LINE, source="contact"),
            FormField("summary", "沟通情况", needed=False),
        ),
        Action.REPLY: (
            FormField(
                "text",
                "答复内容",
                hint="写明当天是否解决；没有解决的写明解决方案",
                standard=(
                    "您反映的事项已于当天解决。",
                    "您反映的事项当天未能解决。解决方案：\n预计完成时间：",
                ),
            ),
        ),
        Action.FEEDBACK: (
            FormField("outcome", "办理结果", Kind.CHOICE, options=options_of(FeedbackOutcome)),
            FormField("summary", "办理情况", hint="完整、准确、真实；同时反馈企业"),
        ),
        Action.PROGRESS: (FormField("summary", "进展情况"),),
        Action.DELEGATE: (FormField("unit", "下级承办单位", Kind.SELECT, source="below"),),
        Action.REQUEST_EXTENSION: (
            FormField("kind", "延期情形", Kind.CHOICE, options=options_of(ExtensionKind)),
            FormField("reason", "延期理由"),
            FormField("work_so_far", "已开展的工作"),
            FormField("plan", "下一步计划"),
            FormField("explained.at", "向企业解释的时间", Kind.INSTANT, source="now"),
            FormField("explained.means", "解释方式", Kind.CHOICE, options=_MEANS),
            FormField("explained.person", "听取解释的企业人员", Kind.LINE, source="contact"),
            *_SIGNED,
        ),
        Action.DECIDE_EXTENSION: (
            FormField(
                "approve", "审核结果", Kind.CHOICE, options=(("true", "同意延期"), ("false", "不同意"))
            ),
            FormField("reason", "审核意见", needed=False),
        ),
        Action.CALL_BACK: (
            FormField("reached", "是否接通", Kind.CHOICE, options=(("true", "已接通"), ("false", "未接通"))),
            FormField("grade", "满意度", Kind.GRADES, needed=False, options=options_of(Grade)),
            FormField("resolved", "问题是否解决", Kind.CHOICE, needed=False, options=YES_NO),
            FormField("contacted", "承办单位是否联系过", Kind.CHOICE, needed=False, options=YES_NO),
            FormField(
                "reason",
                "不满意的主要原因",
                Kind.SELECT,
                needed=False,
                options=options_of(Dissatisfaction),
                hint="不满意、非常不满意的选择一项",
            ),
            FormField("remark", "企业的话", needed=False),
        ),
        Action.REVIEW_FORM: (
            FormField("first_result", "首次办理情况"),
            FormField("second_result", "再次办理情况"),
            FormField("reasons", "企业不满意的原因"),
            FormField("basis", "办理依据"),
            *_SIGNED,
            FormField("seal", "加盖公章的扫描件", Kind.FILE, source="files", hint="PDF、PNG 或 JPEG"),
        ),
        Action.VERIFY: (
            FormField(
                "compliant",
                "核实结果",
                Kind.CHOICE,
                options=(("true", "符合规定"), ("false", "不符合规定")),
                hint="请先打开盖章件和签字件核对：黑白扫描件与画出来的难以分辨，存疑时请单位出示原件",
            ),
            FormField("opinion", "核实意见"),
            FormField("order_days", "责成办结的工作日数", Kind.NUMBER, needed=False, hint="1至15；不填为5"),
        ),
        Action.CONFIRM_FALSE_FEEDBACK: (FormField("evidence", "核对通话记录的情况"),),
        Action.REMIND: (FormField("text", "催办内容", needed=False),),
        Action.SUPPLEMENT: (
            FormField("text", "补充内容"),
            FormField(
                "credit_code", "统一社会信用代码", Kind.LINE, needed=False, hint="登记时未填的，在此补填"
            ),
        ),
        Action.WITHDRAW: (
            FormField("reason", "撤回原因"),
            FormField(
                "confirmed_by_call",
                "是否已电话核实",
                Kind.CHOICE,
                needed=False,
                options=YES_NO,
                hint="企业本人申请的，由12345电话核实后撤回",
            ),
        ),
        Action.REOPEN: (FormField("reason", "重新打开的原因"),),
        Action.REPORT_PART: (
            FormField("outcome", "协办结果", Kind.CHOICE, options=options_of(PartOutcome)),
            FormField("text", "协办情况", hint="无协办事项的写明理由"),
        ),
    }
)
"""Every action has its form; the names are those of its body."""

GRAVE: Final = frozenset(
    {Action.DECLINE, Action.REJECT, Action.CONFIRM_FALSE_FEEDBACK, Action.WITHDRAW, Action.MERGE}
)
"""Shown in red: what ends or turns a claim."""
AT_ANY_TIME: Final = (Action.REMIND, Action.SUPPLEMENT, Action.WITHDRAW, Action.PROGRESS)
"""Forms that a page never opens by itself."""
FOR_THE_HOTLINE: Final = frozenset({"reached", "confirmed_by_call"})
"""Fields that an enterprise does not fill in for itself."""


_DECIDING: Final = FormField(
    "opinion",
    "领导小组的决定",
    hint="不符合规定的，写明如何办结：工单就此办结，不再责成",
)
"""R45: what the leadership group decides ends the claim."""


def fields_of(action: Action, actor: Actor, stage: Stage | None = None) -> tuple[FormField, ...]:
    """Return the fields of a form, as the claim's stage has it where it is given. A head signs by acting;
    that a call reached nobody only the hotline can say (R40); only a verification orders to complete (R18,
    R45).
    """
    left_out = {field.name for field in _SIGNED} if actor.has(Role.HEAD) else set()
    if set(actor.roles) == {Role.ENTERPRISE}:
        left_out |= FOR_THE_HOTLINE
    if stage in (Stage.CALL_BACK, Stage.LEADERSHIP):
        left_out.add("order_days")
    fields = tuple(field for field in FORMS[action] if field.name not in left_out)
    if action is Action.VERIFY and stage is Stage.LEADERSHIP:
        return tuple(_DECIDING if field.name == _DECIDING.name else field for field in fields)
    return fields
