"""`GET /reinterviews`: whom the hotline asks again (R62)."""

from typing import Annotated

from fastapi import Depends, Query
from pydantic import Field

from api.http.dependencies import Caller, Used
from api.http.requests.unknown_fields import StrictQuery
from api.http.routing import guarded_router
from service_layer.assessment import reinterviews
from service_layer.assessment.reinterviews import MOST_CLAIMS
from service_layer.views.assessment import Samples

router = guarded_router("考核")


class SampleQuery(StrictQuery):
    """How many claims."""

    limit: int = Field(default=MOST_CLAIMS, ge=1, le=MOST_CLAIMS, description="每个周期最多列出的工单")


async def may_read(actor: Caller) -> None:
    """Checks the role (§1)."""
    reinterviews.require_sample_reader(actor)


@router.get("/reinterviews", summary="再回访样本", dependencies=[Depends(may_read)])
async def read_samples(wanted: Annotated[SampleQuery, Query()], services: Used) -> Samples:
    """等待再回访的季测评，及样本中尚未登记的工单；登记见 POST /assessments/{period}/record-reinterviews（R62）。"""
    return Samples(samples=await reinterviews.open_samples(services, wanted.limit))
