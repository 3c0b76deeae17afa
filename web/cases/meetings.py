"""`/app/meetings`: joint meetings are convened, their minutes and the outcomes of their decisions are recorded (R63)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Path, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from activities.workflow_ids import meeting_workflow_id
from api.http.dependencies import Caller, Used
from api.http.downloads import saved_as
from assessment.cases.model import CaseBody
from assessment.meetings.model import (
    AGENDA_NAMES,
    COORDINATORS,
    MEETING_BODIES,
    MEETING_NAMES,
    Convene,
    MeetingAction,
    MeetingStage,
    MeetingState,
)
from claims.model.values import Actor
from documents.uploads.media_types import MediaType
from service_layer.assessment.cases import case_snapshot
from service_layer.assessment.meetings import (
    act_on_meeting,
    convene,
    list_meetings,
    meeting_id,
    meeting_paper,
    read_meeting,
    require_meeting_reader,
)
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services
from web.cases.case_forms import CaseForm, submit
from web.claims.form_fields import FormField, Kind
from web.http.forms import Tree, beijing_instant, lines, text
from web.http.page_route import page_router, see_other
from web.http.pending import ActName, Waits, after_act, pending_page
from web.http.rendering import render

router = page_router()

MeetingId = Annotated[str, Path(max_length=40)]

FIELDS: Final[Mapping[MeetingAction, tuple[FormField, ...]]] = MappingProxyType(
    {
        MeetingAction.CONVENE: (FormField("period", "所议周期", Kind.LINE, hint="例如 2026-11、2026-Q4"),),
        MeetingAction.RECORD_MINUTES: (
            FormField("held_at", "召开时间", Kind.INSTANT),
            FormField("host", "主持人", Kind.LINE),
            FormField("attendants", "参加人员", needed=False, hint="每行一人"),
            FormField("summary", "会议纪要"),
            FormField(
                "decisions",
                "议定事项",
                needed=False,
                hint="每行一项：完成日期 责任单位 事项，例如 2026-12-31 市供电公司 完成验收",
            ),
        ),
        MeetingAction.FINISH_ITEM: (
            FormField("item", "议定事项", Kind.SELECT, source="items"),
            FormField("text", "落实情况"),
        ),
    }
)
_OF_STAGE: Final[Mapping[MeetingStage, tuple[MeetingAction, ...]]] = MappingProxyType(
    {
        MeetingStage.CONVENED: (MeetingAction.RECORD_MINUTES,),
        MeetingStage.HELD: (MeetingAction.FINISH_ITEM,),
        MeetingStage.FOLLOWED: (),
    }
)
"""The next acts, which the page offers; the meeting itself decides."""


def _form(action: MeetingAction) -> CaseForm:
    return CaseForm(action, MEETING_NAMES[action], FIELDS[action])


@router.get("/app/meetings")
async def meetings_page(request: Request, services: Used, actor: Caller) -> Response:
    """Return all meetings, and the form that convenes one."""
    return await _list(request, services, actor, _form(MeetingAction.CONVENE))


@router.post("/app/meetings")
async def convene_meeting(request: Request, services: Used, actor: Caller) -> Response:
    """Convene one; its agenda is made from the period's claims."""

    async def act(body: Convene) -> object:
        return await convene(services, body, actor)

    sent = await submit(request, _form(MeetingAction.CONVENE), Convene, act)
    if isinstance(sent, CaseForm):
        return await _list(request, services, actor, sent)
    id = meeting_id(text(await request.form(), "period"), sent.request_id, actor)
    return see_other(after_act(_path(id), MeetingAction.CONVENE, sent.request_id, is_known=sent.is_known))


@router.get("/app/meetings/{meeting}")
async def meeting_page(
    *,
    request: Request,
    meeting: MeetingId,
    services: Used,
    actor: Caller,
    act: ActName = "",
    done: ActName = "",
) -> Response:
    """Agenda, minutes, decisions and how they were kept."""
    form = _form(MeetingAction(act)) if act in set(MeetingAction) else None
    return await _one(request, services, actor, meeting, form, done=done)


@router.post("/app/meetings/{meeting}/{action}")
async def act_on(
    request: Request, meeting: MeetingId, action: str, services: Used, actor: Caller
) -> Response:
    """Minutes, or a decision that was kept."""
    if action not in (MeetingAction.RECORD_MINUTES, MeetingAction.FINISH_ITEM):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种操作", instead="请从会议页选择操作")
    wanted = MeetingAction(action)

    def adapt(form: FormData, body: Tree) -> None:
        if wanted is MeetingAction.RECORD_MINUTES:
            body["held_at"] = beijing_instant(text(form, "held_at"))
            body["attendants"] = [*lines(text(form, "attendants"))]
            body["decisions"] = [_decision(services, line) for line in lines(text(form, "decisions"))]

    async def perform(body: CaseBody) -> object:
        return await act_on_meeting(services, meeting, wanted, body, actor)

    sent = await submit(request, _form(wanted), MEETING_BODIES[wanted], perform, adapt)
    if isinstance(sent, CaseForm):
        return await _one(request, services, actor, meeting, sent)
    return see_other(after_act(_path(meeting), wanted, sent.request_id, is_known=sent.is_known))


@router.get("/app/meetings/{meeting}/pending")
async def pending(waiting: Waits, meeting: MeetingId, services: Used, actor: Caller) -> Response:
    """Show an act whose outcome is not known yet."""
    require_meeting_reader(actor)
    snapshot = await case_snapshot(services, meeting_workflow_id(meeting), waiting.request_id)
    outcome = snapshot.outcome if snapshot else None
    form_at = "/app/meetings" if waiting.act == MeetingAction.CONVENE else ""
    return pending_page(
        waiting, title=f"联席会议 {meeting}", outcome=outcome, path=_path(meeting), form_at=form_at
    )


@router.get("/app/meetings/{meeting}/{paper}.docx")
async def paper(meeting: MeetingId, paper: str, services: Used, actor: Caller) -> Response:
    """Return the agenda or the minutes, to be saved."""
    if paper not in ("agenda", "minutes"):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种文件", instead="请从会议页下载")
    is_minutes = paper == "minutes"
    content = await meeting_paper(services, meeting, actor, minutes=is_minutes)
    name = f"{'会议纪要' if is_minutes else '会议议程'}-{meeting}.docx"
    return saved_as(name, content, MediaType.DOCX.value)


def _path(meeting: str) -> str:
    return f"/app/meetings/{quote(meeting, safe='')}"


def _decision(services: Services, line: str) -> Tree:
    day, _, rest = line.partition(" ")
    unit, _, what = rest.strip().partition(" ")
    known = next(
        (one.id for one in services.organisation.units if unit in (one.id, one.short, one.name)), unit
    )
    return {"until": day, "unit": known, "text": what.strip()}


async def _list(request: Request, services: Services, actor: Actor, form: CaseForm) -> Response:
    found = await list_meetings(services, actor)
    context = {"meetings": found.meetings, "form": form if actor.has(*COORDINATORS) else None}
    return render(request, "meetings.html", context, status=form.status)


async def _one(
    request: Request,
    services: Services,
    actor: Actor,
    id: str,
    form: CaseForm | None,
    *,
    done: str = "",
) -> Response:
    view = await read_meeting(services, id, actor)
    state: MeetingState = view.meeting
    actions = _OF_STAGE[state.stage] if actor.has(*COORDINATORS) else ()
    context = {
        "view": view,
        "names": {unit.id: unit.short for unit in services.organisation.units},
        "kinds": AGENDA_NAMES,
        "actions": [(one, MEETING_NAMES[one]) for one in actions],
        "form": form if form and form.action in actions else None,
        "options": {"items": [(one.id, f"{one.until} {one.text[:40]}") for one in state.open_items]},
        "done": MEETING_NAMES[MeetingAction(done)] if done in set(MeetingAction) else "",
    }
    return render(request, "meeting.html", context, status=form.status if form else 200)
