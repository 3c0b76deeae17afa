"""`/app/board`: what the platform has to decide, what is late, and how many claims are where."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from claims.model.labels import label
from claims.model.terms import Stage
from claims.need_to_know import sees_every_claim
from records.queries.worklists import count_open
from service_layer.errors import ErrorKind, ServiceError
from service_layer.worklists.items import WorkItem, items_at_risk, late_items, work_items
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()

DECIDED_BY_PLATFORM: Final = (
    *(Stage.REDETERMINATION, Stage.HANDLING, Stage.VERIFICATION, Stage.CALL_BACK, Stage.REDO, Stage.REVIEW),
)
_BARS: Final = 8
_ROW: Final = 30


@router.get("/app/board")
async def board_page(request: Request, services: Used, actor: Caller) -> Response:
    """Refreshed by itself."""
    if not sees_every_claim(actor):
        raise ServiceError(
            ErrorKind.FORBIDDEN,
            "平台看板由市级平台和领导小组使用",
            rule="§1",
            instead="请从首页进入您的工作台",
        )
    counts = await services.records.run(count_open)
    waiting = await work_items(services, actor, stages=DECIDED_BY_PLATFORM)
    late = await late_items(services, actor)
    by_stage = {label(stage): counts.stages.get(stage, 0) for stage in Stage if stage is not Stage.CLOSED}
    context = {
        "counts": counts,
        "open": sum(counts.stages.values()),
        "returns": [one for one in waiting if one.stage is Stage.REDETERMINATION],
        "extensions": [one for one in waiting if one.extension_pending],
        "verifications": [one for one in waiting if one.stage is Stage.VERIFICATION],
        "disputes": [one for one in waiting if one.disputed],
        "late": [one for one in late if _delays(one, of_platform=False)],
        "own_delays": [one for one in late if _delays(one, of_platform=True)],
        "at_risk": await items_at_risk(services, actor),
        "charts": (
            ("各阶段在办工单", bars(by_stage)),
            ("承办单位在办工单", bars(counts.units)),
            ("各区（市）在办工单", bars({name or "未写明": n for name, n in counts.districts.items()})),
        ),
    }
    is_fragment = bool(request.headers.get("hx-request"))
    return render(request, "board_fragment.html" if is_fragment else "board.html", context)


def _delays(item: WorkItem, *, of_platform: bool) -> bool:
    """Return whether a unit, or the platform itself, has missed a limit."""
    return any(limit.unmet and (limit.unit is None) is of_platform for limit in item.limits)


def bars(counts: Mapping[str, int]) -> list[tuple[str, int, int, int]]:
    """Return a chart's bars: name, number, position and length."""
    shown = [(name, n) for name, n in counts.items() if n][:_BARS]
    most = max((n for _, n in shown), default=1)
    return [(name, n, place * _ROW, max(2, round(n / most * 300))) for place, (name, n) in enumerate(shown)]
