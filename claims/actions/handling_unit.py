"""What a handling unit does with a claim delivered to it (§二.四): each act changes one step's claim."""

from datetime import datetime, timedelta

from calendar_rules import local_day
from claims import limits
from claims.actions.call_back import await_call
from claims.actions.platform import refer_to_arbiter
from claims.actions.review import completed, explain
from claims.actions.signatures import incomplete, signature_of
from claims.model import action_bodies as act
from claims.model.claim import ContactRecord, Extension, Feedback, Reply, ReturnRequest
from claims.model.labels import label, minute
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import DispatchOrigin, EventKind, LimitKind, Stage
from claims.papers.claim_papers import extension_paper
from claims.step import Step, Units


def sign_for(step: Step, body: act.SignFor, units: Units) -> None:  # noqa: ARG001
    """R20: signing for the work order, recorded with its delay; it starts no clock (R4)."""
    dispatch = step.unit()
    dispatch.signed_for_at = step.at
    minutes = int((step.at - dispatch.delivered_at).total_seconds() // 60)
    step.write(
        EventKind.SIGNED_FOR,
        "R20",
        text=f"{dispatch.acting.name}签收，距送达{minutes}分钟",
        data={"delay_minutes": minutes},
    )


def reject(step: Step, body: act.Reject, units: Units) -> None:
    """R15: a complete return stops every clock of the dispatch (R5)."""
    claim, dispatch = step.claim, step.unit()
    signature = signature_of(step, body.signature)
    suggested = units.get(body.suggested_unit)
    missing = [
        name
        for name, given in (
            ("退单原因", body.reason),
            ("退单依据", body.basis),
            ("建议承办单位", suggested),
            ("主要负责人签字", signature),
        )
        if not given
    ]
    if missing or suggested is None or signature is None:
        raise incomplete("R15", "退单", missing)
    if suggested.id == dispatch.unit.id:
        raise Refused("R15", "建议承办单位不能是本单位", "请填写应承办的单位", kind=RefusalKind.INCOMPLETE)
    dispatch.returned = ReturnRequest(
        at=step.at, reason=body.reason, basis=body.basis, suggested_unit=suggested, signature=signature
    )
    limits.meet(claim, LimitKind.RETURN_WINDOW, step.at)
    for limit in claim.limits:
        if limit.dispatch == dispatch.n and limit.unit is not None:
            limits.pause(limit, step.at)
    text = f"{dispatch.unit.name}退单：{body.reason}；依据：{body.basis}；建议由{suggested.name}承办"
    data = {"suggested_unit": suggested.id, "signed_by": signature.head}
    step.write(EventKind.RETURNED, "R15", "R5", text=text, data=dict(data))
    _go_to_decision(step)


def _go_to_decision(step: Step) -> None:
    """R16: a unit chosen by redetermination objects to the arbiter, not to the platform again."""
    if step.unit().origin is DispatchOrigin.REDETERMINATION:
        refer_to_arbiter(step, "重新核定的单位提出异议，提请市委编办会同市司法局裁定")
    else:
        step.claim.stage = Stage.REDETERMINATION
        limits.start(step.claim, LimitKind.REDETERMINE, step.at)


def contact(step: Step, body: act.Contact, units: Units) -> None:  # noqa: ARG001
    """§二.四.1: the contact counts when it is recorded, and must have happened."""
    _has_happened(step, body.at, "§二.四.1")
    claim, dispatch = step.claim, step.unit()
    claim.contacts.append(
        ContactRecord(
            dispatch=dispatch.n, at=body.at, means=body.means, person=body.person, summary=body.summary
        )
    )
    limits.meet(claim, LimitKind.CONTACT, step.at)
    step.write(
        EventKind.CONTACTED,
        "§二.四.1",
        text=f"{dispatch.acting.name}于{minute(body.at)}以{body.means}联系企业",
        data={"contacted_at": body.at.isoformat(), "means": body.means, "summary": body.summary},
    )


def reply(step: Step, body: act.Reply, units: Units) -> None:  # noqa: ARG001
    """§二.四.2: to the enterprise and to the platform at once (R18)."""
    dispatch = step.unit()
    step.claim.replies.append(Reply(dispatch=dispatch.n, at=step.at, text=body.text))
    if step.claim.stage is Stage.CLOSED:
        explain(step, body.text)
        return
    limits.meet(step.claim, LimitKind.REPLY, step.at)
    step.write(EventKind.REPLIED, "§二.四.2", text=f"{dispatch.acting.name}答复企业：{body.text}")


def feedback(step: Step, body: act.Feedback, units: Units) -> None:  # noqa: ARG001
    """R18: ends the resolve (or redo) limit and hands the claim to the hotline for call-back."""
    claim, dispatch = step.claim, step.unit()
    claim.feedbacks.append(
        Feedback(at=step.at, outcome=body.outcome, summary=body.summary, round=claim.round)
    )
    for kind in (LimitKind.RESOLVE, LimitKind.REDO):
        if (limit := claim.limit(kind)) is not None:
            limits.run_on(limit, step.at)
            limits.meet(claim, kind, step.at)
    if claim.extension is not None and claim.extension.decided_at is None:
        lapsed = {"decided_at": step.at, "decision_reason": "已反馈办理结果，申请失效"}
        claim.extension = claim.extension.model_copy(update=lapsed)
    if (decision := claim.live(LimitKind.EXTENSION_DECISION)) is not None:
        limits.void(decision, step.at)
    if (window := claim.live(LimitKind.RETURN_WINDOW)) is not None:
        limits.void(window, step.at)
    step.write(
        EventKind.FED_BACK,
        "R18",
        text=f"{dispatch.acting.name}反馈{label(body.outcome)}：{body.summary}",
        data={"outcome": body.outcome, "round": claim.round},
    )
    if claim.stage is Stage.COMPLETION:
        completed(step)
    else:
        await_call(step)


def progress(step: Step, body: act.Progress, units: Units) -> None:  # noqa: ARG001
    """Work under way; stops no clock."""
    actor = step.actor
    name = actor.unit.name if actor and actor.unit else step.unit().acting.name
    step.write(EventKind.PROGRESSED, "R18", text=f"{name}进展：{body.summary}")


def delegate(step: Step, body: act.Delegate, units: Units) -> None:
    """R21: the delegate may act, the lead answers for it. Work goes down, not on to a neighbour."""
    dispatch = step.unit()
    unit = units[body.unit]
    by = step.actor.unit if step.actor and step.actor.unit else dispatch.unit
    over = next((one for one in (by, dispatch.unit) if unit.id == one.id or one.id not in unit.path), None)
    if over is not None:
        reason = f"{unit.name}不是{over.name}的下级单位"
        raise Refused("R21", reason, "请选择本单位的下级单位", kind=RefusalKind.INCOMPLETE)
    dispatch.delegate = unit
    text = f"{dispatch.unit.name}转{unit.name}办理，责任仍由{dispatch.unit.name}承担"
    entry = step.write(EventKind.DELEGATED, "R21", text=text, data={"unit": unit.id})
    step.notify(unit, entry)


def request_extension(step: Step, body: act.RequestExtension, units: Units) -> None:  # noqa: ARG001
    """R17: while it is undecided the resolve limit lights nothing."""
    claim, dispatch = step.claim, step.unit()
    signature = signature_of(step, body.signature)
    missing = [
        name
        for name, given in (
            ("延期理由", body.reason),
            ("已开展的工作", body.work_so_far),
            ("下一步计划", body.plan),
            ("向企业解释沟通的记录", body.explained),
            ("主要负责人签字", signature),
        )
        if not given
    ]
    if missing or signature is None or body.explained is None:
        raise incomplete("R17", "延期申请", missing)
    _has_happened(step, body.explained.at, "R17")
    fields = body.model_dump(include={"kind", "reason", "work_so_far", "plan"})
    claim.extension = Extension(at=step.at, signature=signature, **fields)
    if (resolve := claim.limit(LimitKind.RESOLVE)) is not None:
        limits.pause(resolve, step.at)
    limits.start(claim, LimitKind.EXTENSION_DECISION, step.at)
    text = f"{dispatch.acting.name}申请延期（{label(body.kind)}）：{body.reason}"
    step.write(EventKind.EXTENSION_REQUESTED, "R17", text=text, data={"signed_by": signature.head})
    step.file(extension_paper(claim, claim.extension, body.explained))


def _has_happened(step: Step, at: datetime, rule: str) -> None:
    """A contact lies between the day on which the claim was registered and now (R18: true)."""
    if at > step.at + timedelta(seconds=step.claim.policy.clock_skew_seconds):
        reason = f"联系时间{minute(at)}尚未到来，不能登记"
        raise Refused(rule, reason, "请填写实际联系的时间", kind=RefusalKind.INCOMPLETE)
    if local_day(at) < local_day(step.claim.registered_at):
        reason = f"联系时间{minute(at)}早于诉求登记之日，不能登记"
        raise Refused(rule, reason, "请填写实际联系的时间", kind=RefusalKind.INCOMPLETE)
