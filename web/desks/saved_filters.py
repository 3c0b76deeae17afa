"""Saving and removing filters of lists; the lists themselves show them."""

from typing import Final

from fastapi import Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from service_layer.worklists.filters import remove_filter, save_filter
from web.http.forms import text
from web.http.page_route import page_router, see_other

router = page_router()

_PATHS: Final = {"inbox": "/app/inbox", "claims": "/app/claims"}


@router.post("/app/filters")
async def change_filters(request: Request, services: Used, actor: Caller) -> Response:
    """Save what is chosen, or remove what was saved; then the list again."""
    form = await request.form()
    page, query = text(form, "page"), text(form, "query")
    if removed := text(form, "remove"):
        await remove_filter(services, actor, page=page, name=removed)
    else:
        await save_filter(services, actor, page=page, name=text(form, "name"), query=query)
    return see_other(f"{_PATHS.get(page, '/')}?{query}")
