"""The joint meeting (R63): convened with an agenda made from a period's claims, its minutes, and their outcomes."""

import asyncio
from datetime import datetime
from functools import partial

from pydantic import BaseModel

from activities.workflow_ids import meeting_workflow_id
from assessment.cases.model import CaseBody, CaseKind, CaseSnapshot
from assessment.meetings.agenda import agenda
from assessment.meetings.model import (
    COORDINATORS,
    MEETING_NAMES,
    MEETING_STAGES,
    Convene,
    MeetingAction,
    MeetingState,
)
from calendar_rules import local_day
from claims.lifecycle import UNIT
from claims.model.messages.envelopes import digest
from claims.model.values import Actor
from documents.bulletins.meetings import agenda_paper, minutes_paper
from records.cases.meetings import claims_of_period, meeting_state, meeting_states
from records.cases.reader import case_journal
from service_layer.assessment.assessment_reading import parsed_period, shown_edition
from service_layer.assessment.cases import Act, case_snapshot, envelope_of, perform
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import ASSESSMENT_READERS, require_role
from service_layer.services import Services
from workflows.cases.case_runner import CaseOpening
from workflows.cases.meeting import MEETING


class MeetingView(BaseModel):
    """A meeting, as far as the caller may see it."""

    meeting: MeetingState
    stage_name: str


class MeetingList(BaseModel):
    """All meetings, the newest first."""

    meetings: list[MeetingView]


def require_meeting_role(actor: Actor, action: MeetingAction) -> None:
    """Raises FORBIDDEN."""
    require_role(actor, *COORDINATORS, what=MEETING_NAMES[action], rule="R63")


def require_meeting_reader(actor: Actor) -> None:
    """Raises FORBIDDEN."""
    require_role(actor, *ASSESSMENT_READERS, *UNIT, what="查看联席会议", rule="R63")


def meeting_id(period: str, request_id: str, actor: Actor) -> str:
    """Return the id of the meeting that a request convenes; the same for each repetition."""
    return f"{period}-{digest([actor.sub, request_id])[:6]}"


async def convene(services: Services, body: Convene, actor: Actor) -> MeetingView | None:
    """Convene a meeting on a period; None: not known yet. Raises ServiceError."""
    require_meeting_role(actor, MeetingAction.CONVENE)
    period = parsed_period(body.period)
    id = meeting_id(str(period), body.request_id, actor)
    claims = await services.records.run(claims_of_period, period.starts_at, period.ends_at)
    _, shown = await shown_edition(services, period, None)
    items = [item.model_dump(mode="json") for item in agenda(claims, shown.edition.platform)]
    envelope = envelope_of(services, body, actor, {"agenda": items})
    act = Act(meeting_workflow_id(id), MeetingAction.CONVENE, envelope)

    async def send() -> None:
        summary = f"联席会议 · {period}"
        await services.temporal.start_case(MEETING, CaseOpening(id=id), id=act.workflow_id, summary=summary)
        await services.temporal.signal_case(act.workflow_id, act.signal, act.envelope)

    return _shown(services, actor, await perform(services, act, send, lambda: _no_meeting(id)))


async def act_on_meeting(
    services: Services, id: str, action: MeetingAction, body: CaseBody, actor: Actor
) -> MeetingView | None:
    """Minutes, or an item that is done; None: not known yet. Raises ServiceError."""
    require_meeting_role(actor, action)
    act = Act(meeting_workflow_id(id), action, envelope_of(services, body, actor))

    async def send() -> None:
        await services.temporal.signal_case(act.workflow_id, act.signal, act.envelope)

    return _shown(services, actor, await perform(services, act, send, lambda: _no_meeting(id)))


async def read_meeting(services: Services, id: str, actor: Actor) -> MeetingView:
    """Return a meeting. Raises ServiceError, RecordsUnavailable."""
    require_meeting_reader(actor)
    snapshot = await case_snapshot(services, meeting_workflow_id(id))
    state = (
        MeetingState.model_validate(snapshot.state)
        if snapshot
        else await services.records.run(meeting_state, id)
    )
    if state is None:
        raise _no_meeting(id)
    return _view(services, actor, state)


async def list_meetings(services: Services, actor: Actor) -> MeetingList:
    """Return all of them. Raises ServiceError, RecordsUnavailable."""
    require_meeting_reader(actor)
    found = await services.records.run(meeting_states)
    return MeetingList(meetings=[_view(services, actor, state) for state in reversed(found)])


async def meeting_paper(services: Services, id: str, actor: Actor, *, minutes: bool) -> bytes:
    """联席会议议程 or 会议纪要 as Word. Raises ServiceError, RecordsUnavailable."""
    state = (await read_meeting(services, id, actor)).meeting
    if minutes and state.held_at is None:
        raise ServiceError(ErrorKind.NOT_NOW, "会议纪要尚未登记", rule="R63", instead="请在会议召开后再试")
    lines = await services.records.run(case_journal, CaseKind.MEETING, id)
    drawn_up_at = state.held_at if minutes else next((line.at for line in lines), None)
    names = _full_names(services, drawn_up_at)
    make = minutes_paper if minutes else partial(agenda_paper, at=drawn_up_at)
    return await asyncio.to_thread(make, state, names)


def _full_names(services: Services, at: datetime | None) -> dict[str, str]:
    """Return the units' names at the time of a paper, regardless of the time of the request."""
    known = services.city.organisation_on(local_day(at)) if at else services.organisation
    return {unit.id: unit.name for unit in known.units}


def _shown(services: Services, actor: Actor, snapshot: CaseSnapshot | None) -> MeetingView | None:
    return _view(services, actor, MeetingState.model_validate(snapshot.state)) if snapshot else None


def _view(services: Services, actor: Actor, state: MeetingState) -> MeetingView:
    """A unit sees its own claims on the agenda and its own items."""
    if not actor.has(*ASSESSMENT_READERS):
        own, tree = actor.unit.id if actor.unit else "", services.organisation
        state = state.model_copy(
            update={
                "agenda": tuple(
                    one for one in state.agenda if one.unit and tree.is_at_or_below(one.unit, own)
                ),
                "followed": tuple(one for one in state.followed if tree.is_at_or_below(one.unit, own)),
            }
        )
    return MeetingView(meeting=state, stage_name=MEETING_STAGES[state.stage])


def _no_meeting(id: str) -> ServiceError:
    detail = f"没有编号为{id[:40]}的联席会议，或事项均已落实"
    return ServiceError(ErrorKind.NOT_FOUND, detail, rule="R63", instead="请核对会议编号")
