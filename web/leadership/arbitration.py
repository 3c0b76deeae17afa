"""`/app/arbitration`: claims whose unit is disputed."""

from fastapi import Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from claims.model.terms import Role, Stage
from service_layer.permissions import require_role
from service_layer.worklists.items import work_items
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()


@router.get("/app/arbitration")
async def arbitration_page(request: Request, services: Used, actor: Caller) -> Response:
    """Return each referred claim; both sides stand on its page."""
    require_role(
        actor, Role.ARBITER, Role.SUPERVISOR, Role.COORDINATOR, Role.AUDITOR, what="查看提请裁定的工单"
    )
    items = await work_items(services, actor, stages=(Stage.ARBITRATION,))
    return render(request, "arbitration.html", {"items": items})
