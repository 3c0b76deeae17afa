"""The inactivity timer: repeatedly reminds the next person to act on an open claim without a running limit
(R32).

A claim has no running limit after the last reminder to a unit, after a missed limit of the platform, after a
missed order, and before the leadership group. One that has gone to 督导问效组 is put before it again,
whatever limits run, until somebody acts.
"""

from datetime import datetime, timedelta

from claims.limits import start, void
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.labels import label
from claims.model.limit import Limit
from claims.model.organisation import PLATFORM, UnitRef
from claims.model.terms import UNIT_STAGES, LimitKind, LimitStatus, Role
from claims.model.values import Actor
from claims.transition import Transition


def update_inactivity_timer(claim: Claim, at: datetime) -> None:
    """Start the timer if the claim is open and no limit runs; stop it otherwise."""
    timer = claim.live(LimitKind.STANDSTILL)
    is_open = claim.closed is None and not claim.over
    inactive = is_open and (claim.put_before_inspectors or not any(map(_is_running, claim.limits)))
    if timer is not None and not inactive:
        void(timer, at)
    elif timer is None and inactive and claim.policy.standstill_days:
        start(claim, LimitKind.STANDSTILL, at).count_from = _counted_from(claim, at)


def note_act(claim: Claim, actor: Actor) -> None:
    """R32: somebody other than the enterprise has acted on a claim that lies before 督导问效组."""
    if not actor.has(Role.ENTERPRISE):
        claim.put_before_inspectors = False


def _is_running(limit: Limit) -> bool:
    running = limit.status is LimitStatus.RUNNING and limit.kind is not LimitKind.STANDSTILL
    return running or limit.is_followed_up


def _counted_from(claim: Claim, at: datetime) -> datetime:
    """The instant's own day is day 0 (R2), or that of feedback's return, which can bring an escalation of
    days before (R18). Under the first edition, midnight ends the day before, which is day 0.
    """
    at = max(at, claim.sent_back_at or at)
    return at if claim.policy.light_starts_own_day else at - timedelta(microseconds=1)


def report_inactivity(transition: Transition, limit: Limit, at: datetime) -> None:
    """Remind the next person to act, and restart the timer."""
    limit.count_from, limit.fix_wanted = _counted_from(transition.claim, at), True
    limit.reminders += 1
    turn, stage = _whose_turn(transition.claim), label(transition.claim.stage)
    days = f"{limit.count_days}个工作日内"
    why = f"{days}没有在计的时限，也没有办结"
    if transition.claim.put_before_inspectors:
        why = f"转督导问效组后{days}仍未办理，再次提请督导问效组关注"
    text = f"工单处于“{stage}”，{why}：请{turn.name}抓紧办理（第{limit.reminders}次提醒）"
    transition.notify(turn, transition.write(EventKind.STOOD_STILL, "R32", at=at, text=text))


def _whose_turn(claim: Claim) -> UnitRef:
    if claim.dispatch is None or claim.stage not in UNIT_STAGES or claim.has_pending_extension:
        return PLATFORM
    return claim.dispatch.unit
