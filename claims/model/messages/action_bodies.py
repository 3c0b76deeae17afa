"""Bodies of actions: one frozen model per action, with the API's field names.

A field without a default is required. What a rule requires beyond that, such as a return's reason, basis, unit
and signature, may be missing here: the procedure refuses it by that rule, and the attempt is recorded.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from claims.model.linked_claims import MOST_MATTERS
from claims.model.messages.field_types import Instant, Name, RequestId, Signed, Text, UnitId, Words
from claims.model.terms import (
    Action,
    Category,
    Dissatisfaction,
    ExtensionKind,
    FeedbackOutcome,
    Grade,
    PartOutcome,
    RedetermineDecision,
)


class ActionBody(BaseModel):
    """The base of every action's body."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    request_id: RequestId = Field(description="请求编号：同一编号重复提交只办一次", examples=["3f1c-0001"])


class Answer(ActionBody):
    """R12: answered on the spot from the knowledge base, the article cited."""

    article: Text = Field(default="", description="引用的知识库条目编号", examples=["KB-001"])
    text: Words = Field(description="答复内容")


class Decline(ActionBody):
    """R13: not accepted, with a reason from the list and the right channel from the directory; words explain them."""

    reason: Words = Field(description="不予受理的理由（渠道目录 GET /directory/doors 所列）")
    door: Words = Field(description="应当前往的渠道（渠道目录所列的编号）")
    remark: Text = Field(default="", description="对企业的说明；不能代替理由和渠道")


class Dispatch(ActionBody):
    """R14: to one lead unit and its co-units."""

    unit: UnitId = Field(description="承办（首接）单位编号", examples=["ZZ-GD"])
    co_units: tuple[UnitId, ...] = Field(default=(), description="协办单位编号", max_length=10)
    basis: Text = Field(default="", description="派单依据（派单目录条目或职责依据）")


class SignFor(ActionBody):
    """R20: 签收."""


class Reject(ActionBody):
    """R15: 退单. Reason, basis, suggested unit and the head's signature make it complete."""

    reason: Text = Field(default="", description="退单原因")
    basis: Text = Field(default="", description="退单依据")
    suggested_unit: Text = Field(default="", description="建议承办单位编号")
    signature: Signed | None = Field(default=None, description="主要负责人签字；负责人本人操作可不填")


class Redetermine(ActionBody):
    """R15: the platform's decision on a return."""

    decision: RedetermineDecision = Field(description="confirm 维持原单位，redispatch 改派")
    unit: Text = Field(default="", description="改派单位编号")
    reason: Words = Field(description="核定理由")


class Refer(ActionBody):
    """R15: 提请 市委编办会同市司法局 确定."""

    reason: Words = Field(description="提请理由")


class JusticeOpinion(BaseModel):
    """R16: the opinion of 市司法局 on a dispute, named and dated."""

    model_config = ConfigDict(frozen=True)

    name: Name = Field(description="市司法局出具意见的负责人")
    given_on: date = Field(description="出具意见的日期")
    text: Words = Field(description="意见内容")


class Arbitrate(ActionBody):
    """R16: the arbiter's ruling, final."""

    unit: UnitId = Field(description="裁定承办单位编号")
    reason: Words = Field(description="裁定理由")
    opinion: JusticeOpinion | None = Field(default=None, description="市司法局的意见：出具人、日期、内容")


class Contact(ActionBody):
    """§二.四.1: the unit has contacted the enterprise."""

    at: Instant = Field(description="联系时间（带时区）")
    means: Name = Field(description="联系方式：电话、上门等")
    person: Name = Field(description="企业联系人")
    summary: Text = Field(default="", description="沟通情况")


class Reply(ActionBody):
    """§二.四.2: the reply to the enterprise, fed back to the platform."""

    text: Words = Field(description="答复内容")


class Feedback(ActionBody):
    """R18: the unit's feedback that ends the resolve (or redo) limit."""

    outcome: FeedbackOutcome = Field(description="resolved 已解决，service-confirmed 服务确认")
    summary: Words = Field(description="办理情况")


class Progress(ActionBody):
    """A note on work in progress; it ends no limit."""

    summary: Words = Field(description="进展情况")


class Delegate(ActionBody):
    """R21: to a unit below; the lead stays accountable."""

    unit: UnitId = Field(description="下级承办单位编号")


class Explained(BaseModel):
    """R17: how the unit explained the extension to the enterprise."""

    model_config = ConfigDict(frozen=True)

    at: Instant
    means: Name
    person: Name


class RequestExtension(ActionBody):
    """R17: an application for 25 working days."""

    kind: ExtensionKind = Field(description="difficult 难度较大，several-units 需多单位协调")
    reason: Text = Field(default="", description="延期理由")
    work_so_far: Text = Field(default="", description="已开展的工作")
    plan: Text = Field(default="", description="下一步计划")
    explained: Explained | None = Field(default=None, description="向企业解释沟通的记录")
    signature: Signed | None = Field(default=None, description="主要负责人签字；负责人本人操作可不填")


class DecideExtension(ActionBody):
    """R17: the platform's decision."""

    approve: bool = Field(description="是否同意")
    reason: Text = Field(default="", description="审核意见")


class CallBack(ActionBody):
    """R40: one recorded call to the enterprise."""

    reached: bool = Field(description="是否接通")
    grade: Grade | None = Field(default=None, description="满意度（五级）")
    resolved: bool | None = Field(default=None, description="问题是否解决")
    contacted: bool | None = Field(default=None, description="承办单位是否联系过")
    reason: Dissatisfaction | None = Field(default=None, description="不满意的主要原因；满意的不填")
    remark: Text = Field(default="", description="备注")


class Remind(ActionBody):
    """R46: 催办."""

    text: Text = Field(default="", description="催办内容")


class Supplement(ActionBody):
    """R46: new facts for the unit. §1: and the enterprise's code, where the claim has none."""

    text: Words = Field(description="补充内容")
    credit_code: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=60)] = (
        Field(default="", description="统一社会信用代码；登记时未填的在此补填，之后该企业可凭代码查看工单")
    )


class Withdraw(ActionBody):
    """R47: withdrawn by the enterprise, confirmed by a call."""

    reason: Words = Field(description="撤回原因")
    confirmed_by_call: bool = Field(default=False, description="是否已电话核实；企业本人申请时不填")


class ReviewForm(ActionBody):
    """R44: the 《不满意诉求审核反馈表》, signed by the head and sealed."""

    first_result: Text = Field(default="", description="首次办理情况")
    second_result: Text = Field(default="", description="再次办理情况")
    reasons: Text = Field(default="", description="企业不满意的原因")
    basis: Text = Field(default="", description="办理依据")
    signature: Signed | None = Field(default=None, description="主要负责人签字；负责人本人操作可不填")
    seal: Text = Field(default="", description="加盖公章的扫描件（PDF、PNG、JPEG 的附件编号）")


class Verify(ActionBody):
    """R44, R45: the platform's opinion; before the call-back, whether the feedback is complete (R18)."""

    compliant: bool = Field(description="是否符合规定（回访前：反馈是否完整）")
    opinion: Words = Field(description="核实意见")
    order_days: int | None = Field(default=None, description="责成办结的工作日数，1至15；默认5")


class ConfirmFalseFeedback(ActionBody):
    """R52: checked against the call record."""

    evidence: Words = Field(description="核对通话记录的情况")


class Merge(ActionBody):
    """R48: a duplicate of a claim that is open."""

    into: Name = Field(description="并入的工单编号")


class Reopen(ActionBody):
    """R41: after closing as unreachable."""

    reason: Words = Field(description="重新打开的原因")


class ReportPart(ActionBody):
    """R22: a co-unit reports its part done, or says with reason that it has none."""

    outcome: PartOutcome = Field(description="done 协办事项已办结，none 无协办事项")
    text: Words = Field(description="协办情况；无协办事项的写明理由")


class SplitMatter(BaseModel):
    """R49: one matter of a call; category and subcategory are the call's where it has none of its own."""

    model_config = ConfigDict(frozen=True)

    matter: Words = Field(description="诉求内容")
    category: Category | None = Field(default=None, description="类别；不填则与原诉求相同")
    subcategory: Text = Field(default="", description="小类")


class Split(ActionBody):
    """R49: a call with several matters is split into linked claims before dispatch."""

    matters: tuple[SplitMatter, ...] = Field(
        min_length=2, max_length=MOST_MATTERS, description="各个事项；第一项由本工单保留，其余另行登记"
    )


BODIES: Final[Mapping[Action, type[ActionBody]]] = MappingProxyType(
    {
        Action.ANSWER: Answer,
        Action.DECLINE: Decline,
        Action.DISPATCH: Dispatch,
        Action.SIGN_FOR: SignFor,
        Action.REJECT: Reject,
        Action.REDETERMINE: Redetermine,
        Action.REFER: Refer,
        Action.ARBITRATE: Arbitrate,
        Action.CONTACT: Contact,
        Action.REPLY: Reply,
        Action.FEEDBACK: Feedback,
        Action.PROGRESS: Progress,
        Action.DELEGATE: Delegate,
        Action.REQUEST_EXTENSION: RequestExtension,
        Action.DECIDE_EXTENSION: DecideExtension,
        Action.CALL_BACK: CallBack,
        Action.REMIND: Remind,
        Action.SUPPLEMENT: Supplement,
        Action.WITHDRAW: Withdraw,
        Action.REVIEW_FORM: ReviewForm,
        Action.VERIFY: Verify,
        Action.CONFIRM_FALSE_FEEDBACK: ConfirmFalseFeedback,
        Action.MERGE: Merge,
        Action.REOPEN: Reopen,
        Action.REPORT_PART: ReportPart,
        Action.SPLIT: Split,
    }
)


def units_named(body: ActionBody) -> tuple[str, ...]:
    """Return the unit ids in an action's body, empty ones left out."""
    named = [getattr(body, "unit", ""), getattr(body, "suggested_unit", ""), *getattr(body, "co_units", ())]
    return tuple(unit for unit in named if unit)
