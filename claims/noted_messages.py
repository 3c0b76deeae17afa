"""Messages that change nothing: unreadable, unknown, not believed, or a cancellation. The journal notes them."""

from datetime import datetime

from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.journal import Outcome
from claims.model.refusals import RefusalKind
from claims.model.values import CONSOLE
from claims.transition import Transition


def refuse_unreadable(claim: Claim, name: str, *, now: datetime) -> Transition:
    """Note a signal that cannot be read; it is not judged as an action without content."""
    return _note_refusal(claim, f"信号“{name[:64]}”的内容无法读取，工单未变", rule="§1", now=now)


def refuse_strangers(claim: Claim, name: str, *, now: datetime) -> Transition:
    """Note a message that only our programs send, and that somebody else has sent."""
    return _note_refusal(claim, f"“{name[:64]}”不是本系统的程序发出的，工单未变", rule="§1", now=now)


def refuse_reused_id(claim: Claim, request_id: str, *, now: datetime) -> Transition:
    """Note a signal from the Temporal UI whose request id was used before for something else."""
    text = f"请求编号“{request_id[:64]}”已用于其他操作，本次操作未办理"
    return _note_refusal(claim, text, rule="§1", now=now)


def _note_refusal(claim: Claim, text: str, *, rule: str, now: datetime) -> Transition:
    transition = Transition(claim, at=now, recorded_at=now, actor=CONSOLE)
    if is_recorded(transition.claim):
        transition.write(EventKind.REFUSED, rule, text=text)
    return transition


def refuse_unknown(claim: Claim, name: str, *, now: datetime, request_id: str = "") -> Transition:
    """Write an unknown signal into the journal; nothing else changes. A request of a later API gets its answer."""
    reason = f"没有名为“{name[:64]}”的操作"
    transition = _note_refusal(claim, f"{reason}，工单未变", rule="§1", now=now)
    if request_id and claim.policy.records_unreadable_signals:
        refused = Outcome(
            request_id=request_id,
            action=name[:64],
            status="refused",
            at=now,
            seq=transition.claim.seq,
            kind=RefusalKind.NOT_NOW,
            rule="§1",
            reason=reason,
            instead="接口与流程的版本不一致，请联系系统管理员",
        )
        transition.outcomes.append(refused)
    return transition


def note_cancellation(claim: Claim, *, now: datetime) -> Transition:
    """R10: write a cancellation request into the journal; the claim continues."""
    transition = Transition(claim, at=now, recorded_at=now, actor=CONSOLE)
    transition.write(
        EventKind.REFUSED, "R10", text="收到取消工作流的请求：诉求件件有回音，不予取消；撤回请按R47办理"
    )
    return transition


def is_recorded(claim: Claim) -> bool:
    """Count a refused attempt; whether the journal tells of it."""
    most = claim.policy.refusals_recorded
    claim.refusals += 1 if most else 0
    return not most or (claim.refusals <= most and not claim.long_history)
