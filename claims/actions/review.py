"""After the second dissatisfaction (§二.六.2, §二.六.3), and when a unit's word is doubted (R52)."""

from datetime import datetime

from claims import limits
from claims.actions.accountability import criticise
from claims.actions.closing import awaits_check, close, settle
from claims.actions.signatures import incomplete, signature_of
from claims.model import action_bodies as act
from claims.model.claim import Claim, FalseFeedback, ReviewForm, Verification
from claims.model.labels import end_of
from claims.model.limit import Limit
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import CloseReason, EventKind, LimitKind, LimitStatus, Stage
from claims.papers.claim_papers import review_form_paper
from claims.step import Step, Units


def file_form(step: Step, body: act.ReviewForm, units: Units) -> None:  # noqa: ARG001
    """R44: the signed and sealed form goes to the platform."""
    claim, unit = step.claim, step.unit().unit
    signature = signature_of(step, body.signature)
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
    form = ReviewForm(at=step.at, signature=signature, **fields)
    claim.reviews.append(form)
    step.file(review_form_paper(claim, form, at=step.at))
    limits.meet(claim, LimitKind.REVIEW_FORM, step.at)
    data = {"signed_by": signature.head, "seal": body.seal}
    step.write(EventKind.FORM_FILED, "R44", text=f"{unit.name}报送不满意诉求审核反馈表", data=dict(data))
    _await_verification(step)


def _await_verification(step: Step) -> None:
    step.claim.stage = Stage.VERIFICATION
    limits.start(step.claim, LimitKind.VERIFICATION, step.at)


def verify(step: Step, body: act.Verify, units: Units) -> None:  # noqa: ARG001
    """R18 before the call-back; R44 and R45 after the form."""
    if step.claim.stage is Stage.CALL_BACK:
        _verify_feedback(step, body)
    else:
        _verify_review(step, body)


def _verify_feedback(step: Step, body: act.Verify) -> None:
    """R18: incomplete feedback goes back, due at the old limit or 1 WD later, whichever is later."""
    claim, unit = step.claim, step.unit().unit
    if body.compliant:
        step.write(EventKind.VERIFIED, "R18", text=f"反馈完整：{body.opinion}")
        return
    kind = LimitKind.RESOLVE if claim.round == 0 else LimitKind.REDO
    for waiting in (LimitKind.CALL_BACK, LimitKind.LINK):
        if (live := claim.live(waiting)) is not None:
            limits.void(live, step.at)
    claim.stage = Stage.HANDLING if claim.round == 0 else Stage.REDO
    limit = claim.limit(kind)
    if limit is not None and limit.status is LimitStatus.MET:
        limits.give_more(limit, step.at)
    else:
        limits.start(claim, kind, step.at, unit, days=claim.policy.at_least_days)
    text = f"反馈不完整，退回{unit.name}补充：{body.opinion}"
    step.notify(unit, step.write(EventKind.SENT_BACK, "R18", text=text))


def _verify_review(step: Step, body: act.Verify) -> None:
    claim = step.claim
    days = _order_days(claim, body)
    limits.meet(claim, LimitKind.VERIFICATION, step.at)
    fields = {"compliant": body.compliant, "opinion": body.opinion, "order_days": days or None}
    claim.verifications.append(Verification(at=step.at, **fields))
    if body.compliant:
        step.write(EventKind.VERIFIED, "R44", text=f"核实符合规定：{body.opinion}")
        close(step, CloseReason.VERIFIED, "R44")
        text = f"请{step.unit().unit.name}向企业进一步解释说明，并登记"
        step.notify(step.unit().unit, step.write(EventKind.EXPLANATION_AWAITED, "R44", text=text))
    elif claim.stage is Stage.VERIFICATION and _orders(claim) > claim.policy.max_orders:
        claim.stage = Stage.LEADERSHIP
        text = f"责成{claim.policy.max_orders}次仍不符合规定，提请领导小组研究：{body.opinion}"
        step.write(EventKind.REFERRED_TO_LEADERSHIP, "R45", text=text)
    else:
        _order_completion(step, body.opinion, days)


def _orders(claim: Claim) -> int:
    """How many opinions have asked for completion, this one included."""
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


def _order_completion(step: Step, opinion: str, days: int) -> None:
    claim, unit = step.claim, step.unit().unit
    claim.stage = Stage.COMPLETION
    limits.start(claim, LimitKind.ORDERED_COMPLETION, step.at, unit, days=days)
    text = f"不符合规定，责成{unit.name}在{days}个工作日内办结：{opinion}"
    step.notify(unit, step.write(EventKind.COMPLETION_ORDERED, "R45", text=text))


def completed(step: Step) -> None:
    """R45: done, verified again."""
    limits.meet(step.claim, LimitKind.ORDERED_COMPLETION, step.at)
    _await_verification(step)


def completion_missed(step: Step, limit: Limit, at: datetime) -> None:
    """R45: no further light; criticism and an accountability file, dated at the limit's own instant."""
    if limit.unit is not None and limit.schedule is not None:
        end = end_of(limit.schedule.last_day, limit.schedule.due_at)
        criticise(step, limit.unit, "R45", f"未按责成的期限（{end}）办结", at=at)


def dispute_contact(step: Step) -> None:
    """R52: the enterprise says at call-back that it was never contacted, the unit reported that it was."""
    claim = step.claim
    if claim.disputed_at is None and any(contact.dispatch == step.unit().n for contact in claim.contacts):
        claim.disputed_at = step.at
        text = "企业称承办单位未曾联系，与登记的联系记录不符，请平台审核核对通话记录"
        step.write(EventKind.CONTACT_DISPUTED, "R52", text=text)


def confirm_false_feedback(step: Step, body: act.ConfirmFalseFeedback, units: Units) -> None:  # noqa: ARG001
    """R52: counts as neither contacted nor satisfied; criticism and an accountability file."""
    claim, unit = step.claim, step.unit().acting
    if not awaits_check(claim):
        raise Refused("R52", "没有待核对的联系记录", "请核对回访记录")
    claim.false_feedback = FalseFeedback(at=step.at, evidence=body.evidence)
    text = f"经核对通话记录，认定{unit.name}虚假反馈：{body.evidence}"
    step.write(EventKind.FALSE_FEEDBACK_CONFIRMED, "R52", text=text)
    criticise(step, step.unit().unit, "R52", "反馈的企业联系情况不实")
    settle(step)


def explain(step: Step, text: str) -> None:
    """R44: the unit's further explanation after a closing as verified."""
    step.claim.explained_at = step.at
    step.write(EventKind.EXPLAINED, "R44", text=f"{step.unit().acting.name}向企业进一步解释：{text}")
    settle(step)
