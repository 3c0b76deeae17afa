"""From an act, or a day that passes, to a meeting's next state (R63)."""

from datetime import datetime
from typing import Final

from assessment.cases.model import CaseEnvelope
from assessment.cases.step import CaseStep, act, require
from assessment.meetings.model import (
    COORDINATORS,
    MEETING_BODIES,
    MEETING_NAMES,
    AgendaItem,
    Convene,
    FinishItem,
    Followed,
    MeetingAction,
    MeetingStage,
    MeetingState,
    RecordMinutes,
)
from calendar_rules import due_at
from claims.model.events import EventKind
from claims.model.journal import Outcome
from claims.model.organisation import COORDINATION
from claims.model.refusals import Refused

Step = CaseStep[MeetingState]
RULE: Final = "R63"


def perform(
    state: MeetingState, action: MeetingAction, envelope: CaseEnvelope, *, now: datetime
) -> tuple[Step, Outcome]:
    """Perform an act; return the step and its outcome. Never raises."""
    return act(state, action, envelope, _apply, bodies=MEETING_BODIES, rule=RULE, now=now)


def _apply(step: Step, action: str, envelope: CaseEnvelope) -> None:
    wanted = MeetingAction(action)
    require(step, RULE, MEETING_NAMES[wanted], *COORDINATORS)
    body = MEETING_BODIES[wanted].model_validate(envelope.body)
    match body:
        case Convene():
            _convene(step, body, envelope)
        case RecordMinutes():
            _minutes(step, body)
        case FinishItem():
            _finish(step, body)


def _convene(step: Step, body: Convene, envelope: CaseEnvelope) -> None:
    if step.state.seq:
        raise Refused(RULE, f"会议{step.state.id}已经召集", "请另行召集")
    given = envelope.context.get("agenda")
    step.state.period = body.period
    step.state.agenda = tuple(map(AgendaItem.model_validate, given if isinstance(given, list) else []))
    step.write("convened", RULE, text=f"召集{body.period}联席会议，议题{len(step.state.agenda)}项")


def _minutes(step: Step, body: RecordMinutes) -> None:
    state = step.state
    if state.stage is not MeetingStage.CONVENED or not state.seq:
        raise Refused(RULE, f"会议{state.id}的纪要已经登记，或尚未召集", "请核对会议编号")
    state.held_at, state.host, state.attendants = body.held_at, body.host, body.attendants
    state.summary = body.summary
    state.followed = tuple(
        Followed(
            id=f"{state.id}-{n}",
            **decided.model_dump(include={"text", "unit", "claim", "until"}),
        )
        for n, decided in enumerate(body.decisions, start=1)
    )
    state.stage = MeetingStage.HELD if state.followed else MeetingStage.FOLLOWED
    entry = step.write("held", RULE, text=f"联席会议议定{len(state.followed)}项，请按期落实")
    step.notify(_id(step), entry, EventKind.MEETING_DECIDED, *(one.unit for one in state.followed))


def _finish(step: Step, body: FinishItem) -> None:
    state = step.state
    found = next((one for one in state.followed if one.id == body.item), None)
    if found is None or found.done_at is not None:
        raise Refused(RULE, f"没有编号为{body.item}的待落实事项", "请核对事项编号")
    done = found.model_copy(update={"done": body.text, "done_at": step.at})
    state.followed = tuple(done if one.id == done.id else one for one in state.followed)
    if not state.open_items:
        state.stage = MeetingStage.FOLLOWED
    step.write("item-finished", RULE, text=f"事项{found.id}已落实", data={"item": found.id})


def next_due(state: MeetingState) -> datetime | None:
    """When the next open item is overdue."""
    return min((due_at(one.until) for one in state.open_items if not one.overdue), default=None)


def pass_time(state: MeetingState, *, now: datetime) -> Step:
    """Mark items whose day has passed as overdue; notify their units and the coordinators."""
    step = CaseStep(state, at=now)
    for one in state.open_items:
        if one.overdue or due_at(one.until) > now:
            continue
        late = one.model_copy(update={"overdue": True})
        step.state.followed = tuple(late if each.id == one.id else each for each in step.state.followed)
        text = f"联席会议议定事项{one.id}应于{one.until}前落实，尚未登记落实情况"
        entry = step.write("item-overdue", RULE, text=text, data={"item": one.id})
        step.notify(_id(step), entry, EventKind.MEETING_ITEM_OVERDUE, one.unit, COORDINATION.id)
    return step


def _id(step: Step) -> str:
    return f"meeting-{step.state.id}"
