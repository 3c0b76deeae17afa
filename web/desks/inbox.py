"""`/app/inbox`: a unit's open claims, what is late first."""

from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from service_layer.worklists.inbox import NAMES, Group, unit_inbox, unit_notices
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()

PATH: Final = "/app/inbox"
SEEN: Final = "zaoying_notices_seen"
SEEN_FOR: Final = 365 * 24 * 60 * 60
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@router.get(PATH)
async def inbox_page(
    request: Request, services: Used, actor: Caller, group: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """One group at a time; the first that holds something unless another is asked for."""
    groups = await unit_inbox(services, actor)
    asked = Group(group) if group in set(Group) else None
    shown = asked or next((one for one, items in groups.items() if items), Group.IN_HAND)
    notices = await unit_notices(services, actor)
    context = {
        "groups": [(one, NAMES[one], len(items)) for one, items in groups.items()],
        "shown": shown,
        "shown_name": NAMES[shown],
        "items": groups[shown],
        "notices": notices,
        "seen_until": _seen_until(request),
    }
    response = render(request, "inbox.html", context)
    if notices:
        newest = max(one.at for one in notices).isoformat()
        secure = request.url.scheme == "https"
        response.set_cookie(
            SEEN, newest, max_age=SEEN_FOR, path=PATH, secure=secure, httponly=True, samesite="lax"
        )
    return response


def _seen_until(request: Request) -> datetime:
    """The newest notice that this browser has shown; everything later is marked as new."""
    try:
        at = datetime.fromisoformat(request.cookies.get(SEEN, ""))
    except ValueError:
        return _LONG_AGO
    return at if at.tzinfo else _LONG_AGO
