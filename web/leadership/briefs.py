"""`/app/briefs`: new, growing, late and inactive claims of a day or week (R66)."""

from datetime import date, timedelta
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Path, Query, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from calendar_rules import local_day
from service_layer.assessment.briefs import read_brief, require_brief_reader
from service_layer.clock import now
from web.http.page_route import page_router, see_other
from web.http.rendering import render

router = page_router()

_LONGEST: Final = 20


@router.get("/app/briefs")
async def briefs_page(actor: Caller, period: Annotated[str, Query(max_length=_LONGEST)] = "") -> Response:
    """On to the brief of a day or week; today's where none is named."""
    require_brief_reader(actor)
    wanted = period.strip() or local_day(now()).isoformat()
    return see_other(f"/app/briefs/{quote(wanted, safe='')}")


@router.get("/app/briefs/{period}")
async def brief_page(
    request: Request, period: Annotated[str, Path(max_length=_LONGEST)], services: Used, actor: Caller
) -> Response:
    """Return one brief, with the way to those beside it."""
    require_brief_reader(actor)
    brief = await read_brief(services, period)
    week = timedelta(days=7)
    today = local_day(now())
    context = {
        "brief": brief,
        "earlier": _like(period, brief.first_day - (week if _is_week(period) else timedelta(days=1))),
        "later": _like(period, brief.last_day + timedelta(days=1)) if brief.last_day < today else "",
        "day": brief.first_day.isoformat(),
        "weeks": [_week_of(today - week), _week_of(today)],
        "groups": (("类别", brief.categories), ("区（市）", brief.districts), ("事项", brief.matters)),
    }
    return render(request, "brief.html", context)


def _is_week(period: str) -> bool:
    return "W" in period


def _like(period: str, day: date) -> str:
    """Return the day, or its week where the period is one."""
    return _week_of(day) if _is_week(period) else day.isoformat()


def _week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
