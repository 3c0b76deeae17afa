"""Rows about returns: was the claim dispatched to the right unit, and was a return justified (R15, R16)?"""

from collections.abc import Iterator
from datetime import datetime

from assessment.facts.claim_run import ClaimRun, Reason, Rows, When
from assessment.facts.model import Fact
from assessment.terms import Measure
from claims.model.claim_parts import Dispatch
from claims.model.labels import minute
from claims.model.limit import Limit
from claims.model.terms import CloseReason, LimitKind, LimitStatus


def return_facts(run: ClaimRun) -> Iterator[Fact]:
    """First-dispatch accuracy, returns, and returns that were refused. While a return may still be filed or
    waits for its decision, nothing can be said."""
    for dispatch in run.claim.dispatches:
        window = run.first_limit(LimitKind.RETURN_WINDOW, dispatch)
        if window is not None and not window.is_live:
            yield from _of_window(run, dispatch, window)
        if dispatch.returned is not None:
            yield from _refused(run, dispatch)


def _of_window(run: ClaimRun, dispatch: Dispatch, window: Limit) -> Iterator[Fact]:
    rows, when = Rows(run, dispatch.unit, dispatch), When.due(window)
    away, returned = _undecided(run, dispatch), dispatch.returned
    text = f"{minute(returned.at)}退单" if returned else "未退单"
    yield rows.write(
        Measure.RETURNS, when, _no_return(run, dispatch) or Reason("R15", text), n=returned is not None
    )
    if dispatch.n == 1 and not _waits(run, dispatch):
        right = not run.is_wrong(dispatch)
        text = "首次派单即为承办单位" if right else f"首次派单后改派{run.claim.dispatches[1].unit.name}"
        yield rows.write(Measure.FIRST_DISPATCH, when, away or Reason("R14", text), n=right)


def _no_return(run: ClaimRun, dispatch: Dispatch) -> Reason | None:
    """Return whether the unit had no time to say that the claim is not its own."""
    return None if dispatch.returned is not None else _undecided(run, dispatch)


def _undecided(run: ClaimRun, dispatch: Dispatch) -> Reason | None:
    """Return whether the claim ended before it was settled which unit is responsible."""
    if run.ended is CloseReason.WITHDRAWN and _open_at_the_end(run, dispatch):
        return Reason("R47", "企业撤回时尚未确定承办单位", counts=False)
    if run.ended is CloseReason.MERGED and _open_at_the_end(run, dispatch):
        return Reason("R48", "并案时尚未确定承办单位", counts=False)
    return None


def _open_at_the_end(run: ClaimRun, dispatch: Dispatch) -> bool:
    if dispatch.returned is not None:
        return _decided_at(run, dispatch) is None
    window = run.first_limit(LimitKind.RETURN_WINDOW, dispatch)
    fell_away = window is not None and window.status is LimitStatus.VOID
    return fell_away and not any(said.at >= dispatch.delivered_at for said in run.claim.feedbacks)


def _decided_at(run: ClaimRun, dispatch: Dispatch) -> datetime | None:
    """When a return was decided: the same unit confirmed, or another one given the claim."""
    if run.is_wrong(dispatch):
        return run.claim.dispatches[dispatch.n].delivered_at
    return dispatch.confirmed_at


def _waits(run: ClaimRun, dispatch: Dispatch) -> bool:
    """Return whether a return waits for the platform or the arbiter."""
    undecided = dispatch.returned is not None and _decided_at(run, dispatch) is None
    return undecided and run.claim.closed is None


def _refused(run: ClaimRun, dispatch: Dispatch) -> Iterator[Fact]:
    decided = _decided_at(run, dispatch)
    if decided is not None:
        confirmed = not run.is_wrong(dispatch)
        text = f"{minute(decided)}{'维持原单位，退单不成立' if confirmed else '改派，退单成立'}"
        rows = Rows(run, dispatch.unit, dispatch)
        yield rows.write(Measure.RETURNS_REFUSED, When.happened(decided), Reason("R15", text), n=confirmed)
