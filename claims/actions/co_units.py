"""Co-units' parts (R22): signed for, reported, overdue. A part gives no light and excuses the lead from nothing."""

from datetime import datetime

from pydantic import JsonValue

from claims.model.claim_parts import CoUnit, Dispatch
from claims.model.events import EventKind
from claims.model.labels import end_of, label
from claims.model.messages import action_bodies as act
from claims.model.organisation import UnitRef
from claims.transition import Transition


def sign_for_part(transition: Transition, unit: UnitRef) -> None:
    """R22: record that a co-unit has signed for its part, and its delay."""
    dispatch = transition.current_dispatch()
    part = _own_part(dispatch, unit)
    _replace(dispatch, part, part.model_copy(update={"signed_for_at": transition.at}))
    minutes = int((transition.at - dispatch.delivered_at).total_seconds() // 60)
    text = f"{part.unit.name}签收协办事项，距送达{minutes}分钟"
    data: dict[str, JsonValue] = {"unit": part.unit.id, "delay_minutes": minutes}
    transition.write(EventKind.PART_SIGNED_FOR, "R22", "R20", text=text, data=data)


def report_part(transition: Transition, body: act.ReportPart) -> None:
    """R22: record a co-unit's report; the lead is notified of it."""
    dispatch = transition.current_dispatch()
    actor = transition.actor
    if actor is None or actor.unit is None:
        raise LookupError("a part is reported by a unit")
    part = _own_part(dispatch, actor.unit)
    said = {"reported_at": transition.at, "outcome": body.outcome, "text": body.text}
    _replace(dispatch, part, part.model_copy(update=said))
    text = f"{part.unit.name}报送协办情况（{label(body.outcome)}）：{body.text}"
    data: dict[str, JsonValue] = {
        "unit": part.unit.id,
        "outcome": body.outcome,
        "overdue": part.overdue,
    }
    entry = transition.write(EventKind.PART_REPORTED, "R22", text=text, data=data)
    transition.notify(dispatch.acting, entry)


def note_overdue_part(transition: Transition, unit: str, at: datetime) -> None:
    """R22: the end of a part has passed without a report: the co-unit is warned, and the lead sees it."""
    dispatch = transition.current_dispatch()
    part = next(part for part in dispatch.co_units if part.unit.id == unit)
    _replace(dispatch, part, part.model_copy(update={"overdue": True}))
    if part.last_day is None or part.due_at is None:
        return
    end = end_of(part.last_day, part.due_at)
    text = f"协办事项已于 {end} 到期，{part.unit.name}尚未报送协办情况，计为协办超期，请立即报送"
    entry = transition.write(EventKind.PART_OVERDUE, "R22", at=at, text=text, data={"unit": unit})
    for told in (part.unit, dispatch.acting):
        transition.notify(told, entry)


def _own_part(dispatch: Dispatch, unit: UnitRef) -> CoUnit:
    part = dispatch.part_below(unit)
    if part is None:
        raise LookupError(f"{unit.id} has no part in dispatch {dispatch.n}")
    return part


def _replace(dispatch: Dispatch, old: CoUnit, new: CoUnit) -> None:
    dispatch.co_units = tuple(new if part is old else part for part in dispatch.co_units)
