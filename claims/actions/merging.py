"""Merging a duplicate into another claim of the same enterprise (R48).

A claim that is to be merged asks the other one and waits. The other one answers in its own turn. Two rules keep claims
from closing into each other, whatever the order in which the messages arrive (ADR 0011):

- A claim says yes only while it does not wait itself, or by giving up its own merge.
- Of a waiting claim and the one that asks it, the one with the smaller number stays: it gives up its own merge and says
  yes; otherwise it says no.
"""

from datetime import timedelta

from claims import guards
from claims.actions.closing import close
from claims.actions.pending_merge import LATER, refuse, settle
from claims.actions.platform import notify_unit
from claims.lifecycle import OPEN
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.linked_claims import Merging, TakeOver, TakeOverAnswer
from claims.model.messages import action_bodies as act
from claims.model.messages.envelopes import Envelope, RemindClaim
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import BackgroundTaskKind, CloseReason
from claims.model.values import CONSOLE
from claims.need_to_know import is_same_enterprise
from claims.transition import Transition


def merge(transition: Transition, body: act.Merge) -> None:
    """R48: ask the other claim to take over the matter; a claim of an earlier policy closes at once."""
    claim = transition.claim
    if body.into == claim.number:
        raise Refused("R48", "不能并入自身", "请填写另一件工单的编号", kind=RefusalKind.INCOMPLETE)
    if claim.policy.merge_answer_minutes:
        _ask(transition, body)
    else:
        _merge_without_asking(transition, body)


def _ask(transition: Transition, body: act.Merge) -> None:
    claim, actor = transition.claim, transition.actor or CONSOLE
    if claim.merging is not None:
        raise Refused("R48", f"已申请并入工单{claim.merging.into}，正在等待其答复", LATER)
    if not (body.into.isascii() and body.into.isprintable()):
        raise Refused("R48", "没有这个编号的工单", "请核对工单编号", kind=RefusalKind.INCOMPLETE)
    claim.merging = Merging(
        request_id=body.request_id,
        into=body.into,
        actor=actor,
        until=transition.recorded_at + timedelta(minutes=claim.policy.merge_answer_minutes),
    )
    text = f"与工单{body.into}为同一企业同一事项，申请并入该工单办理"
    transition.write(EventKind.MERGE_ASKED, "R48", text=text, data={"into": body.into})
    request = TakeOver(
        request_id=body.request_id,
        number=claim.number,
        into=body.into,
        enterprise=claim.order.enterprise,
        credit_code=claim.order.credit_code,
        account=claim.order.account,
        actor=actor,
    )
    transition.run_in_background(
        BackgroundTaskKind.ASK_TO_TAKE_OVER, f"{claim.number}/merge/{body.request_id}", request
    )


def take_over(transition: Transition, request: TakeOver) -> None:
    """Answer a claim that is to be merged into this one. A repeated request gets the same answer."""
    claim = transition.claim
    known = [(answer.asked_by, answer.request_id) for answer in claim.take_overs]
    if (request.number, request.request_id) in known:
        _send(transition, claim.take_overs[known.index((request.number, request.request_id))])
        return
    if len(known) >= claim.policy.most_take_overs:
        return
    try:
        _check(claim, request)
    except Refused as refused:
        answer = _refusal(request, refused)
    else:
        _accept(transition, request)
        answer = _answer(request, accepted=True)
    claim.take_overs.append(answer)
    _send(transition, answer)


def _check(claim: Claim, request: TakeOver) -> None:
    """May this claim take over the other's matter? Raises `Refused`."""
    if request.number == claim.number or not _is_same_enterprise(claim, request):
        raise Refused("R48", f"没有同一企业的工单{claim.number}", _another_number(claim))
    if claim.merged_into:
        raise Refused("R48", f"工单{claim.number}已并入{claim.merged_into}", f"请并入{claim.merged_into}")
    if claim.over or claim.stage not in OPEN:
        instead = "无新情况的告知办理结果；有新情况的登记为关联诉求"
        raise Refused("R48", f"工单{claim.number}已办结，不能并入", instead)
    if claim.merging is not None and not _stays(claim.number, request.number):
        into = claim.merging.into
        raise Refused("R48", f"工单{claim.number}正在并入{into}", f"请稍后并入{into}")
    guards.has_room_in_journal(claim)


def _another_number(claim: Claim) -> str:
    """Return what to do where the claims are not of one enterprise."""
    instead = "请核对并入的工单编号"
    if claim.policy.merging_compares_accounts:
        instead += "；两件由不同账号登记的，先核实并补填同一统一社会信用代码"
    return instead


def _is_same_enterprise(claim: Claim, request: TakeOver) -> bool:
    """R48: by code, account or name (`claims.need_to_know`); of earlier policies, without the account, or by the very same
    name."""
    if not claim.policy.need_to_know:
        return request.enterprise == claim.order.enterprise
    account = request.account if claim.policy.merging_compares_accounts else ""
    asking = {"enterprise": request.enterprise, "credit_code": request.credit_code, "account": account}
    return is_same_enterprise(claim.order, claim.order.model_copy(update=asking))


def _stays(number: str, other: str) -> bool:
    """Of two claims that both are to be merged, the one registered first stays. Any order without ties would do."""
    return number < other


def _accept(transition: Transition, request: TakeOver) -> None:
    claim = transition.claim
    if claim.merging is not None:
        refuse(transition, claim.merging, Refused("R48", f"工单{request.number}正在并入本工单", LATER))
    claim.reminders += 1
    text = f"企业第{claim.reminders}次催办：企业再次反映（{request.number}），同意其并入本工单办理"
    entry = transition.write(EventKind.REMINDED, "R48", "R46", text=text, data={"from": request.number})
    notify_unit(transition, entry)


def _answer(request: TakeOver, *, accepted: bool) -> TakeOverAnswer:
    return TakeOverAnswer(
        request_id=request.request_id,
        asked_by=request.number,
        answered_by=request.into,
        accepted=accepted,
    )


def _refusal(request: TakeOver, refused: Refused) -> TakeOverAnswer:
    said = {"rule": refused.rule, "reason": refused.reason, "instead": refused.instead}
    return _answer(request, accepted=False).model_copy(update=said)


def not_running(request: TakeOver) -> TakeOverAnswer:
    """Return the answer for a claim that has no workflow: there is none of that number, or it has ended or
    been stopped.
    """
    reason = f"工单{request.into}不在办理中"
    return _refusal(request, Refused("R48", reason, "请核对并入的工单编号；已办结的不能并入"))


def _send(transition: Transition, answer: TakeOverAnswer) -> None:
    id = f"{answer.asked_by}/take-over/{answer.request_id}"
    transition.run_in_background(BackgroundTaskKind.ANSWER_TAKE_OVER, id, answer)


def follow_answer(transition: Transition, answer: TakeOverAnswer) -> None:
    """Close as merged, or continue as before. An unexpected answer changes nothing."""
    merging = transition.claim.merging
    if merging is None or (merging.request_id, merging.into) != (answer.request_id, answer.answered_by):
        return
    if not answer.accepted:
        refuse(transition, merging, Refused(answer.rule or "R48", answer.reason, answer.instead))
        return
    transition.actor, transition.request_id = merging.actor, merging.request_id
    entry = _write_merged(transition, merging.into)
    settle(transition, merging, entry)
    close(transition, CloseReason.MERGED, "R48")


def _write_merged(transition: Transition, into: str) -> Entry:
    transition.claim.merged_into = into
    text = f"与工单{into}为同一企业同一事项，并入该工单办理"
    entry = transition.write(EventKind.MERGED, "R48", text=text, data={"into": into})
    notify_unit(transition, entry)
    return entry


def _merge_without_asking(transition: Transition, body: act.Merge) -> None:
    """Close at once and remind the other claim (claims of policies without `merge_answer_minutes`)."""
    claim, actor = transition.claim, transition.actor
    if any(taken.accepted and taken.asked_by == body.into for taken in claim.take_overs):
        raise Refused("R48", f"工单{body.into}正在并入本工单", "无需再并案")
    _write_merged(transition, body.into)
    reminder = act.Remind(request_id=f"merged-{claim.number}", text=f"企业再次反映（{claim.number}）")
    envelope = Envelope(actor=actor or CONSOLE, body=reminder.model_dump(mode="json"))
    task = RemindClaim(number=body.into, envelope=envelope)
    transition.run_in_background(BackgroundTaskKind.REMIND_CLAIM, f"{claim.number}/merged", task)
    close(transition, CloseReason.MERGED, "R48")
