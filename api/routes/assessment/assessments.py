"""`/assessments`: units' figures, scores and ranks of a period, as drafts and as published editions (R60-R62)."""

from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.responses import Response
from pydantic import Field

from api.http.dependencies import Caller, Used
from api.http.downloads import saved_as
from api.http.problems import documented
from api.http.requests.unknown_fields import StrictQuery
from api.http.routing import guarded_router
from service_layer.assessment import assessment_reading
from service_layer.assessment.bulletins import BulletinFormat, bulletin_file
from service_layer.views.assessment import Assessments, AssessmentView, UnitAssessmentView

router = guarded_router("考核")


class EditionQuery(StrictQuery):
    """Which edition of a period."""

    edition: int | None = Field(default=None, ge=1, description="期次；不填为最新一期")


async def may_read(actor: Caller) -> None:
    """Checks the role (§1)."""
    assessment_reading.require_reader(actor)


@router.get("/assessments", summary="考核周期列表", dependencies=[Depends(may_read)])
async def list_assessments(services: Used) -> Assessments:
    """有工单以来的各月和已启动的季、半年、年，新的在前（R62）。"""
    return Assessments(assessments=await assessment_reading.assessment_summaries(services))


PeriodPath = Annotated[str, Path(description="2026-11、2026-Q4、2026-H2 或 2026", examples=["2026-11"])]


@router.get(
    "/assessments/{period}",
    summary="一个周期的考核",
    dependencies=[Depends(may_read)],
    responses={404: documented(404), 409: documented(409)},
)
async def read_assessment(
    period: PeriodPath,
    wanted: Annotated[EditionQuery, Query()],
    services: Used,
    actor: Caller,
) -> AssessmentView:
    """各单位的指标（分子、分母和工单）、扣分、加分、得分及依据、等次和名次（R60、R61）。

    已公布的为所公布的一期；未公布的为草案，尚未形成草案的按目前的台账计算。

    季、半年和年由各月已公布的通报汇总，公布之前不能查询。
    """
    return await assessment_reading.read_assessment(services, actor, period, wanted.edition)


@router.get(
    "/assessments/{period}/units/{unit_id}",
    summary="一个单位的考核及其依据",
    dependencies=[Depends(may_read)],
    responses={404: documented(404), 409: documented(409)},
)
async def read_unit_assessment(
    period: PeriodPath,
    unit_id: Annotated[str, Path(description="单位编号", examples=["ZZ-GD"])],
    wanted: Annotated[EditionQuery, Query()],
    services: Used,
    actor: Caller,
) -> UnitAssessmentView:
    """该单位的一行，及每项指标所依据的每件工单：计入与否、规则和理由（R60）。"""
    return await assessment_reading.read_unit(services, actor, period, unit_id, wanted.edition)


class BulletinQuery(EditionQuery):
    """An edition of a period, and the file's format."""

    format: BulletinFormat = Field(default=BulletinFormat.DOCX, description="docx、xlsx 或 html")


@router.get(
    "/assessments/{period}/bulletin",
    summary="月通报、季测评、半年排名、年终总评",
    dependencies=[Depends(may_read)],
    response_class=Response,
    responses={404: documented(404), 409: documented(409)},
)
async def read_bulletin(
    period: PeriodPath, wanted: Annotated[BulletinQuery, Query()], services: Used, actor: Caller
) -> Response:
    """Word 公文、Excel 工作簿或网页；同一期的文件逐字节相同（R62）。单位在公布后查看，数据行只含本单位的。"""
    file = await bulletin_file(services, actor, period, wanted.edition, wanted.format)
    return saved_as(file.name, file.content, file.media_type)
