"""Call-backs (§二.五.3): the evaluation, dissatisfaction, and enterprises that cannot be reached (R41)."""

from calendar_rules import local_day
from claims import limits
from claims.actions.closing import close
from claims.actions.review import dispute_contact
from claims.lifecycle import HOTLINE
from claims.model.claim import Claim
from claims.model.claim_parts import CallBackRecord
from claims.model.events import EventKind
from claims.model.labels import end_of, label
from claims.model.limit import Limit, LimitSchedule
from claims.model.messages import action_bodies as act
from claims.model.organisation import UnitRef
from claims.model.refusals import RefusalKind, Refused
from claims.model.terms import CloseReason, LimitKind, LimitStatus, Role, Stage
from claims.papers.claim_papers import review_form_paper
from claims.transition import Transition


def call_back(transition: Transition, body: act.CallBack) -> None:
    """R40: record a call-back, or the enterprise's own evaluation."""
    if body.reached and body.grade is None:
        raise Refused("R40", "接通的回访须登记满意度", "请填写五级满意度", kind=RefusalKind.INCOMPLETE)
    claim = transition.claim
    _check_who_was_not_reached(transition, body)
    _check_questions(transition, body)
    _check_reason(body)
    limits.meet(claim, LimitKind.CALL_BACK, transition.at)
    fields = body.model_dump(include={"reached", "grade", "resolved", "contacted", "reason", "remark"})
    call = CallBackRecord(at=transition.at, round=claim.round, **fields)
    claim.call_backs.append(call)
    if not call.reached or call.grade is None:
        _record_unanswered_call(transition, call)
        return
    data = body.model_dump(mode="json", include={"grade", "resolved", "contacted", "remark"})
    data |= {"reason": body.reason} if body.reason else {}
    why = f"，主要原因：{label(body.reason)}" if body.reason else ""
    transition.write(EventKind.CALLED_BACK, "R40", text=f"回访评价：{label(call.grade)}{why}", data=data)
    if (link := claim.live(LimitKind.LINK)) is not None:
        limits.void(link, transition.at)
    if call.contacted is False and claim.dispatch is not None:
        dispute_contact(transition)
    if call.grade.satisfied:
        reason = CloseReason.ANSWERED if claim.stage is Stage.ANSWERED else CloseReason.SATISFIED
        close(transition, reason, "R42")
    else:
        _dissatisfied(transition)


def _check_who_was_not_reached(transition: Transition, body: act.CallBack) -> None:
    """R41: an enterprise that evaluates has been reached; that nobody was can only be said by the hotline."""
    actor = transition.actor
    says_so = not body.reached and actor is not None and not actor.has(*HOTLINE, Role.CONSOLE)
    if says_so and transition.claim.policy.unreached_by_hotline:
        reason, instead = "回访未接通只能由12345登记", "请填写您的评价"
        raise Refused("R41", reason, instead, kind=RefusalKind.WRONG_ROLE)


def _check_questions(transition: Transition, body: act.CallBack) -> None:
    """R40, R42: both questions are answered. Neither is asked of an answer on the spot, which no unit handles, nor in
    the Temporal UI, where the plan's own word is the whole signal."""
    claim, actor = transition.claim, transition.actor
    is_console = actor is not None and actor.has(Role.CONSOLE)
    if not (claim.policy.asks_both_questions and body.reached) or claim.dispatch is None or is_console:
        return
    asked = (("是否解决", body.resolved), ("是否联系", body.contacted))
    if missing := [name for name, answered in asked if answered is None]:
        reason = f"接通的回访须登记企业对“{'”“'.join(missing)}”的回答"
        raise Refused("R40", reason, "请补填后重新提交", kind=RefusalKind.INCOMPLETE)


def _check_reason(body: act.CallBack) -> None:
    """R40: a reason from the list says why an enterprise is not satisfied, and nothing else."""
    if body.reason is not None and (body.grade is None or body.grade.satisfied):
        reason = "只有不满意的评价才登记不满意的原因"
        raise Refused("R40", reason, "请核对满意度，或删去原因", kind=RefusalKind.INCOMPLETE)


def _dissatisfied(transition: Transition) -> None:
    claim = transition.claim
    if claim.stage is Stage.ANSWERED:
        limits.void_all(claim, transition.at)
        claim.closed, claim.stage = None, Stage.REGISTERED
        limits.start(claim, LimitKind.DISPATCH, transition.at)
        transition.write(EventKind.REOPENED, "R12", text="企业对即时答复不满意，转派单办理")
    elif claim.round == 0:
        _order_redo(transition, transition.current_dispatch().unit)
    else:
        _open_review(transition, transition.current_dispatch().unit)


def _order_redo(transition: Transition, unit: UnitRef) -> None:
    """R43: return the claim to the unit on the same day; no contact or reply limit starts."""
    transition.claim.round, transition.claim.stage = 1, Stage.REDO
    limits.start(transition.claim, LimitKind.REDO, transition.at, unit)
    text = f"企业不满意，当日退回{unit.name}重新办理"
    transition.notify(unit, transition.write(EventKind.REDO_ORDERED, "R43", text=text))


def _open_review(transition: Transition, unit: UnitRef) -> None:
    """R44: ask the unit for the signed and sealed form within 3 WD."""
    transition.claim.stage = Stage.REVIEW
    limits.start(transition.claim, LimitKind.REVIEW_FORM, transition.at, unit)
    text = f"企业两次不满意，请{unit.name}报送不满意诉求审核反馈表"
    transition.notify(unit, transition.write(EventKind.REVIEW_OPENED, "R44", text=text))
    transition.file_paper(review_form_paper(transition.claim, at=transition.at))


def _record_unanswered_call(transition: Transition, call: CallBackRecord) -> None:
    """R41: record an unanswered call. Its link period is scheduled too, which tells whether the call was on a
    working day."""
    claim = transition.claim
    transition.write(EventKind.UNREACHED, "R41", text="回访未接通", data={"remark": call.remark})
    if claim.stage is Stage.CALL_BACK and claim.live(LimitKind.LINK) is None:
        limits.start(claim, LimitKind.LINK, transition.at)


def date_attempt(transition: Transition, limit: Limit, schedule: LimitSchedule) -> None:
    """R41: after 3 attempts on at least 2 WD send the enterprise a link; before, void the link period."""
    claim = transition.claim
    on_working_day = {"on_working_day": schedule.starts_on_working_day}
    claim.call_backs = [
        call.model_copy(update=on_working_day) if call.at == limit.started_at else call
        for call in claim.call_backs
    ]
    if _has_enough_attempts(claim):
        end = end_of(schedule.last_day, schedule.due_at)
        text = f"多次回访未接通，发送评价链接，{end}前未评价的以无法联系办结"
        transition.notify_enterprise(transition.write(EventKind.LINK_SENT, "R41", text=text))
    else:
        limit.status = LimitStatus.VOID
        limit.ended_at = limit.started_at


def _has_enough_attempts(claim: Claim) -> bool:
    since = claim.called_back_from
    attempts = [call for call in claim.call_backs if not call.reached and (since is None or call.at >= since)]
    days = {local_day(call.at) for call in attempts if call.on_working_day}
    policy = claim.policy
    return len(attempts) >= policy.unreachable_attempts and len(days) >= policy.unreachable_attempt_days


def start_call_back(transition: Transition) -> None:
    """R40: start the hotline's limit for its first call."""
    transition.claim.stage = Stage.CALL_BACK
    transition.claim.called_back_from = transition.at
    limits.start(transition.claim, LimitKind.CALL_BACK, transition.at)


def reopen(transition: Transition, body: act.Reopen) -> None:
    """R41: reopen a claim that was closed as unreachable; the hotline calls the enterprise."""
    claim = transition.claim
    limits.void_all(claim, transition.at)
    claim.closed = None
    if claim.dispatch is not None:
        claim.dispatch.ended_at = None
    transition.write(EventKind.REOPENED, "R41", text=f"企业重新打开诉求：{body.reason}")
    start_call_back(transition)
