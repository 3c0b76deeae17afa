"""Rows about returns: was the claim dispatched to the right unit, and was a return justified (R15, R16)?"""

from collections.abc import Iterator
from datetime import datetime

from assessment.facts.life import Life, Reason, Rows, When
from assessment.facts.model import Fact
from assessment.terms import Measure
from claims.model.claim_parts import Dispatch
from claims.model.labels import minute
from claims.model.limit import Limit
from claims.model.terms import CloseReason, LimitKind, LimitStatus


def return_facts(life: Life) -> Iterator[Fact]:
    """First-dispatch accuracy, returns, and returns that were refused. While a return may still be filed or
    waits for its decision, nothing can be said."""
    for dispatch in life.claim.dispatches:
        window = life.first_limit(LimitKind.RETURN_WINDOW, dispatch)
        if window is not None and not window.is_live:
            yield from _of_window(life, dispatch, window)
        if dispatch.returned is not None:
            yield from _refused(life, dispatch)


def _of_window(life: Life, dispatch: Dispatch, window: Limit) -> Iterator[Fact]:
    rows, when = Rows(life, dispatch.unit, dispatch), When.due(window)
    away, returned = _undecided(life, dispatch), dispatch.returned
    text = f"{minute(returned.at)}退单" if returned else "未退单"
    yield rows.write(
        Measure.RETURNS, when, _no_return(life, dispatch) or Reason("R15", text), n=returned is not None
    )
    if dispatch.n == 1 and not _waits(life, dispatch):
        right = not life.is_wrong(dispatch)
        text = "首次派单即为承办单位" if right else f"首次派单后改派{life.claim.dispatches[1].unit.name}"
        yield rows.write(Measure.FIRST_DISPATCH, when, away or Reason("R14", text), n=right)


def _no_return(life: Life, dispatch: Dispatch) -> Reason | None:
    """Whether the unit had no time to say that the claim is not its own."""
    return None if dispatch.returned is not None else _undecided(life, dispatch)


def _undecided(life: Life, dispatch: Dispatch) -> Reason | None:
    """Whether the claim ended before it was settled which unit is responsible."""
    if life.ended is CloseReason.WITHDRAWN and _open_at_the_end(life, dispatch):
        return Reason("R47", "企业撤回时尚未确定承办单位", counts=False)
    if life.ended is CloseReason.MERGED and _open_at_the_end(life, dispatch):
        return Reason("R48", "并案时尚未确定承办单位", counts=False)
    return None


def _open_at_the_end(life: Life, dispatch: Dispatch) -> bool:
    if dispatch.returned is not None:
        return _decided_at(life, dispatch) is None
    window = life.first_limit(LimitKind.RETURN_WINDOW, dispatch)
    fell_away = window is not None and window.status is LimitStatus.VOID
    return fell_away and not any(said.at >= dispatch.delivered_at for said in life.claim.feedbacks)


def _decided_at(life: Life, dispatch: Dispatch) -> datetime | None:
    """When a return was decided: the same unit confirmed, or another one given the claim."""
    if life.is_wrong(dispatch):
        return life.claim.dispatches[dispatch.n].delivered_at
    return dispatch.confirmed_at


def _waits(life: Life, dispatch: Dispatch) -> bool:
    """Whether a return waits for the platform or the arbiter."""
    undecided = dispatch.returned is not None and _decided_at(life, dispatch) is None
    return undecided and life.claim.closed is None


def _refused(life: Life, dispatch: Dispatch) -> Iterator[Fact]:
    decided = _decided_at(life, dispatch)
    if decided is not None:
        confirmed = not life.is_wrong(dispatch)
        text = f"{minute(decided)}{'维持原单位，退单不成立' if confirmed else '改派，退单成立'}"
        rows = Rows(life, dispatch.unit, dispatch)
        yield rows.write(Measure.RETURNS_REFUSED, When.happened(decided), Reason("R15", text), n=confirmed)
