"""Contents of a claim's papers. Papers about a unit are in `claims.papers.unit_papers`.

Field names are Chinese, because officials see them between `{{ }}` in a template. Only the dispatch order
contains the enterprise's phone number; all other papers have phone numbers redacted (个保法).
"""

from datetime import datetime
from typing import Final

from claims.model.claim import Claim
from claims.model.claim_parts import CallBackRecord, Dispatch, Extension, ReviewFormRecord
from claims.model.journal import Entry
from claims.model.labels import end_of, label, minute
from claims.model.limit import Letter
from claims.model.messages.action_bodies import Explained
from claims.model.organisation import UnitRef
from claims.model.terms import LimitKind
from claims.papers.redaction import redact_identity, redact_phones
from claims.papers.requests import BLANK_FORM, NONE, Fields, PaperKind, PaperRequest, letter_paper_id

BLANK: Final = ""
"""A blank to fill in by hand."""


def letter_paper(claim: Claim, letter: Letter) -> PaperRequest:
    """Return 督办函 (R31), dated at the end of the limit."""
    limit = next((x for x in claim.limits if f"{claim.number}/{x.id}" == letter.id), None)
    fixed = limit.schedule if limit else None
    fields: Fields = {
        "主送": letter.unit_name,
        "承办单位": limit.unit.name if limit and limit.unit else letter.unit_name,
        "工单编号": claim.number,
        "诉求事项": claim.order.matter,
        "起算时间": minute(limit.started_at) if limit else NONE,
        "时限": label(letter.limit),
        "截止时间": end_of(fixed.last_day, fixed.due_at) if fixed else minute(letter.at),
        "反馈工作日": str(claim.policy.supervised_feedback_days),
    }
    return PaperRequest(
        id=letter_paper_id(letter),
        kind=PaperKind.SUPERVISION_LETTER,
        number=claim.number,
        unit=letter.unit,
        at=letter.at,
        fields=_nameless(fields, claim),
    )


def dispatch_paper(claim: Claim, dispatch: Dispatch) -> PaperRequest:
    """Return 派单 (R14): the work order as delivered, with the phone number that the unit needs."""
    policy = claim.policy
    fields: Fields = {
        **_work_order(claim),
        "主送": dispatch.unit.name,
        "协办单位": "、".join(part.unit.name for part in dispatch.co_units) or NONE,
        "派单依据": dispatch.basis or NONE,
        "派单次数": str(dispatch.n),
        "送达时间": minute(dispatch.delivered_at),
        "退单工作日": str(policy.return_window_days),
        "核实工作日": str(policy.contact_days),
        "答复工作日": str(policy.reply_days),
        "解决工作日": str(policy.resolve_days),
    }
    return PaperRequest(
        id=f"{PaperKind.DISPATCH_ORDER}/{claim.number}/{dispatch.n}",
        kind=PaperKind.DISPATCH_ORDER,
        number=claim.number,
        unit=dispatch.unit.id,
        at=dispatch.delivered_at,
        fields=fields,
    )


def _work_order(claim: Claim) -> Fields:
    order = claim.order
    return {
        "工单编号": claim.number,
        "登记时间": minute(claim.registered_at),
        "来源渠道": label(order.channel),
        "企业名称": order.enterprise,
        "企业状态": label(order.enterprise_status),
        "联系人": order.contact,
        "联系电话": order.phone,
        "属地": f"{order.district_name}{order.town}" or NONE,
        "诉求类别": label(order.category),
        "诉求事项": order.matter,
    }


def extension_paper(claim: Claim, extension: Extension, explained: Explained) -> PaperRequest:
    """Return 延期申请 (R17), from the unit of the current dispatch to the platform."""
    dispatch = _dispatch_of(claim)
    resolve = claim.limit(LimitKind.RESOLVE)
    fixed = resolve.schedule if resolve else None
    fields: Fields = {
        "申请单位": dispatch.unit.name,
        "工单编号": claim.number,
        "诉求事项": claim.order.matter,
        "原定期限": end_of(fixed.last_day, fixed.due_at) if fixed else NONE,
        "延长工作日": str(claim.policy.extended_resolve_days),
        "延期类型": label(extension.kind),
        "延期理由": extension.reason,
        "已开展工作": extension.work_so_far,
        "下一步计划": extension.plan,
        "解释情况": f"{minute(explained.at)}，以{explained.means}向企业作出解释",
        "负责人": extension.signature.head,
    }
    return PaperRequest(
        id=f"{PaperKind.EXTENSION_APPLICATION}/{claim.number}/{dispatch.n}",
        kind=PaperKind.EXTENSION_APPLICATION,
        number=claim.number,
        unit=dispatch.unit.id,
        at=extension.at,
        fields=_private(fields, claim),
    )


def review_form_paper(claim: Claim, form: ReviewFormRecord | None = None, *, at: datetime) -> PaperRequest:
    """Return 《不满意诉求审核反馈表》 (R44) as filed, or, if none is filed yet, for the unit to fill in and sign."""
    dispatch, order = _dispatch_of(claim), claim.order
    fields: Fields = {
        "承办单位": dispatch.unit.name,
        "工单编号": claim.number,
        "企业名称": order.enterprise,
        "诉求类别": label(order.category),
        "登记时间": minute(claim.registered_at),
        "诉求事项": order.matter,
        "首次办理情况": form.first_result if form else BLANK,
        "首次回访": _evaluation(claim, 0),
        "再次办理情况": form.second_result if form else BLANK,
        "再次回访": _evaluation(claim, 1),
        "不满意原因": form.reasons if form else BLANK,
        "办理依据": form.basis if form else BLANK,
        "负责人": form.signature.head if form else BLANK,
    }
    version = f"/{len(claim.reviews)}" if form else BLANK_FORM
    return PaperRequest(
        id=f"{PaperKind.REVIEW_FORM}/{claim.number}/{dispatch.n}{version}",
        kind=PaperKind.REVIEW_FORM,
        number=claim.number,
        unit=dispatch.unit.id,
        at=at,
        fields=_private(fields, claim),
    )


def criticism_paper(claim: Claim, unit: UnitRef, entry: Entry) -> PaperRequest:
    """Return 通报批评 (R45, R52) for the journal entry with the reason; it criticises the accountable unit (R33)."""
    fields: Fields = {
        "单位": unit.accountable_name,
        "承办单位": unit.name,
        "工单编号": claim.number,
        "通报事由": entry.text,
        "依据": "、".join(entry.rules),
    }
    return PaperRequest(
        id=f"{PaperKind.CRITICISM}/{claim.number}/{entry.seq}",
        kind=PaperKind.CRITICISM,
        number=claim.number,
        unit=unit.accountable,
        at=entry.at,
        fields=_nameless(fields, claim),
    )


def _dispatch_of(claim: Claim) -> Dispatch:
    if claim.dispatch is None:
        raise LookupError(f"{claim.number} has not been dispatched")
    return claim.dispatch


def _evaluation(claim: Claim, round: int) -> str:
    """Return the evaluation at the call-back of a round."""
    calls = [call for call in claim.call_backs if call.round == round and call.grade is not None]
    return _call(calls[-1]) if calls else NONE


def _call(call: CallBackRecord) -> str:
    grade = label(call.grade) if call.grade else NONE
    return f"{grade}（{minute(call.at)}）{f'：{call.remark}' if call.remark else ''}"


def _nameless(fields: Fields, claim: Claim) -> Fields:
    """R53, R54: return the claim without its owner's identity, for papers to people who do not handle it."""
    if not claim.policy.need_to_know:
        return _private(fields, claim)
    return {
        name: value if name in _UNITS else redact_identity(value, claim.order)
        for name, value in fields.items()
    }


_UNITS: Final = frozenset({"主送", "单位", "承办单位", "工单编号"})


def _private(fields: Fields, claim: Claim) -> Fields:
    return {name: redact_phones(value, claim.order.phone) for name, value in fields.items()}
