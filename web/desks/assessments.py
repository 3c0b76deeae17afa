"""`/app/assessments`: periods, ranks, and every claim behind every figure (R60-R62)."""

from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from service_layer.assessment.assessment_reading import (
    assessment_summaries,
    read_assessment,
    read_unit,
    require_reader,
)
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()

Period = Annotated[str, Path(max_length=20)]


@router.get("/app/assessments")
async def assessments_page(request: Request, services: Used, actor: Caller) -> Response:
    """Every period."""
    require_reader(actor)
    return render(request, "assessments.html", {"periods": await assessment_summaries(services)})


@router.get("/app/assessments/{period}")
async def assessment_page(request: Request, period: Period, services: Used, actor: Caller) -> Response:
    """The units in their groups, by rank, and the platform's own delays."""
    require_reader(actor)
    view = await read_assessment(services, actor, period, None)
    groups = dict.fromkeys(unit.group_name for unit in view.units)
    ranked = {
        group: sorted(
            (unit for unit in view.units if unit.group_name == group),
            key=lambda unit: (unit.rank is None, unit.rank or 0, unit.unit),
        )
        for group in groups
    }
    return render(request, "assessment.html", {"view": view, "groups": ranked})


@router.get("/app/assessments/{period}/{unit}")
async def unit_assessment_page(
    request: Request,
    period: Period,
    unit: Annotated[str, Path(max_length=64)],
    services: Used,
    actor: Caller,
) -> Response:
    """A unit's score with its trace, and the claims behind each figure."""
    require_reader(actor)
    view = await read_unit(services, actor, period, unit, None)
    return render(request, "unit_assessment.html", {"view": view})
