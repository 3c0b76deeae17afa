"""Actions of the platform, the hotline, the enterprise and the arbiter. Each applies one action to the claim of a
transition.

The lifecycle table has allowed the action; these functions check what it contains, and raise `Refused`.
"""

from pydantic import JsonValue

from calendar_rules import local_day
from claims import guards, limits
from claims.actions.closing import close
from claims.actions.pending_merge import end_with_claim
from claims.lifecycle import CONFIRMS_WITHDRAWAL
from claims.lookup.doors import decline_reason
from claims.model.claim_parts import Closure, CoUnit, Dispatch
from claims.model.door import Door
from claims.model.events import EventKind
from claims.model.journal import Entry
from claims.model.labels import label
from claims.model.messages import action_bodies as act
from claims.model.organisation import JUSTICE_BUREAU, UnitRef
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import (
    CloseReason,
    DeclineReason,
    DispatchOrigin,
    LimitKind,
    RedetermineDecision,
    Stage,
)
from claims.papers.claim_papers import dispatch_paper
from claims.transition import Transition


def answer(transition: Transition, body: act.Answer) -> None:
    """R12: close the claim as answered; a dissatisfied enterprise can still have it dispatched."""
    if not body.article:
        raise Refused("R12", "即时答复须引用知识库条目", "请填写知识库条目编号", kind=RefusalKind.INCOMPLETE)
    claim = transition.claim
    limits.meet(claim, LimitKind.DISPATCH, transition.at)
    claim.stage = Stage.ANSWERED
    claim.closed = Closure(reason=CloseReason.ANSWERED, at=transition.at)
    limits.start(claim, LimitKind.CALL_BACK, transition.at)
    limits.start(claim, LimitKind.FOLLOW_UP, transition.at)
    data = {"article": body.article, "text": body.text}
    transition.write(
        EventKind.ANSWERED, "R12", text=f"依据知识库{body.article}即时答复：{body.text}", data=dict(data)
    )
    end_with_claim(transition, transition.at)


def decline(transition: Transition, body: act.Decline) -> None:
    """R13: close the claim as not accepted, with the reason and the right channel."""
    reason, door = body.reason, body.door
    data: dict[str, JsonValue] = {"reason": reason, "door": door}
    if transition.claim.policy.declines_by_list:
        listed = _listed_reason(reason)
        channel = _right_door(transition, listed, door)
        reason, door = label(listed), channel.name
        data = {"reason": listed, "door": channel.id}
    words = f"。{body.remark}" if body.remark else ""
    text = f"不予受理：{reason}；请通过{door}反映{words}"
    transition.write(EventKind.DECLINED, "R13", text=text, data=data)
    close(transition, CloseReason.DECLINED, "R13")


def _listed_reason(text: str) -> DeclineReason:
    reason = decline_reason(text)
    if reason is None:
        known = "、".join(f"{one}（{label(one)}）" for one in DeclineReason)
        raise _wrong_decline(f"“{text[:40]}”不是不予受理的理由", f"理由只能是：{known}；说明请写入 remark")
    return reason


def _right_door(transition: Transition, reason: DeclineReason, text: str) -> Door:
    door = transition.door
    if door is None:
        raise _wrong_decline(f"渠道目录中没有“{text[:40]}”", "请从渠道目录（GET /directory/doors）中选择")
    if reason not in door.reasons:
        wrong = f"{door.name}不受理“{label(reason)}”的事项"
        raise _wrong_decline(wrong, "请从渠道目录（GET /directory/doors）中选择受理此类事项的渠道")
    return door


def _wrong_decline(reason: str, instead: str) -> Refused:
    return Refused("R13", reason, instead, kind=RefusalKind.INCOMPLETE)


def dispatch(transition: Transition, body: act.Dispatch) -> None:
    """R14: dispatch the claim to one lead unit and its co-units; the lead's limits start (R4)."""
    if not body.basis:
        raise Refused("R14", "派单须写明依据", "请填写派单目录条目或职责依据", kind=RefusalKind.INCOMPLETE)
    if body.unit in body.co_units:
        raise Refused(
            "R14", "首接单位不能同时是协办单位", "请从协办单位中去掉首接单位", kind=RefusalKind.INCOMPLETE
        )
    limits.meet(transition.claim, LimitKind.DISPATCH, transition.at)
    co_units = tuple(transition.units[unit] for unit in dict.fromkeys(body.co_units))
    deliver(
        transition, transition.units[body.unit], co_units, basis=body.basis, origin=DispatchOrigin.OPERATOR
    )


def deliver(
    transition: Transition,
    unit: UnitRef,
    co_units: tuple[UnitRef, ...],
    *,
    basis: str,
    origin: DispatchOrigin,
) -> None:
    """Add a dispatch. All limits start again at its delivery (R4, R5)."""
    claim = transition.claim
    guards.check_not_complained_of(claim, unit, *co_units)
    if claim.dispatch is not None:
        limits.void_all(claim, transition.at, dispatch=claim.dispatch.n)
        claim.dispatch.ended_at = transition.at
    claim.round, claim.extension, claim.stage = 0, None, Stage.HANDLING
    claim.dispatches.append(
        Dispatch(
            n=len(claim.dispatches) + 1,
            unit=unit,
            co_units=tuple(
                CoUnit(unit=co_unit, reports=claim.policy.co_units_report) for co_unit in co_units
            ),
            basis=basis,
            origin=origin,
            delivered_at=transition.at,
        )
    )
    if origin is not DispatchOrigin.ARBITRATION:
        limits.start(claim, LimitKind.RETURN_WINDOW, transition.at, unit)
    for kind in limits.DELIVERY_LIMITS:
        limits.start(claim, kind, transition.at, unit)
    assisting = f"，协办：{'、'.join(co_unit.name for co_unit in co_units)}" if co_units else ""
    entry = transition.write(
        EventKind.DISPATCHED,
        "R14",
        "R4",
        text=f"第{len(claim.dispatches)}次派单，送达{unit.name}（首接单位）{assisting}",
        data={
            "unit": unit.id,
            "co_units": [co_unit.id for co_unit in co_units],
            "basis": basis,
            "origin": origin,
        },
    )
    for recipient in (unit, *co_units):
        transition.notify(recipient, entry)
    transition.file_paper(dispatch_paper(claim, transition.current_dispatch()))


def redetermine(transition: Transition, body: act.Redetermine) -> None:
    """R15: decide on a return: dispatch to another unit, or confirm the unit."""
    limits.meet(transition.claim, LimitKind.REDETERMINE, transition.at)
    if body.decision is RedetermineDecision.CONFIRM:
        confirm(transition, body.reason, "R15")
        return
    unit = transition.units.get(body.unit)
    if unit is None:
        raise Refused("R15", "改派须指定承办单位", "请填写改派单位", kind=RefusalKind.INCOMPLETE)
    _redispatch(transition, unit, body.reason, DispatchOrigin.REDETERMINATION)


def _redispatch(transition: Transition, unit: UnitRef, reason: str, origin: DispatchOrigin) -> None:
    current = transition.current_dispatch()
    if unit.id == current.unit.id:
        raise Refused("R15", "改派单位与原单位相同", "维持原单位请选择 confirm", kind=RefusalKind.INCOMPLETE)
    if not transition.claim.dispatches_left:
        raise Refused("R16", f"最多派单{transition.claim.policy.max_dispatches}次", "请维持原单位或提请裁定")
    co_units = tuple(co_unit.unit for co_unit in current.co_units if co_unit.unit.id != unit.id)
    deliver(transition, unit, co_units, basis=reason, origin=origin)


def confirm(transition: Transition, reason: str, rule: str) -> None:
    """R5: keep the unit; its limits resume with the working days that were left, at least one."""
    claim, current = transition.claim, transition.current_dispatch()
    current.confirmed_at = transition.at
    claim.stage = Stage.HANDLING
    text = f"维持由{current.unit.name}承办：{reason}"
    entry = transition.write(
        EventKind.RETURN_CONFIRMED, rule, "R5", text=text, data={"unit": current.unit.id}
    )
    for limit in claim.limits:
        if limit.dispatch == current.n:
            limits.resume(limit, transition.at)
    transition.notify(current.unit, entry)


def refer(transition: Transition, body: act.Refer) -> None:
    """R15: refer the return to the arbiter."""
    limits.meet(transition.claim, LimitKind.REDETERMINE, transition.at)
    refer_to_arbiter(transition, f"提请市委编办会同市司法局确定承办单位：{body.reason}")


def refer_to_arbiter(transition: Transition, text: str) -> None:
    """R16: start the arbiter's limit; the unit's limits stay paused."""
    transition.claim.stage = Stage.ARBITRATION
    limits.start(transition.claim, LimitKind.ARBITRATE, transition.at)
    transition.write(EventKind.REFERRED, "R15", "R16", text=text)


def arbitrate(transition: Transition, body: act.Arbitrate) -> None:
    """R16: a final decision. The same unit's limits resume; another unit's limits start at delivery."""
    if transition.claim.policy.arbiter_hears_justice:
        _check_opinion(transition, body.opinion)
    limits.meet(transition.claim, LimitKind.ARBITRATE, transition.at)
    unit, current = transition.units[body.unit], transition.current_dispatch()
    text, data = f"裁定由{unit.name}承办：{body.reason}", {"unit": unit.id, "reason": body.reason}
    if (opinion := body.opinion) is not None:
        text = f"{text}；{JUSTICE_BUREAU}意见（{opinion.name}，{opinion.given_on}）：{opinion.text}"
        data |= {"opinion_by": opinion.name, "opinion_on": opinion.given_on.isoformat()}
    transition.write(EventKind.ARBITRATED, "R16", text=text, data=dict(data))
    if unit.id == current.unit.id:
        current.origin = DispatchOrigin.ARBITRATION
        confirm(transition, body.reason, "R16")
    else:
        _redispatch(transition, unit, body.reason, DispatchOrigin.ARBITRATION)


def _check_opinion(transition: Transition, opinion: act.JusticeOpinion | None) -> None:
    """R16: a ruling holds the opinion of 市司法局, named and dated."""
    if opinion is None:
        raise Refused(
            "R16",
            f"裁定须附{JUSTICE_BUREAU}的意见",
            "请填写 opinion：出具人、日期、内容",
            kind=RefusalKind.INCOMPLETE,
        )
    if opinion.given_on > local_day(transition.at):
        raise Refused(
            "R16",
            f"{JUSTICE_BUREAU}意见的日期{opinion.given_on}尚未到来",
            "请填写实际出具的日期",
            kind=RefusalKind.INCOMPLETE,
        )


def decide_extension(transition: Transition, body: act.DecideExtension) -> None:
    """R17: extend the limit to 25 working days in total, or resume it with what was left, at least 1 WD."""
    claim = transition.claim
    extension = claim.extension
    resolve = claim.limit(LimitKind.RESOLVE)
    if extension is None or resolve is None:
        raise LookupError(f"{claim.number} has no extension to decide on")
    limits.meet(claim, LimitKind.EXTENSION_DECISION, transition.at)
    decided = {"approved": body.approve, "decided_at": transition.at, "decision_reason": body.reason}
    claim.extension = extension.model_copy(update=decided)
    reason = f"：{body.reason}" if body.reason else ""
    if body.approve:
        limits.extend(resolve, claim.policy, transition.at)
        text = f"同意延期，解决时限延长至{claim.policy.extended_resolve_days}个工作日{reason}"
        entry = transition.write(EventKind.EXTENSION_APPROVED, "R17", text=text)
    else:
        if claim.policy.refused_extension_is_capped:
            resolve.most_days = limits.extended_days(resolve, claim.policy)
        limits.resume(resolve, transition.at)
        text = f"不同意延期，剩余时限继续计算{reason}"
        entry = transition.write(EventKind.EXTENSION_REFUSED, "R17", text=text)
    transition.notify(transition.current_dispatch().unit, entry)


def remind(transition: Transition, body: act.Remind) -> None:
    """R46: notify the unit; no limit starts again."""
    transition.claim.reminders += 1
    words = f"：{body.text}" if body.text else ""
    entry = transition.write(
        EventKind.REMINDED, "R46", text=f"企业第{transition.claim.reminders}次催办{words}"
    )
    notify_unit(transition, entry)


def notify_unit(transition: Transition, entry: Entry) -> None:
    """Notify the unit that handles the claim, if there is one."""
    current = transition.claim.dispatch
    if current is not None and current.ended_at is None:
        transition.notify(current.acting, entry)


def withdraw(transition: Transition, body: act.Withdraw) -> None:
    """R47: close a claim whose withdrawal a call has confirmed; lights stay. Before the call, record the
    enterprise's application."""
    if transition.actor is not None and not transition.actor.has(*CONFIRMS_WITHDRAWAL):
        text = f"企业申请撤回诉求，待电话核实：{body.reason}"
        transition.write(EventKind.WITHDRAWAL_REQUESTED, "R47", text=text)
        return
    if not body.confirmed_by_call:
        raise Refused("R47", "撤回须先电话核实", "请致电企业核实后再登记", kind=RefusalKind.INCOMPLETE)
    entry = transition.write(EventKind.WITHDRAWN, "R47", text=f"企业撤回诉求（已电话核实）：{body.reason}")
    notify_unit(transition, entry)
    close(transition, CloseReason.WITHDRAWN, "R47")
