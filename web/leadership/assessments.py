"""`/app/assessments`: periods, ranks, and every claim behind every figure (R60-R62)."""

from typing import Annotated
from urllib.parse import quote
from uuid import uuid4

from fastapi import Path, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from assessment.cadence.actions import PERIOD_ACTION_NAMES, PeriodAction
from claims.model.values import Actor
from service_layer.assessment.assessment_reading import (
    assessment_summaries,
    read_assessment,
    read_unit,
    require_reader,
)
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import ASSESSMENT_READERS, ASSESSMENT_STARTERS
from service_layer.services import Services
from web.cases.case_forms import CaseForm, Sent
from web.http.page_route import page_router, see_other
from web.http.pending import ActName, after_act
from web.http.rendering import render
from web.leadership.period_acts import act_by_form, actions_of, form_of, options_of

router = page_router()

Period = Annotated[str, Path(max_length=20)]


@router.get("/app/assessments")
async def assessments_page(request: Request, services: Used, actor: Caller) -> Response:
    """Return every period."""
    require_reader(actor)
    context = {
        "periods": await assessment_summaries(services),
        "may_start": actor.has(*ASSESSMENT_STARTERS),
        "request_id": f"web-{uuid4().hex}",
    }
    return render(request, "assessments.html", context)


@router.get("/app/assessments/{period}")
async def assessment_page(
    *,
    request: Request,
    period: Period,
    services: Used,
    actor: Caller,
    act: ActName = "",
    done: ActName = "",
    started: str = "",
) -> Response:
    """Return the units in their groups, by rank, the platform's own delays, and what the reader may do."""
    require_reader(actor)
    name = PERIOD_ACTION_NAMES[PeriodAction(done)] if done in set(PeriodAction) else ""
    told = f"已办理：{name}" if name else "已启动" if started else ""
    return render(
        request, "assessment.html", await _context(services, actor, period, form_of(act), told=told)
    )


@router.post("/app/assessments/{period}/{action}")
async def act_on_assessment(
    request: Request, period: Period, action: str, services: Used, actor: Caller
) -> Response:
    """Object, decide, publish, correct, record answers or points."""
    if (form := form_of(action)) is None:
        raise ServiceError(ErrorKind.NOT_FOUND, "没有这种操作", instead="请从周期页选择操作")
    outcome = await act_by_form(request, services, actor, period, form)
    if isinstance(outcome, Sent):
        path = f"/app/assessments/{quote(period, safe='')}"
        return see_other(after_act(path, action, outcome.request_id, is_known=outcome.is_known))
    context = await _context(services, actor, period, outcome)
    return render(request, "assessment.html", context, status=outcome.status)


async def _context(
    services: Services, actor: Actor, period: str, form: CaseForm | None, *, told: str = ""
) -> dict[str, object]:
    view = await read_assessment(services, actor, period, None)
    groups = dict.fromkeys(unit.group_name for unit in view.units)
    ranked = {
        group: sorted(
            (unit for unit in view.units if unit.group_name == group),
            key=lambda unit: (unit.rank is None, unit.rank or 0, unit.unit),
        )
        for group in groups
    }
    return {
        "view": view,
        "groups": ranked,
        "told": told,
        "actions": actions_of(actor),
        "form": form,
        "may_read_bulletin": view.published_at is not None
        or (bool(view.hash) and actor.has(*ASSESSMENT_READERS)),
        "options": options_of(view),
    }


@router.get("/app/assessments/{period}/{unit}")
async def unit_assessment_page(
    request: Request,
    period: Period,
    unit: Annotated[str, Path(max_length=64)],
    services: Used,
    actor: Caller,
) -> Response:
    """Return a unit's score with its trace, and the claims behind each figure."""
    require_reader(actor)
    view = await read_unit(services, actor, period, unit, None)
    return render(request, "unit_assessment.html", {"view": view})
