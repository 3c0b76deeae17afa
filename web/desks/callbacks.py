"""`/app/callbacks`: whom 12345 calls next."""

from fastapi import Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from claims.model.terms import Role, Stage
from service_layer.assessment.reinterviews import open_samples
from service_layer.permissions import require_role
from service_layer.worklists.items import work_items
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()


@router.get("/app/callbacks")
async def callbacks_page(request: Request, services: Used, actor: Caller) -> Response:
    """Return the queue by due time, with the attempts so far, and the quarters that wait for re-interviews."""
    require_role(actor, Role.CALLER, Role.SUPERVISOR, what="使用回访台")
    items = await work_items(services, actor, stages=(Stage.CALL_BACK, Stage.ANSWERED))
    samples = await open_samples(services, limit=1)
    return render(request, "callbacks.html", {"items": items, "samples": samples})
