"""Rows about the results of a claim: resolved, satisfied, redone (R40-R45, R60).

They fall on the day on which the claim closed, and on the unit of its last dispatch.
"""

from collections.abc import Iterator
from typing import Final

from assessment.facts.claim_run import ClaimRun, Reason, Rows, When, leaves
from assessment.facts.model import Fact
from assessment.terms import Measure
from claims.model.claim_parts import CallBackRecord
from claims.model.labels import label, minute
from claims.model.organisation import PLATFORM
from claims.model.terms import CloseReason, LimitKind

RESULTS: Final = (
    Measure.RESOLVED,
    Measure.SATISFIED,
    Measure.SATISFIED_WITH_VERIFIED,
    Measure.REDO,
)
_WITHOUT_RESULT: Final = {
    CloseReason.UNREACHABLE: Reason("R41", "无法联系办结，没有评价", counts=False),
    CloseReason.WITHDRAWN: Reason("R47", "企业撤回，没有评价", counts=False),
    CloseReason.ANSWERED: Reason("R12", "即时答复，没有承办单位", counts=False),
    CloseReason.DECLINED: Reason("R13", "不予受理，没有承办单位", counts=False),
}
_VERIFIED: Final = Reason("R44", "核实符合规定办结，不计入满意率", counts=False)
_UNSAID: Final = Reason("R42", "企业未答是否解决", counts=False)


def result_facts(run: ClaimRun) -> Iterator[Fact]:
    """Yield one row for each result of a closed claim."""
    claim = run.claim
    if claim.closed is None:
        return
    dispatch = claim.dispatch
    rows = Rows(run, dispatch.unit if dispatch else PLATFORM, dispatch)
    when = When.happened(claim.closed.at)
    for measure in RESULTS:
        n, reason = _result(run, measure)
        yield rows.write(measure, when, reason, n=n, round=claim.round)


def _result(run: ClaimRun, measure: Measure) -> tuple[bool, Reason]:
    satisfaction = measure in (Measure.SATISFIED, Measure.SATISFIED_WITH_VERIFIED)
    false = run.claim.false_feedback
    if satisfaction and false is not None:
        return False, Reason("R52", f"{minute(false.at)}认定虚假反馈，不计为满意")
    if (away := _without_result(run)) is not None:
        return False, away
    if measure is Measure.REDO:
        return _redone(run)
    if measure is Measure.SATISFIED and run.ended is CloseReason.VERIFIED:
        return False, _VERIFIED
    return _by_evaluation(run, measure)


def _without_result(run: ClaimRun) -> Reason | None:
    """Return why the claim has no result that counts; None where it has one."""
    dispatch, ended = run.claim.dispatch, run.ended
    if dispatch is not None and (away := leaves(run, dispatch)) is not None:
        return away
    if ended is CloseReason.MERGED:
        return Reason("R48", f"与工单{run.claim.merged_into}并案，由该工单计入", counts=False)
    return _WITHOUT_RESULT.get(ended) if ended is not None else None


def _redone(run: ClaimRun) -> tuple[bool, Reason]:
    n = run.claim.dispatch.n if run.claim.dispatch else 0
    redone = any(x.kind is LimitKind.REDO and x.dispatch == n for x in run.claim.limits)
    return redone, Reason("R43", "企业不满意，曾退回重办" if redone else "未重办")


def _by_evaluation(run: ClaimRun, measure: Measure) -> tuple[bool, Reason]:
    """By the enterprise's last evaluation (R40). A claim that was closed as verified counts as dissatisfied (R44)."""
    call = last_call(run)
    if call is None or call.grade is None:
        return False, Reason("R40", "没有评价", counts=False)
    said = f"{minute(call.at)}回访：{label(call.grade)}"
    if measure is not Measure.RESOLVED:
        return call.grade.satisfied, Reason("R40", said)
    if call.resolved is None:
        return False, _UNSAID
    return call.resolved, Reason("R40", f"{said}，{'已解决' if call.resolved else '未解决'}")


def last_call(run: ClaimRun) -> CallBackRecord | None:
    """Return the last call that reached the enterprise."""
    return next((call for call in reversed(run.claim.call_backs) if call.reached), None)
