"""`/notices`: the ledger of notices and their delivery (R20, R38)."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel, Field, StringConstraints

from api.http.dependencies import Caller, Used
from api.http.requests.unknown_fields import StrictQuery
from api.http.routing import guarded_router
from claims.model.events import EVENT_NAMES, EventKind
from claims.notifications import STATE_NAMES, DeliveryState
from claims.transition import ENTERPRISE
from records.outbox import Delivery, deliveries
from service_layer.permissions import NOTICE_READERS, require_role
from service_layer.services import Services

router = guarded_router("通知")


class DeliveryView(BaseModel):
    """One notice to one addressee over one channel."""

    id: str
    number: str = Field(description="工单编号")
    unit: str = Field(description="收件单位编号；enterprise 为企业")
    unit_name: str
    kind: EventKind
    kind_name: str = Field(description="事项的名称")
    text: str = Field(description="通知说的内容")
    at: datetime = Field(description="通知事项发生的时间")
    channel: str = Field(description="通道名称；空为尚未确定，或未配置通道（quiet）")
    state: DeliveryState
    state_name: str = Field(description="送达状态的名称")
    tries: int
    error: str = Field(description="上次未送达的原因")
    next_at: datetime | None = Field(description="下次发送时间")
    ended_at: datetime | None = Field(description="送达、放弃或确认无通道的时间")


class NoticeList(BaseModel):
    """Newest first."""

    notices: list[DeliveryView]


class Ledger(StrictQuery):
    """Which notices."""

    state: DeliveryState | None = None
    unit: Annotated[str, StringConstraints(max_length=64)] = ""
    claim: Annotated[str, StringConstraints(max_length=40, pattern=r"^[A-Za-z0-9-]*$")] = ""


class NoticeSearch(Ledger):
    """The filter, and the maximum number of lines."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100


async def may_read(actor: Caller) -> None:
    """Checks the role (§1)."""
    require_role(actor, *NOTICE_READERS, what="查看通知台账")


@router.get("/notices", summary="通知台账", dependencies=[Depends(may_read)])
async def list_notices(search: Annotated[NoticeSearch, Query()], services: Used) -> NoticeList:
    """每件通知是否送达；按状态、收件单位、工单查询，新的在前。不含通道地址和企业联系方式。"""
    unit = addressee_of(services, search.unit)
    found = await services.records.run(
        deliveries, state=search.state, addressee=unit, number=search.claim, limit=search.limit
    )
    names = names_of(services)
    return NoticeList(notices=[_view(one, names.get(one.addressee, one.addressee)) for one in found])


def addressee_of(services: Services, unit: str) -> str:
    """Return the addressee's id. Raises UnknownUnit."""
    return services.organisation.find(unit).id if unit and unit != ENTERPRISE else unit


def names_of(services: Services) -> dict[str, str]:
    """Return the addressees' names by id."""
    return {known.id: known.short for known in services.organisation.units} | {ENTERPRISE: "企业"}


def _view(delivery: Delivery, name: str) -> DeliveryView:
    waits = delivery.state is DeliveryState.WAITING
    return DeliveryView(
        **delivery.model_dump(exclude={"addressee", "next_at"}),
        unit=delivery.addressee,
        unit_name=name,
        kind_name=EVENT_NAMES[delivery.kind],
        state_name=STATE_NAMES[delivery.state],
        next_at=delivery.next_at if waits else None,
    )
