"""Actions of the handling unit (§二.四). Each applies one action to the claim of a transition."""

from datetime import datetime, timedelta

from calendar_rules import local_day
from claims import guards, limits
from claims.actions.call_back import start_call_back
from claims.actions.co_units import sign_for_part
from claims.actions.platform import refer_to_arbiter
from claims.actions.review import completed, explain
from claims.actions.signatures import incomplete, signature_of
from claims.guards import signs_for_all
from claims.model.claim_parts import ContactRecord, Extension, FeedbackRecord, ReplyRecord, ReturnRequest
from claims.model.events import EventKind
from claims.model.labels import label, minute, second
from claims.model.messages import action_bodies as act
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import DispatchOrigin, LimitKind, Stage
from claims.papers.claim_papers import extension_paper
from claims.transition import Transition


def sign_for(transition: Transition, _: act.SignFor) -> None:
    """R20: record the signing and its delay; it starts no limit (R4). A co-unit signs for its part (R22)."""
    dispatch, actor = transition.current_dispatch(), transition.actor
    if actor is not None and actor.unit is not None and not signs_for_all(dispatch, actor.unit):
        sign_for_part(transition, actor.unit)
        return
    dispatch.signed_for_at = transition.at
    minutes = int((transition.at - dispatch.delivered_at).total_seconds() // 60)
    transition.write(
        EventKind.SIGNED_FOR,
        "R20",
        text=f"{dispatch.acting.name}签收，距送达{minutes}分钟",
        data={"delay_minutes": minutes},
    )


def reject(transition: Transition, body: act.Reject) -> None:
    """R15: a complete return pauses every limit of the dispatch (R5)."""
    claim, dispatch = transition.claim, transition.current_dispatch()
    signature = signature_of(transition, body.signature)
    suggested = transition.units.get(body.suggested_unit)
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
        at=transition.at, reason=body.reason, basis=body.basis, suggested_unit=suggested, signature=signature
    )
    limits.meet(claim, LimitKind.RETURN_WINDOW, transition.at)
    for limit in claim.limits:
        if limit.dispatch == dispatch.n and limit.unit is not None:
            limits.pause(limit, transition.at)
    text = f"{dispatch.unit.name}退单：{body.reason}；依据：{body.basis}；建议由{suggested.name}承办"
    data = {"suggested_unit": suggested.id, "signed_by": signature.head}
    transition.write(EventKind.RETURNED, "R15", "R5", text=text, data=dict(data))
    _await_decision(transition)


def _await_decision(transition: Transition) -> None:
    """R16: a return by a redetermined unit goes to the arbiter, any other to the platform."""
    if transition.current_dispatch().origin is DispatchOrigin.REDETERMINATION:
        refer_to_arbiter(transition, "重新核定的单位提出异议，提请市委编办会同市司法局裁定")
    else:
        transition.claim.stage = Stage.REDETERMINATION
        limits.start(transition.claim, LimitKind.REDETERMINE, transition.at)


def contact(transition: Transition, body: act.Contact) -> None:
    """§二.四.1: record a contact that has taken place; it counts from when it is recorded."""
    _check_contact_date(transition, body.at, "§二.四.1")
    claim, dispatch = transition.claim, transition.current_dispatch()
    claim.contacts.append(
        ContactRecord(
            dispatch=dispatch.n, at=body.at, means=body.means, person=body.person, summary=body.summary
        )
    )
    limits.meet(claim, LimitKind.CONTACT, transition.at)
    transition.write(
        EventKind.CONTACTED,
        "§二.四.1",
        text=f"{dispatch.acting.name}于{minute(body.at)}以{body.means}联系企业",
        data={"contacted_at": body.at.isoformat(), "means": body.means, "summary": body.summary},
    )


def reply(transition: Transition, body: act.Reply) -> None:
    """§二.四.2: record the reply to the enterprise and the platform (R18); after closing, an explanation (R44)."""
    dispatch = transition.current_dispatch()
    transition.claim.replies.append(ReplyRecord(dispatch=dispatch.n, at=transition.at, text=body.text))
    if transition.claim.stage is Stage.CLOSED:
        explain(transition, body.text)
        return
    limits.meet(transition.claim, LimitKind.REPLY, transition.at)
    transition.write(EventKind.REPLIED, "§二.四.2", text=f"{dispatch.acting.name}答复企业：{body.text}")


def feedback(transition: Transition, body: act.Feedback) -> None:
    """R18: end the resolve (or redo) limit and pass the claim to the hotline for call-back."""
    claim, dispatch = transition.claim, transition.current_dispatch()
    claim.feedbacks.append(
        FeedbackRecord(at=transition.at, outcome=body.outcome, summary=body.summary, round=claim.round)
    )
    for kind in (LimitKind.RESOLVE, LimitKind.REDO):
        if (limit := claim.limit(kind)) is not None:
            limits.resume(limit, transition.at)
            limits.meet(claim, kind, transition.at)
    if claim.extension is not None and claim.has_pending_extension:
        lapsed = {"decided_at": transition.at, "decision_reason": "已反馈办理结果，申请失效"}
        claim.extension = claim.extension.model_copy(update=lapsed)
    if (decision := claim.live(LimitKind.EXTENSION_DECISION)) is not None:
        limits.void(decision, transition.at)
    if (window := claim.live(LimitKind.RETURN_WINDOW)) is not None:
        limits.void(window, transition.at)
    transition.write(
        EventKind.FED_BACK,
        "R18",
        text=f"{dispatch.acting.name}反馈{label(body.outcome)}：{body.summary}",
        data={"outcome": body.outcome, "round": claim.round},
    )
    if claim.stage is Stage.COMPLETION:
        completed(transition)
    else:
        start_call_back(transition)


def progress(transition: Transition, body: act.Progress) -> None:
    """Record progress; it ends no limit."""
    actor = transition.actor
    name = actor.unit.name if actor and actor.unit else transition.current_dispatch().acting.name
    transition.write(EventKind.PROGRESSED, "R18", text=f"{name}进展：{body.summary}")


def delegate(transition: Transition, body: act.Delegate) -> None:
    """R21: let a unit below act; the lead stays accountable."""
    dispatch = transition.current_dispatch()
    unit = transition.units[body.unit]
    by = transition.actor.unit if transition.actor and transition.actor.unit else dispatch.unit
    above = next((one for one in (by, dispatch.unit) if unit.id == one.id or one.id not in unit.path), None)
    if above is not None:
        reason = f"{unit.name}不是{above.name}的下级单位"
        raise Refused("R21", reason, "请选择本单位的下级单位", kind=RefusalKind.INCOMPLETE)
    guards.check_not_complained_of(transition.claim, unit)
    dispatch.delegate = unit
    text = f"{dispatch.unit.name}转{unit.name}办理，责任仍由{dispatch.unit.name}承担"
    entry = transition.write(EventKind.DELEGATED, "R21", text=text, data={"unit": unit.id})
    transition.notify(unit, entry)


def request_extension(transition: Transition, body: act.RequestExtension) -> None:
    """R17: apply for an extension; the resolve limit is paused until the decision."""
    claim, dispatch = transition.claim, transition.current_dispatch()
    signature = signature_of(transition, body.signature)
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
    _check_contact_date(transition, body.explained.at, "R17")
    fields = body.model_dump(include={"kind", "reason", "work_so_far", "plan"})
    claim.extension = Extension(at=transition.at, signature=signature, **fields)
    if (resolve := claim.limit(LimitKind.RESOLVE)) is not None:
        limits.pause(resolve, transition.at)
    limits.start(claim, LimitKind.EXTENSION_DECISION, transition.at)
    text = f"{dispatch.acting.name}申请延期（{label(body.kind)}）：{body.reason}"
    transition.write(EventKind.EXTENSION_REQUESTED, "R17", text=text, data={"signed_by": signature.head})
    transition.file_paper(extension_paper(claim, claim.extension, body.explained))


def _check_contact_date(transition: Transition, at: datetime, rule: str) -> None:
    """Refuse a contact dated in the future, or before registration or the delivery of its dispatch (R18)."""
    if at > transition.at + timedelta(seconds=transition.claim.policy.clock_skew_seconds):
        reason = f"联系时间{minute(at)}尚未到来，不能登记"
        raise Refused(rule, reason, "请填写实际联系的时间", kind=RefusalKind.INCOMPLETE)
    if transition.claim.policy.contact_after_delivery:
        _check_follows_delivery(transition, at, rule)
    elif local_day(at) < local_day(transition.claim.registered_at):
        reason = f"联系时间{minute(at)}早于诉求登记之日，不能登记"
        raise Refused(rule, reason, "请填写实际联系的时间", kind=RefusalKind.INCOMPLETE)


def _check_follows_delivery(transition: Transition, at: datetime, rule: str) -> None:
    """R18: instants are compared by the second, as people and programs give them; the second of delivery is not
    before it."""
    delivered = transition.current_dispatch().delivered_at
    if at < delivered.replace(microsecond=0):
        reason = f"联系时间{second(at)}早于本次派单送达的{second(delivered)}，不能登记"
        cited = "R18" if rule == "§二.四.1" else rule
        raise Refused(cited, reason, "请填写实际联系的时间", kind=RefusalKind.INCOMPLETE)
