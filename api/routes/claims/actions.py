"""`POST /claims/{number}/{action}`: one documented route for each action of the procedure."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Body, Depends
from fastapi.openapi.models import Example
from fastapi.responses import JSONResponse, Response
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Number, Used, role_check
from api.http.problems import Kind, Problem
from api.http.requests.unknown_fields import KnownFieldsOnly
from api.http.routing import guarded_router
from api.schemas.examples import example_of
from api.schemas.pending import ACTION_RESPONSES, outcome_url, pending_answer
from claims.model.labels import label
from claims.model.messages.action_bodies import BODIES, ActionBody
from claims.model.terms import Action
from service_layer.claims.claim_actions import perform
from service_layer.claims.contact_access import view_after
from service_layer.permissions import require_action_role
from service_layer.services import Services
from service_layer.views.claim import ClaimView

router = guarded_router("办理")

_STALLED: Final = "该工单的流程暂时停滞，已告知管理员；操作已收下，流程恢复后即予办理，不必重复提交"

Endpoint = Callable[..., Awaitable[Response]]


async def pending(services: Services, number: str, request_id: str) -> Response:
    """202: no worker answered in time, or the claim's workflow is stalled, for which there is an alarm."""
    is_stalled = await services.temporal.is_stalled(number)
    url = outcome_url(f"/claims/{number}", request_id)
    return pending_answer(url, request_id, detail=_STALLED if is_stalled else None)


def _endpoint(action: Action, body_type: type[ActionBody]) -> Endpoint:
    async def act(number: Number, body: ActionBody, services: Used, actor: Caller) -> Response:
        bind_contextvars(request_id=body.request_id, action=action.value)
        result = await perform(services, number, action, body, actor)
        if result.snapshot is None:
            return await pending(services, result.number, result.request_id)
        view = await view_after(services, result.snapshot, actor)
        return Response(view.model_dump_json(), media_type=JSONResponse.media_type)

    example: Example = {"summary": label(action), "value": example_of(action)}
    body = Body(openapi_examples={action.value: example})
    act.__annotations__["body"] = Annotated[body_type, KnownFieldsOnly(), body]
    return act


for _action, _body_type in BODIES.items():
    router.add_api_route(
        f"/claims/{{number}}/{_action.value}",
        _endpoint(_action, _body_type),
        methods=["POST"],
        name=_action.value,
        operation_id=_action.value.replace("-", "_"),
        summary=label(_action),
        description=f"{label(_action)}（{_body_type.__doc__ or ''}）。同一 `request_id` 重复提交只办一次。",
        response_model=ClaimView,
        responses={200: {"description": "已办理，返回工单现状"}, **ACTION_RESPONSES},
        dependencies=[Depends(role_check(require_action_role, _action))],
    )


@router.post("/claims/{number}/{action}", include_in_schema=False)
async def unknown_action(action: str) -> Response:
    """Any other action: 404."""
    known = "、".join(Action)
    raise Problem(Kind.NOT_FOUND, f"没有“{action[:40]}”这种操作", instead=f"可用的操作：{known}")
