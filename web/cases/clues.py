"""`/app/clues`: for inspectors alone (R64); for everybody else there is no such page."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Path, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from activities.workflow_ids import clue_workflow_id
from api.http.dependencies import Caller, Used
from assessment.cases.model import CaseBody
from assessment.clues.model import CLUE_BODIES, CLUE_NAMES, ClueAction, ClueStage, RecordClue
from claims.model.values import Actor
from service_layer.assessment.cases import case_snapshot
from service_layer.assessment.clues import (
    act_on_clue,
    clue_id,
    list_clues,
    read_clue,
    record_clue,
    require_inspector,
)
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services
from web.cases.case_forms import CaseForm, submit
from web.claims.form_fields import FormField, Kind
from web.http.forms import Tree, lines, text
from web.http.page_route import page_router, see_other
from web.http.pending import ActName, Waits, after_act, pending_page
from web.http.rendering import render

router = page_router()

ClueId = Annotated[str, Path(max_length=32)]

_LINKS: Final = (
    FormField("claims", "所涉工单", needed=False, hint="每行一个编号"),
    FormField("units", "所涉单位", Kind.SEVERAL, needed=False, source="units", hint="可按住 Ctrl 选几个"),
    FormField("evidence", "材料编号", needed=False, hint="每行一个"),
)
FIELDS: Final[Mapping[ClueAction, tuple[FormField, ...]]] = MappingProxyType(
    {
        ClueAction.RECORD: (
            FormField("found_at", "发现时间", Kind.INSTANT),
            FormField("place", "地点", Kind.LINE, needed=False),
            FormField("text", "线索内容"),
            *_LINKS,
        ),
        ClueAction.LINK: _LINKS,
        ClueAction.TRANSFER: (
            FormField("to", "移送的纪检监委", Kind.LINE),
            FormField("paper", "移送函文号或附件编号", Kind.LINE),
            FormField("text", "移送意见"),
        ),
        ClueAction.RECEIPT: (
            FormField("paper", "回执文号或附件编号", Kind.LINE),
            FormField("person", "签收人", Kind.LINE),
        ),
        ClueAction.EXPOSE: (
            FormField("medium", "曝光的媒体或栏目", Kind.LINE),
            FormField("text", "曝光情况"),
        ),
        ClueAction.CLOSE: (FormField("text", "办结情况"),),
    }
)
_OFFERED: Final = tuple(one for one in ClueAction if one is not ClueAction.RECORD)


def _form(action: ClueAction) -> CaseForm:
    return CaseForm(action, CLUE_NAMES[action], FIELDS[action])


def _adapt(form: FormData, body: Tree) -> None:
    for name in ("claims", "evidence"):
        if name in form:
            body[name] = [*lines(text(form, name))]


@router.get("/app/clues")
async def clues_page(request: Request, services: Used, actor: Caller) -> Response:
    """Return all clues, and the form that records one."""
    return await _list(request, services, actor, _form(ClueAction.RECORD))


@router.post("/app/clues")
async def record(request: Request, services: Used, actor: Caller) -> Response:
    """Record one."""
    require_inspector(actor)

    async def act(body: CaseBody) -> object:
        return await record_clue(services, body, actor)

    sent = await submit(request, _form(ClueAction.RECORD), RecordClue, act, _adapt)
    if isinstance(sent, CaseForm):
        return await _list(request, services, actor, sent)
    id = clue_id(sent.request_id, actor)
    return see_other(after_act(_path(id), ClueAction.RECORD, sent.request_id, is_known=sent.is_known))


@router.get("/app/clues/{clue}")
async def clue_page(
    *,
    request: Request,
    clue: ClueId,
    services: Used,
    actor: Caller,
    act: ActName = "",
    done: ActName = "",
) -> Response:
    """Show a clue: what was found, and what was done about it."""
    form = _form(ClueAction(act)) if act in set(_OFFERED) else None
    return await _one(request, services, actor, clue, form, done=done)


@router.post("/app/clues/{clue}/{action}")
async def act_on(request: Request, clue: ClueId, action: str, services: Used, actor: Caller) -> Response:
    """Link, transfer, receipt, expose, close."""
    require_inspector(actor)
    if action not in set(_OFFERED):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种操作", instead="请从线索页选择操作")
    wanted = ClueAction(action)

    async def perform(body: CaseBody) -> object:
        return await act_on_clue(services, clue, wanted, body, actor)

    sent = await submit(request, _form(wanted), CLUE_BODIES[wanted], perform, _adapt)
    if isinstance(sent, CaseForm):
        return await _one(request, services, actor, clue, sent)
    return see_other(after_act(_path(clue), wanted, sent.request_id, is_known=sent.is_known))


@router.get("/app/clues/{clue}/pending")
async def pending(waiting: Waits, clue: ClueId, services: Used, actor: Caller) -> Response:
    """Show an act whose outcome is not known yet."""
    require_inspector(actor)
    snapshot = await case_snapshot(services, clue_workflow_id(clue), waiting.request_id)
    outcome = snapshot.outcome if snapshot else None
    form_at = "/app/clues" if waiting.act == ClueAction.RECORD else ""
    return pending_page(waiting, title=f"线索 {clue}", outcome=outcome, path=_path(clue), form_at=form_at)


def _path(clue: str) -> str:
    return f"/app/clues/{quote(clue, safe='')}"


def _names(services: Services) -> dict[str, str]:
    return {unit.id: unit.short for unit in services.organisation.units}


async def _list(request: Request, services: Services, actor: Actor, form: CaseForm) -> Response:
    found = await list_clues(services, actor)
    context = {"clues": found.clues, "form": form, "options": {"units": [*_names(services).items()]}}
    return render(request, "clues.html", context, status=form.status)


async def _one(
    request: Request,
    services: Services,
    actor: Actor,
    id: str,
    form: CaseForm | None,
    *,
    done: str = "",
) -> Response:
    view = await read_clue(services, id, actor)
    names = _names(services)
    is_closed = view.clue.stage is ClueStage.CLOSED
    context = {
        "view": view,
        "names": names,
        "actions": [] if is_closed else [(one, CLUE_NAMES[one]) for one in _OFFERED],
        "form": form,
        "options": {"units": [*names.items()]},
        "done": CLUE_NAMES[ClueAction(done)] if done in set(ClueAction) else "",
    }
    return render(request, "clue.html", context, status=form.status if form else 200)
