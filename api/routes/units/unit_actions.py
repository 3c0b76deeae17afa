"""`POST /units/{id}/{action}`: interviews, accountability, revoked lights (R35-R37)."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Body, Depends, Path
from fastapi.responses import JSONResponse, Response
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Used, role_check
from api.http.requests.unknown_fields import KnownFieldsOnly
from api.http.routing import guarded_router
from api.schemas.pending import (
    ACTION_RESPONSES,
    OUTCOME_RESPONSES,
    RequestOutcome,
    outcome_answer,
    outcome_url,
    pending_answer,
    request_not_received,
)
from claims.model.messages.action_bodies import ActionBody
from claims.model.messages.unit_action_bodies import UNIT_BODIES, UNIT_RULES, UnitAction
from service_layer.permissions import require_unit_action_role, sees_unit
from service_layer.units.unit_accounts import unit_state
from service_layer.units.unit_actions import perform_on_unit
from service_layer.units.unit_reading import find_unit, unit_view
from service_layer.views.unit import UnitView

router = guarded_router("单位")

UnitId = Annotated[str, Path(description="单位编号", examples=["ZZ-GD"])]

SUMMARIES = {
    UnitAction.RECORD_INTERVIEW: "登记约谈",
    UnitAction.RECORD_ACCOUNTABILITY_STEP: "登记问责进展",
    UnitAction.REVOKE_LIGHT: "撤销亮牌",
}


def _endpoint(action: UnitAction, body_type: type[ActionBody]) -> Callable[..., Awaitable[Response]]:
    async def act(unit_id: UnitId, body: ActionBody, services: Used, actor: Caller) -> Response:
        bind_contextvars(request_id=body.request_id, action=action.value)
        unit = find_unit(services, unit_id)
        if not await perform_on_unit(services, unit.id, action, body, actor):
            return _pending(unit.id, body.request_id)
        shown = await unit_view(services, unit, actor)
        return JSONResponse(shown.model_dump(mode="json"))

    act.__annotations__["body"] = Annotated[body_type, KnownFieldsOnly(), Body()]
    return act


def _pending(unit: str, request_id: str) -> Response:
    return pending_answer(outcome_url(f"/units/{unit}", request_id), request_id)


for _action, _body_type in UNIT_BODIES.items():
    router.add_api_route(
        f"/units/{{unit_id}}/{_action.value}",
        _endpoint(_action, _body_type),
        methods=["POST"],
        operation_id=f"unit_{_action.value.replace('-', '_')}",
        summary=SUMMARIES[_action],
        description=f"{SUMMARIES[_action]}（{UNIT_RULES[_action]}）。同一 `request_id` 重复提交只办一次。",
        response_model=UnitView,
        responses=ACTION_RESPONSES,
        dependencies=[Depends(role_check(require_unit_action_role, _action))],
    )


@router.get(
    "/units/{unit_id}/outcomes/{request_id:path}",
    summary="单位操作的办理结果",
    response_model=RequestOutcome,
    responses=OUTCOME_RESPONSES,
)
async def read_unit_outcome(unit_id: UnitId, request_id: str, services: Used, actor: Caller) -> Response:
    """accepted 已办理，refused 不予办理（附规则和理由），pending 尚未办理。"""
    unit = find_unit(services, unit_id)
    if not sees_unit(services.organisation, unit.id, actor):
        raise request_not_received()
    state = await unit_state(services, unit.id, request_id)
    if state is None:
        return _pending(unit.id, request_id)
    if state.outcome is None:
        raise request_not_received()
    return outcome_answer(state.outcome)
