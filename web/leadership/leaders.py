"""`/app/leaders`: what came before the leadership group, and the units' lights and measures; `/app/units/{id}`: one unit."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Path, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from api.http.dependencies import Caller, Used
from claims.model.messages.action_bodies import ActionBody
from claims.model.messages.unit_action_bodies import UNIT_BODIES, UNIT_ROLES, UnitAction
from claims.model.terms import Role, Stage
from claims.model.values import Actor
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import ASSESSMENT_READERS, require_role
from service_layer.services import Services
from service_layer.units.unit_accounts import unit_state_with_outcome
from service_layer.units.unit_actions import perform_on_unit
from service_layer.units.unit_reading import find_unit, unit_summaries, unit_view
from service_layer.worklists.items import work_items
from web.cases.case_forms import CaseForm, submit
from web.claims.form_fields import YES_NO, FormField, Kind
from web.http.forms import Tree, lines
from web.http.page_route import page_router, see_other
from web.http.pending import ActName, Waits, after_act, pending_page
from web.http.rendering import render

router = page_router()

UnitId = Annotated[str, Path(max_length=64)]

FORMS: Final[Mapping[UnitAction, tuple[str, tuple[FormField, ...]]]] = MappingProxyType(
    {
        UnitAction.RECORD_INTERVIEW: (
            "登记约谈",
            (
                FormField("measure", "约谈", Kind.SELECT, source="interviews"),
                FormField("person", "被约谈的主要负责人", Kind.LINE),
                FormField("held_at", "约谈时间", Kind.INSTANT, needed=False),
                FormField("place", "约谈地点", Kind.LINE, needed=False),
                FormField("record", "约谈记录"),
                FormField(
                    "promises", "整改措施", hint="每行一条：完成日期 空格 措施，例如 2026-12-31 每日调度"
                ),
            ),
        ),
        UnitAction.RECORD_ACCOUNTABILITY_STEP: (
            "登记问责处理",
            (
                FormField("measure", "问责材料", Kind.SELECT, source="files"),
                FormField("text", "处理情况"),
                FormField("closes", "是否就此办结", Kind.CHOICE, options=YES_NO),
            ),
        ),
        UnitAction.REVOKE_LIGHT: (
            "撤销亮牌",
            (
                FormField("light", "亮牌", Kind.SELECT, source="lights"),
                FormField("reason", "撤销理由", hint="系统故障，或属平台责任"),
            ),
        ),
    }
)


@router.get("/app/leaders")
async def leaders_page(request: Request, services: Used, actor: Caller) -> Response:
    """Claims that wait for the group, and every unit with lights, the worst first."""
    require_role(actor, *ASSESSMENT_READERS, what="查看领导小组页面")
    units = [one for one in await unit_summaries(services, actor) if one.counts is not None]
    marked = [one for one in units if one.counts and (one.counts.yellow or one.counts.red)]
    context = {
        "items": await work_items(
            services, actor, stages=(Stage.LEADERSHIP, Stage.COMPLETION, Stage.ARBITRATION)
        ),
        "units": sorted(
            marked, key=lambda one: (-one.counts.red, -one.counts.yellow) if one.counts else (0, 0)
        ),
        "may_decide": actor.has(Role.COORDINATOR),
    }
    return render(request, "leaders.html", context)


@router.get("/app/units/{unit}")
async def unit_page(
    *,
    request: Request,
    unit: UnitId,
    services: Used,
    actor: Caller,
    act: ActName = "",
    done: ActName = "",
) -> Response:
    """Return a unit's lights, interviews and accountability files."""
    told = f"已办理：{FORMS[UnitAction(done)][0]}" if done in set(UnitAction) else ""
    form = _form(UnitAction(act)) if act in set(UnitAction) else None
    return await _page(request, services, actor, unit, form, told=told)


@router.post("/app/units/{unit}/{action}")
async def act_on_unit(request: Request, unit: UnitId, action: str, services: Used, actor: Caller) -> Response:
    """Record an interview or a step, or revoke a light."""
    if action not in set(UnitAction):
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种操作", instead="请从单位页选择操作")
    wanted, id = UnitAction(action), find_unit(services, unit).id

    async def perform(body: ActionBody) -> object:
        return await perform_on_unit(services, id, wanted, body, actor) or None

    sent = await submit(request, _form(wanted), UNIT_BODIES[wanted], perform, _adapt)
    if isinstance(sent, CaseForm):
        return await _page(request, services, actor, unit, sent)
    return see_other(after_act(_path(unit), wanted, sent.request_id, is_known=sent.is_known))


def _form(action: UnitAction) -> CaseForm:
    title, fields = FORMS[action]
    return CaseForm(action, title, fields)


def _adapt(_: FormData, body: Tree) -> None:
    if promises := body.pop("promises", None):
        pairs = [line.partition(" ") for line in lines(str(promises))]
        body["measures"] = [{"until": day, "text": what.strip()} for day, _, what in pairs]


@router.get("/app/units/{unit}/pending")
async def pending(waiting: Waits, unit: UnitId, services: Used, actor: Caller) -> Response:
    """Show an act whose outcome is not known yet."""
    found = find_unit(services, unit)
    await unit_view(services, found, actor)
    state = await unit_state_with_outcome(services, found.id, waiting.request_id)
    outcome = state.outcome if state else None
    return pending_page(waiting, title=found.short, outcome=outcome, path=_path(unit))


def _path(unit: str) -> str:
    return f"/app/units/{quote(unit, safe='')}"


async def _page(
    request: Request,
    services: Services,
    actor: Actor,
    unit: str,
    form: CaseForm | None,
    *,
    told: str = "",
) -> Response:
    view = await unit_view(services, find_unit(services, unit), actor)
    measures, lights = view.measures or [], view.lights or []
    open_measures = [one for one in measures if one.status == "open"]
    context = {
        "unit": view,
        "actions": [(one, FORMS[one][0]) for one in UnitAction if actor.has(*UNIT_ROLES[one])],
        "told": told,
        "form": form,
        "options": {
            "interviews": [
                (one.id, f"{one.kind_name} {one.id}") for one in open_measures if one.kind == "interview"
            ],
            "files": [
                (one.id, f"{one.kind_name} {one.id}") for one in open_measures if one.kind != "interview"
            ],
            "lights": [(one.id, one.id) for one in lights if not one.revoked],
        },
    }
    return render(request, "unit.html", context, status=form.status if form else 200)
