"""`/claims/{number}/exclusion`: apply, decide, appeal, read (R65)."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Body, Depends
from fastapi.responses import JSONResponse, Response
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Number, Used, role_check
from api.http.problems import documented
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
from assessment.cases.model import CaseBody
from assessment.exclusion_cases.actions import EXCLUSION_ACTION_NAMES, EXCLUSION_BODIES, ExclusionAction
from service_layer.assessment import exclusions
from service_layer.assessment.exclusions import ExclusionsView

router = guarded_router("考核")

PATHS: Final = {
    ExclusionAction.APPLY: "/claims/{number}/exclusion",
    ExclusionAction.DECIDE: "/claims/{number}/exclusion/decide",
    ExclusionAction.APPEAL: "/claims/{number}/exclusion/appeal",
}


def _pending(number: str, request_id: str) -> Response:
    return pending_answer(outcome_url(f"/claims/{number}/exclusion", request_id), request_id)


def _endpoint(action: ExclusionAction, body_type: type[CaseBody]) -> Callable[..., Awaitable[Response]]:
    async def act(number: Number, body: CaseBody, services: Used, actor: Caller) -> Response:
        bind_contextvars(request_id=body.request_id, action=action.value)
        view = await exclusions.act_on_exclusion(services, number, action, body, actor)
        if view is None:
            return _pending(number, body.request_id)
        return JSONResponse(view.model_dump(mode="json"))

    act.__annotations__["body"] = Annotated[body_type, KnownFieldsOnly(), Body()]
    return act


for _action, _body_type in EXCLUSION_BODIES.items():
    router.add_api_route(
        PATHS[_action],
        _endpoint(_action, _body_type),
        methods=["POST"],
        operation_id=_action.value.replace("-", "_"),
        summary=EXCLUSION_ACTION_NAMES[_action],
        description=f"{EXCLUSION_ACTION_NAMES[_action]}（R65）。工单本身和亮牌不变；企业看不到。",
        response_model=ExclusionsView,
        responses=ACTION_RESPONSES,
        dependencies=[Depends(role_check(exclusions.require_exclusion_role, _action))],
    )


@router.get(
    "/claims/{number}/exclusion",
    summary="工单的剔除申请",
    responses={404: documented(404)},
)
async def read_exclusions(number: Number, services: Used, actor: Caller) -> ExclusionsView:
    """申请、核定和申诉（R65）；单位只看到本单位的。"""
    return await exclusions.read_exclusions(services, number, actor)


@router.get(
    "/claims/{number}/exclusion/outcomes/{request_id:path}",
    summary="剔除操作的办理结果",
    response_model=RequestOutcome,
    responses=OUTCOME_RESPONSES,
)
async def read_exclusion_outcome(number: Number, request_id: str, services: Used, actor: Caller) -> Response:
    """accepted 已办理，refused 不予办理（附规则和理由），pending 尚未办理。"""
    await exclusions.read_exclusions(services, number, actor)
    snapshot = await exclusions.exclusion_snapshot(services, number, request_id)
    if snapshot is None:
        return _pending(number, request_id)
    if snapshot.outcome is None:
        raise request_not_received()
    return outcome_answer(snapshot.outcome)
