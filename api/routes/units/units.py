"""`/units`: the organisation tree, and each unit's lights (R21, R33)."""

from typing import Annotated

from fastapi import Path

from api.http.dependencies import Caller, Used
from api.http.problems import documented
from api.http.routing import guarded_router
from service_layer.units.unit_reading import find_unit, unit_summaries, unit_view
from service_layer.views.unit import Units, UnitView

router = guarded_router("单位")


@router.get("/units", summary="单位列表")
async def list_units(services: Used, actor: Caller) -> Units:
    """组织目录中的全部单位；有权查看的附工单数和亮灯数。"""
    return Units(units=await unit_summaries(services, actor))


@router.get("/units/{unit_id}", summary="单位及其亮灯", responses={404: documented(404)})
async def read_unit(
    unit_id: Annotated[str, Path(description="单位编号", examples=["ZZ-GD"])], services: Used, actor: Caller
) -> UnitView:
    """单位的基本情况、接收岗位、亮灯（按亮灯时刻排列）、约谈与问责。"""
    return await unit_view(services, find_unit(services, unit_id), actor)
