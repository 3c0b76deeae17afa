"""An open claim on which no clock runs any more is not forgotten: whose turn it is hears of it again and again (R32).

That happens after the last reminder to a unit, after a limit of the platform's own, after an order that was not
carried out, and before the leadership group.
"""

from datetime import datetime, timedelta

from claims.limits import start, void
from claims.model.claim import Claim
from claims.model.labels import label
from claims.model.limit import Limit
from claims.model.organisation import PLATFORM, UnitRef
from claims.model.terms import UNIT_STAGES, EventKind, LimitKind, LimitStatus
from claims.transition import Transition


def update_inactivity_timer(claim: Claim, at: datetime) -> None:
    """From an instant on: count how long the claim stands still, if it does, and no longer where a clock runs."""
    counted = claim.live(LimitKind.STANDSTILL)
    stands = claim.closed is None and not claim.over and not any(map(_runs, claim.limits))
    if counted is not None and not stands:
        void(counted, at)
    elif counted is None and stands and claim.policy.standstill_days:
        start(claim, LimitKind.STANDSTILL, at).count_from = _day_zero(at)


def _runs(limit: Limit) -> bool:
    running = limit.status is LimitStatus.RUNNING and limit.kind is not LimitKind.STANDSTILL
    return running or limit.is_followed_up


def _day_zero(at: datetime) -> datetime:
    """What ends with a day belongs to that day, which is day 0."""
    return at - timedelta(microseconds=1)


def report_inactivity(transition: Transition, limit: Limit, at: datetime) -> None:
    """It has stood still for so long: say so, and count on."""
    limit.count_from, limit.fix_wanted = _day_zero(at), True
    limit.reminders += 1
    turn, stage = _whose_turn(transition.claim), label(transition.claim.stage)
    text = (
        f"工单处于“{stage}”，{limit.count_days}个工作日内没有在计的时限，也没有办结："
        f"请{turn.name}抓紧办理（第{limit.reminders}次提醒）"
    )
    transition.notify(turn, transition.write(EventKind.STOOD_STILL, "R32", at=at, text=text))


def _whose_turn(claim: Claim) -> UnitRef:
    if claim.dispatch is None or claim.stage not in UNIT_STAGES or claim.has_pending_extension:
        return PLATFORM
    return claim.dispatch.unit
