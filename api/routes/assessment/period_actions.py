"""`POST /assessments/{period}/{action}`: start, object, decide, publish, correct; re-interviews and points (R62)."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Body, Depends
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from structlog.contextvars import bind_contextvars

from api.http.dependencies import Caller, Used, role_check
from api.http.problems import documented
from api.http.requests.unknown_fields import KnownFieldsOnly
from api.http.routing import guarded_router
from api.routes.assessment.assessments import PeriodPath, may_read
from api.schemas.pending import (
    ACTION_RESPONSES,
    OUTCOME_RESPONSES,
    RequestOutcome,
    outcome_answer,
    outcome_url,
    pending_answer,
    request_not_received,
)
from assessment.cadence.actions import PERIOD_ACTION_NAMES, PERIOD_BODIES, PeriodAction
from assessment.cadence.model import STAGE_NAMES, PeriodState
from assessment.cases.model import CaseBody, CaseSnapshot
from service_layer.assessment import period_actions
from service_layer.assessment.period_actions import StartAssessment
from service_layer.views.assessment import PeriodProgress

router = guarded_router("考核")


def progress(snapshot: CaseSnapshot) -> PeriodProgress:
    """Return the progress of a period."""
    state = PeriodState.model_validate(snapshot.state)
    newest = state.newest
    return PeriodProgress(
        period=state.period,
        stage=state.stage,
        stage_name=STAGE_NAMES[state.stage],
        problem=state.problem,
        edition=newest.edition if newest else None,
        hash=newest.hash if newest else None,
        undecided=[one.id for one in state.undecided],
        request_id=snapshot.outcome.request_id if snapshot.outcome else "",
        last_objection=state.objections[-1].id if state.objections else None,
    )


def _pending(period: str, request_id: str) -> Response:
    return pending_answer(outcome_url(f"/assessments/{period}", request_id), request_id)


async def may_start(actor: Caller) -> None:
    """Checks the role (§1)."""
    period_actions.require_starter(actor)


class StartedView(BaseModel):
    """Whether a period was started."""

    period: str
    started: bool = Field(description="此次启动的为 true，此前已启动的为 false")


@router.post(
    "/assessments/{period}/start",
    summary="启动一个周期的考核",
    status_code=201,
    response_model=StartedView,
    dependencies=[Depends(may_start)],
    responses={200: {"description": "此前已启动", "model": StartedView}, 409: documented(409)},
)
async def start(
    period: PeriodPath, body: Annotated[StartAssessment, KnownFieldsOnly(), Body()], services: Used
) -> Response:
    """周期结束后由排程自动启动；此处供人工启动，同一周期只启动一次（R62）。201 已启动，200 此前已启动。"""
    bind_contextvars(request_id=body.request_id)
    is_new = await period_actions.start_assessment(services, period, body)
    shown = StartedView(period=period, started=is_new)
    return JSONResponse(shown.model_dump(), 201 if is_new else 200)


def _endpoint(action: PeriodAction, body_type: type[CaseBody]) -> Callable[..., Awaitable[Response]]:
    async def act(period: PeriodPath, body: CaseBody, services: Used, actor: Caller) -> Response:
        bind_contextvars(request_id=body.request_id, action=action.value)
        snapshot = await period_actions.act_on_period(services, period, action, body, actor)
        if snapshot is None:
            return _pending(period, body.request_id)
        return JSONResponse(progress(snapshot).model_dump(mode="json"))

    act.__annotations__["body"] = Annotated[body_type, KnownFieldsOnly(), Body()]
    return act


for _action, _body_type in PERIOD_BODIES.items():
    router.add_api_route(
        f"/assessments/{{period}}/{_action.value}",
        _endpoint(_action, _body_type),
        methods=["POST"],
        operation_id=f"assessment_{_action.value.replace('-', '_')}",
        summary=PERIOD_ACTION_NAMES[_action],
        description=f"{PERIOD_ACTION_NAMES[_action]}（R62）。同一 `request_id` 重复提交只办一次。",
        response_model=PeriodProgress,
        responses=ACTION_RESPONSES,
        dependencies=[Depends(role_check(period_actions.require_period_role, _action))],
    )


@router.get(
    "/assessments/{period}/outcomes/{request_id:path}",
    summary="考核操作的办理结果",
    dependencies=[Depends(may_read)],
    response_model=RequestOutcome,
    responses=OUTCOME_RESPONSES,
)
async def read_period_outcome(period: PeriodPath, request_id: str, services: Used) -> Response:
    """accepted 已办理，refused 不予办理（附规则和理由），pending 尚未办理。"""
    snapshot = await period_actions.period_snapshot(services, period, request_id)
    if snapshot is None:
        return _pending(period, request_id)
    if snapshot.outcome is None:
        raise request_not_received()
    return outcome_answer(snapshot.outcome)
