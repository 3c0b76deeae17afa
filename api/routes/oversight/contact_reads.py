"""`/audit/contact-reads`: who read an enterprise's contact data (R70)."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel, Field, StringConstraints

from api.http.dependencies import Caller, NumberStart, Used
from api.http.requests.unknown_fields import StrictQuery
from api.http.routing import guarded_router
from claims.model.labels import label
from claims.model.messages.field_types import Instant
from claims.model.terms import Role
from records.contact_readings import KeptRead, ReadFilter, Reading, contact_reads
from service_layer.permissions import require_role

router = guarded_router("审计")


class ContactReadView(BaseModel):
    """One reading."""

    id: int
    at: datetime
    number: str = Field(description="工单编号")
    what: Reading = Field(description="；".join(f"{one.value} {one.label}" for one in Reading))
    what_name: str = Field(description="读取内容的名称")
    attachment: str = Field(description="附件编号；空为没有读取附件")
    sub: str = Field(description="读取人的令牌标识")
    name: str
    roles: list[Role]
    role_names: list[str] = Field(description="身份的名称，次序相同")
    unit: str = Field(description="读取人的单位编号")
    route: str = Field(description="接口")
    request_id: str


class ContactReadList(BaseModel):
    """Newest first; `next_cursor` is null on the last page."""

    reads: list[ContactReadView]
    next_cursor: str | None


class Readings(StrictQuery):
    """Which readings."""

    number: NumberStart = ""
    by: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = Field(
        default="", description="读取人的令牌标识或姓名"
    )
    since: Instant | None = None


class ContactReadSearch(Readings):
    """Which readings, and which page."""

    cursor: Annotated[str, StringConstraints(max_length=19, pattern=r"^[0-9]*$")] = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 100


async def may_read(actor: Caller) -> None:
    """Checks the role (§1)."""
    require_role(actor, Role.AUDITOR, what="查看联系信息的读取记录")


@router.get("/audit/contact-reads", summary="企业联系信息读取记录", dependencies=[Depends(may_read)])
async def list_contact_reads(
    search: Annotated[ContactReadSearch, Query()], services: Used
) -> ContactReadList:
    """谁在何时经哪个接口读取了企业的联系信息（R70）。新的在前；按工单、读取人、起始时间查询，分页。"""
    wanted = ReadFilter(
        number=search.number,
        by=search.by,
        since=search.since,
        before_id=int(search.cursor) if search.cursor else None,
        limit=search.limit,
    )
    found = await services.records.run(contact_reads, wanted)
    more = len(found) == search.limit
    return ContactReadList(
        reads=[_view(read) for read in found], next_cursor=str(found[-1].id) if more else None
    )


def _view(read: KeptRead) -> ContactReadView:
    roles = list(read.roles)
    names = {"what_name": read.what.label, "role_names": [*map(label, roles)]}
    return ContactReadView(**read.model_dump(exclude={"roles"}), **names, roles=roles)
