"""`GET /briefs/{day or week}` (R66)."""

from typing import Annotated

from fastapi import Depends, Path

from api.http.dependencies import Caller, Used
from api.http.problems import documented
from api.http.routing import guarded_router
from service_layer.assessment import briefs
from service_layer.assessment.briefs import BriefView

router = guarded_router("简报")


async def may_read(actor: Caller) -> None:
    """Checks the role (§1)."""
    briefs.require_brief_reader(actor)


@router.get(
    "/briefs/{period}",
    summary="日报、周报",
    dependencies=[Depends(may_read)],
    responses={409: documented(409)},
)
async def read_brief(
    period: Annotated[str, Path(description="日期或周次", examples=["2026-11-27", "2026-W48"])],
    services: Used,
) -> BriefView:
    """来件数量（按类别、区市、事项）、明显增长、超期和停滞的工单（R66）。"""
    return await briefs.read_brief(services, period)
