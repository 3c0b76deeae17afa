"""Guards of the lifecycle table: named questions about a claim. Each raises `Refused` if the answer is no."""

from collections.abc import Callable

from claims.model.claim import Claim
from claims.model.claim_parts import Dispatch
from claims.model.labels import end_of
from claims.model.limit import Limit
from claims.model.organisation import UnitRef
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import Category, DispatchOrigin, LimitKind, LimitStatus
from claims.model.values import Actor

Guard = Callable[[Claim], None]
ActorGuard = Callable[[Claim, Actor], None]
"""A condition on a claim and an actor."""


def no_guard(_: Claim) -> None:
    """The stage and the role are enough."""


def anybody(_: Claim, __: Actor) -> None:
    """It is the same for all whom the row allows."""


def has_room_in_journal(claim: Claim) -> None:
    """R46: reminders, supplements and progress end where the journal is full."""
    if claim.is_journal_full:
        reason = f"本工单的记录已达{claim.policy.journal_lines}条，不再登记催办、补充和进展"
        raise Refused("R46", reason, "请致电12345，由市指挥平台协调")


def is_signed_for_where_required(claim: Claim) -> None:
    """R20: where the policy says so, a unit signs for the work order before it records a contact."""
    unsigned = claim.dispatch is not None and claim.dispatch.signed_for_at is None
    if claim.policy.contact_after_signing and unsigned:
        raise Refused("R20", "工单尚未签收，不能登记核实联系", "请先签收")


def is_consultation(claim: Claim) -> None:
    """R12: only a consultation is answered on the spot."""
    if claim.order.category is not Category.CONSULTATION:
        raise Refused("R12", "只有咨询类事项可以即时答复", "请派单给承办单位")


def is_no_disliked_answer(claim: Claim) -> None:
    """R12: a consultation whose answer did not satisfy is dispatched, and nothing else."""
    if claim.policy.disliked_answers_are_dispatched and claim.has_disliked_answer:
        raise Refused("R12", "企业对即时答复不满意，只能派单办理", "请派单给承办单位")


def is_answerable(claim: Claim) -> None:
    """R12: a consultation, and one that was not answered on the spot before."""
    is_consultation(claim)
    is_no_disliked_answer(claim)


def is_splittable(claim: Claim) -> None:
    """R49: a call is split once, before its dispatch, and not an answer that did not satisfy (R12)."""
    is_no_disliked_answer(claim)
    if not claim.policy.splits_calls:
        raise Refused("R49", "本工单适用的规定没有拆分", "请派单给承办单位，由其牵头办理")
    if claim.split is not None:
        raise Refused("R49", "本工单已拆分", "请对拆分后的工单分别办理")
    if claim.order.split_from:
        raise Refused("R49", f"本工单由工单{claim.order.split_from}拆分而来", "请直接办理")


def has_dispatches_left(claim: Claim) -> None:
    """R16: at most three dispatches."""
    if not claim.dispatches_left:
        raise Refused(
            "R16", f"同一诉求最多派单{claim.policy.max_dispatches}次", "请提请裁定或由综合协调组协调"
        )


def signs_for_all(dispatch: Dispatch, unit: UnitRef) -> bool:
    """Return whether the unit signs for the work order (R20) and not for a co-unit's part (R22). A unit above
    both does.
    """
    return unit.id in dispatch.acting.path


def is_unsigned(claim: Claim, actor: Actor) -> None:
    """R20, R22: each dispatch, and each part of a co-unit, is signed for once."""
    dispatch, unit = claim.dispatch, actor.unit
    if dispatch is None or unit is None:
        return
    if signs_for_all(dispatch, unit):
        if dispatch.signed_for_at is not None:
            raise Refused("R20", "本工单已签收", "无需重复签收")
        return
    part = dispatch.part_below(unit)
    if part is None or not part.reports:
        name = dispatch.unit.name
        raise Refused("R14", "此事项由首接单位办理", f"请由{name}办理", kind=RefusalKind.WRONG_ROLE)
    if part.signed_for_at is not None:
        raise Refused("R22", "协办事项已签收", "无需重复签收")


def has_part_to_report(claim: Claim, actor: Actor) -> None:
    """R22: a co-unit reports its part once."""
    dispatch, unit = claim.dispatch, actor.unit
    part = dispatch.part_below(unit) if dispatch is not None and unit is not None else None
    if part is None:
        raise Refused("R22", "此事项由协办单位办理", "首接单位请登记进展或反馈", kind=RefusalKind.WRONG_ROLE)
    if not part.reports:
        raise Refused("R22", "本次派单登记时尚无报送协办情况的规定", "请登记进展")
    if part.reported_at is not None:
        raise Refused("R22", f"{part.unit.name}已报送协办情况", "有新的情况请登记进展")


def is_returnable(claim: Claim) -> None:
    """R15, R16: within the return window, once, and never after an arbitration."""
    dispatch = claim.dispatch
    if dispatch is None:
        return
    if dispatch.origin is DispatchOrigin.ARBITRATION:
        raise Refused("R16", "裁定为最终决定，不得再退单", "请按期办理")
    if dispatch.returned is not None:
        raise Refused("R16", "本次派单已退过一次，平台已维持原单位", "请按期办理")
    if claim.extension is not None:
        raise Refused("R15", "已申请延期，视为接受本工单，不能退单", "请按期办理")
    window = claim.limit(LimitKind.RETURN_WINDOW)
    if window is None or window.status is not LimitStatus.RUNNING:
        ended = window.schedule if window else None
        when = f"退单时限已于 {end_of(ended.last_day, ended.due_at)} 截止，" if ended else "退单时限已过，"
        raise Refused("R15", f"{when}视为接受本工单", "请按期办理；确有困难的，可申请延期")


def is_extendable(claim: Claim) -> None:
    """R17: once, before the resolve limit ends."""
    if claim.extension is not None:
        raise Refused("R17", "每次办理只能申请一次延期", "请在现有时限内办结")
    limit = claim.limit(LimitKind.RESOLVE)
    if limit is None or limit.status is not LimitStatus.RUNNING or _was_missed(claim, limit):
        raise Refused("R17", "解决时限已过，不能再申请延期", "请立即反馈办理结果")


def _was_missed(claim: Claim, limit: Limit) -> bool:
    """Was a limit of this kind and dispatch missed? The working day that R18 adds to one is not extended."""
    return any(
        earlier.kind is limit.kind
        and earlier.dispatch == limit.dispatch
        and earlier.status is LimitStatus.MISSED
        for earlier in claim.limits
    )


def has_pending_extension(claim: Claim) -> None:
    """R17: the platform has an application to decide on."""
    if not claim.has_pending_extension:
        raise Refused("R17", "没有待审核的延期申请", "请待承办单位提出申请")


def has_contact_and_reply(claim: Claim) -> None:
    """R18: feedback is complete only when the unit has contacted the enterprise and replied to it."""
    n = claim.dispatch.n if claim.dispatch else 0
    missing = []
    if not any(contact.dispatch == n for contact in claim.contacts):
        missing.append("核实联系")
    if not any(reply.dispatch == n for reply in claim.replies):
        missing.append("答复企业")
    if missing:
        reason = f"反馈不完整：尚未登记{'和'.join(missing)}"
        raise Refused("R18", reason, f"请先登记{'、'.join(missing)}", kind=RefusalKind.INCOMPLETE)


def awaits_explanation(claim: Claim) -> None:
    """R44: once, after the claim was closed as verified."""
    if not claim.awaits_explanation:
        raise Refused("R44", "工单已办结，没有待登记的解释说明", "如有新的情况，请登记新的诉求")


def is_reopenable(claim: Claim) -> None:
    """R41: only a claim that was closed because nobody could be reached."""
    if not claim.is_reopenable:
        raise Refused("R41", "只有无法联系办结的工单可以重新打开", "如有新的情况，请登记新的诉求")


def has_disputed_contact(claim: Claim) -> None:
    """R52: the enterprise has said that nobody contacted it."""
    if not claim.has_disputed_contact:
        raise Refused("R52", "没有待核对的联系记录", "企业在回访中反映未被联系的，方可认定")


def check_not_complained_of(claim: Claim, *units: UnitRef) -> None:
    """R53: a complaint goes to no unit that it is about, nor to one below it."""
    about = claim.order.complained_of
    if about is None or not claim.policy.complaints_bypass_unit:
        return
    if concerned := next((unit for unit in units if about.id in unit.path), None):
        reason = f"诉求投诉{about.name}，不能交{concerned.name}办理"
        raise Refused("R53", reason, "请交其上级或其他有权处理的单位", kind=RefusalKind.INCOMPLETE)
