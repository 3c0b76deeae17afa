"""`/app/inbox`: a unit's open claims, what is late first."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from service_layer.worklists.inbox import NAMES, Group, unit_inbox, unit_notices
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()


@router.get("/app/inbox")
async def inbox_page(
    request: Request, services: Used, actor: Caller, group: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """One group at a time; the first that holds something unless another is asked for."""
    groups = await unit_inbox(services, actor)
    asked = Group(group) if group in set(Group) else None
    shown = asked or next((one for one, items in groups.items() if items), Group.IN_HAND)
    context = {
        "groups": [(one, NAMES[one], len(items)) for one, items in groups.items()],
        "shown": shown,
        "shown_name": NAMES[shown],
        "items": groups[shown],
        "notices": await unit_notices(services, actor),
    }
    return render(request, "inbox.html", context)
