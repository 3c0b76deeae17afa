"""Review after the second dissatisfaction (§二.六.2, §二.六.3), and disputed contacts (R52)."""

from datetime import datetime

from claims import limits
from claims.actions.accountability import criticise
from claims.actions.closing import close, disprove_contact, end_if_nothing_is_awaited
from claims.actions.signatures import incomplete, signature_of
from claims.model.claim import Claim
from claims.model.claim_parts import FalseFeedback, ReviewFormRecord, Verification
from claims.model.events import EventKind
from claims.model.labels import end_of
from claims.model.limit import Limit
from claims.model.messages import action_bodies as act
from claims.model.organisation import COORDINATION
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import CloseReason, LimitKind, LimitStatus, Stage
from claims.papers.claim_papers import review_form_paper
from claims.transition import Transition


def file_form(transition: Transition, body: act.ReviewForm) -> None:
    """R44: file the signed and sealed form with the platform."""
    claim, unit = transition.claim, transition.current_dispatch().unit
    signature = signature_of(transition, body.signature)
    missing = [
        name
        for name, given in (
            ("首次办理情况", body.first_result),
            ("再次办理情况", body.second_result),
            ("不满意原因", body.reasons),
            ("办理依据", body.basis),
            ("主要负责人签字", signature),
            ("单位盖章件", body.seal),
        )
        if not given
    ]
    if missing or signature is None:
        raise incomplete("R44", "审核反馈表", missing)
    fields = body.model_dump(include={"first_result", "second_result", "reasons", "basis", "seal"})
    form = ReviewFormRecord(at=transition.at, signature=signature, **fields)
    claim.reviews.append(form)
    transition.file_paper(review_form_paper(claim, form, at=transition.at))
    limits.meet(claim, LimitKind.REVIEW_FORM, transition.at)
    data = {"signed_by": signature.head, "seal": body.seal}
    transition.write(
        EventKind.FORM_FILED, "R44", text=f"{unit.name}报送不满意诉求审核反馈表", data=dict(data)
    )
    _await_verification(transition)


def _await_verification(transition: Transition) -> None:
    transition.claim.stage = Stage.VERIFICATION
    limits.start(transition.claim, LimitKind.VERIFICATION, transition.at)


def verify(transition: Transition, body: act.Verify) -> None:
    """Record the platform's opinion: before the call-back on the feedback (R18), else on the review (R44, R45)."""
    if transition.claim.stage is Stage.CALL_BACK:
        _verify_feedback(transition, body)
    else:
        _verify_review(transition, body)


def _verify_feedback(transition: Transition, body: act.Verify) -> None:
    """R18: send incomplete feedback back, due at the old end or in 1 WD, whichever is later."""
    claim, unit = transition.claim, transition.current_dispatch().unit
    if body.compliant:
        transition.write(EventKind.VERIFIED, "R18", text=f"反馈完整：{body.opinion}")
        return
    kind = LimitKind.RESOLVE if claim.round == 0 else LimitKind.REDO
    for waiting in (LimitKind.CALL_BACK, LimitKind.LINK):
        if (live := claim.live(waiting)) is not None:
            limits.void(live, transition.at)
    claim.stage = Stage.HANDLING if claim.round == 0 else Stage.REDO
    limit = claim.limit(kind)
    if claim.policy.repeats_only_ahead:
        claim.sent_back_at = transition.at
    if claim.policy.one_pair_of_lights_a_limit:
        limits.take_back_feedback(claim, kind, transition.at)
    elif limit is not None and limit.status is LimitStatus.MET:
        limits.restart(limit, transition.at)
    else:
        limits.start(claim, kind, transition.at, unit, days=claim.policy.at_least_days)
    text = f"反馈不完整，退回{unit.name}补充：{body.opinion}"
    transition.notify(unit, transition.write(EventKind.SENT_BACK, "R18", text=text))


def _verify_review(transition: Transition, body: act.Verify) -> None:
    claim = transition.claim
    if claim.stage is Stage.LEADERSHIP and claim.policy.leadership_ends_claims and not body.compliant:
        _end_by_leadership(transition, body)
        return
    days = _order_days(claim, body)
    limits.meet(claim, LimitKind.VERIFICATION, transition.at)
    fields = {"compliant": body.compliant, "opinion": body.opinion, "order_days": days or None}
    claim.verifications.append(Verification(at=transition.at, **fields))
    if body.compliant:
        transition.write(EventKind.VERIFIED, "R44", text=f"核实符合规定：{body.opinion}")
        close(transition, CloseReason.VERIFIED, "R44")
        text = f"请{transition.current_dispatch().unit.name}向企业进一步解释说明，并登记"
        transition.notify(
            transition.current_dispatch().unit,
            transition.write(EventKind.EXPLANATION_AWAITED, "R44", text=text),
        )
    elif claim.stage is Stage.VERIFICATION and _orders(claim) > claim.policy.max_orders:
        claim.stage = Stage.LEADERSHIP
        text = f"责成{claim.policy.max_orders}次仍不符合规定，提请领导小组研究：{body.opinion}"
        entry = transition.write(EventKind.REFERRED_TO_LEADERSHIP, "R45", text=text)
        if claim.policy.leadership_ends_claims:
            transition.notify(COORDINATION, entry)
    else:
        _order_completion(transition, body.opinion, days)


def _end_by_leadership(transition: Transition, body: act.Verify) -> None:
    """R45: what the leadership group decides ends the claim; there is no further order."""
    if body.order_days is not None:
        reason = f"责成办结至多{transition.claim.policy.max_orders}次，领导小组不再责成"
        instead = "请在 opinion 中写明如何办结，不填 order_days"
        raise Refused("R45", reason, instead, kind=RefusalKind.INCOMPLETE)
    transition.claim.verifications.append(
        Verification(at=transition.at, compliant=False, opinion=body.opinion)
    )
    text = f"领导小组研究决定：{body.opinion}"
    transition.notify(
        transition.current_dispatch().unit, transition.write(EventKind.LEADERSHIP_DECIDED, "R45", text=text)
    )
    close(transition, CloseReason.DECIDED, "R45")


def _orders(claim: Claim) -> int:
    """Return the number of completion orders so far, this one included."""
    return sum(1 for opinion in claim.verifications if not opinion.compliant)


def _order_days(claim: Claim, body: act.Verify) -> int:
    most = claim.policy.ordered_completion_most_days
    if body.compliant:
        return 0
    days = claim.policy.ordered_completion_days if body.order_days is None else body.order_days
    if not 1 <= days <= most:
        reason = f"责成办结的期限应为1至{most}个工作日"
        raise Refused("R45", reason, "请改正 order_days", kind=RefusalKind.INCOMPLETE)
    return days


def _order_completion(transition: Transition, opinion: str, days: int) -> None:
    claim, unit = transition.claim, transition.current_dispatch().unit
    claim.stage = Stage.COMPLETION
    limits.start(claim, LimitKind.ORDERED_COMPLETION, transition.at, unit, days=days)
    text = f"不符合规定，责成{unit.name}在{days}个工作日内办结：{opinion}"
    transition.notify(unit, transition.write(EventKind.COMPLETION_ORDERED, "R45", text=text))


def completed(transition: Transition) -> None:
    """R45: verify an ordered completion."""
    limits.meet(transition.claim, LimitKind.ORDERED_COMPLETION, transition.at)
    _await_verification(transition)


def completion_missed(transition: Transition, limit: Limit, at: datetime) -> None:
    """R45: criticise the unit that missed an order, dated at the limit's end; no light is given."""
    if limit.unit is not None and limit.schedule is not None:
        end = end_of(limit.schedule.last_day, limit.schedule.due_at)
        criticise(transition, limit.unit, "R45", f"未按责成的期限（{end}）办结", at=at)


def dispute_contact(transition: Transition) -> None:
    """R52: record that the enterprise denies a contact that the unit has reported."""
    claim = transition.claim
    if claim.disputed_at is None and any(
        contact.dispatch == transition.current_dispatch().n for contact in claim.contacts
    ):
        claim.disputed_at = transition.at
        text = "企业称承办单位未曾联系，与登记的联系记录不符，请平台审核核对通话记录"
        transition.write(EventKind.CONTACT_DISPUTED, "R52", text=text)


def confirm_false_feedback(transition: Transition, body: act.ConfirmFalseFeedback) -> None:
    """R52: record false feedback, and criticise the unit."""
    claim, unit = transition.claim, transition.current_dispatch().acting
    claim.false_feedback = FalseFeedback(at=transition.at, evidence=body.evidence)
    disprove_contact(claim)
    text = f"经核对通话记录，认定{unit.name}虚假反馈：{body.evidence}"
    transition.write(EventKind.FALSE_FEEDBACK_CONFIRMED, "R52", text=text)
    criticise(transition, transition.current_dispatch().unit, "R52", "反馈的企业联系情况不实")
    end_if_nothing_is_awaited(transition)


def explain(transition: Transition, text: str) -> None:
    """R44: record the unit's explanation after the claim was closed as verified."""
    transition.claim.explained_at = transition.at
    transition.write(
        EventKind.EXPLAINED,
        "R44",
        text=f"{transition.current_dispatch().acting.name}向企业进一步解释：{text}",
    )
    end_if_nothing_is_awaited(transition)
