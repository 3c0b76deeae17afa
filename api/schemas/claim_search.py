"""The query parameters of lists and exports of claims."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.http.dependencies import NumberStart
from api.http.problems import Kind, Problem
from api.http.requests.request_limits import is_storable
from api.http.requests.unknown_fields import StrictQuery
from claims.model.messages.field_types import Instant
from claims.model.terms import Category, Channel, Colour, Stage
from claims.model.values import Actor
from records.queries import filters, paging
from service_layer.permissions import names_seen, visible_claims
from service_layer.services import Services


class ClaimQuery(StrictQuery):
    """Which claims, and in which order."""

    number: Annotated[NumberStart, Field(description="工单编号的开头，可不写 QH")] = ""
    enterprise: Annotated[str, StringConstraints(max_length=200), Field(description="企业名称的一部分")] = ""
    stage: Stage | None = None
    unit: Annotated[str, StringConstraints(max_length=64), Field(description="承办单位，含其下级")] = ""
    district: Annotated[str, StringConstraints(max_length=64)] = ""
    category: Category | None = None
    channel: Channel | None = None
    light: Colour | None = None
    due_after: Annotated[Instant | None, Field(description="最近的截止时间不早于")] = None
    due_before: Annotated[Instant | None, Field(description="最近的截止时间早于")] = None
    registered_after: Annotated[Instant | None, Field(description="登记时间不早于")] = None
    registered_before: Annotated[Instant | None, Field(description="登记时间早于")] = None
    text: Annotated[
        str, StringConstraints(max_length=200), Field(description="企业名称或诉求内容中的文字，或编号的开头")
    ] = ""
    sort: paging.ClaimSort = paging.ClaimSort.NEWEST


class Search(ClaimQuery):
    """Which claims, and which page."""

    cursor: Annotated[str, StringConstraints(max_length=500)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    with_total: bool = False


def filter_of(services: Services, search: ClaimQuery, actor: Actor) -> filters.ClaimFilter:
    """Return the filter, narrowed to what the actor may see. Raises UnknownUnit, a 422 problem."""
    organisation = services.organisation
    district = organisation.district_of(search.district).id if search.district else ""
    unit = organisation.find(search.unit).id if search.unit else ""
    for name, text in (("text", search.text), ("enterprise", search.enterprise)):
        if not is_storable(text):
            raise Problem(Kind.INVALID, f"{name}：含有不能查询的字符")
    return filters.ClaimFilter(
        number=search.number,
        enterprise=search.enterprise,
        stage=search.stage,
        unit=unit,
        district=district,
        category=search.category,
        channel=search.channel,
        light=search.light,
        due_after=search.due_after,
        due_before=search.due_before,
        registered_after=search.registered_after,
        registered_before=search.registered_before,
        text=search.text,
        visible_to=visible_claims(actor),
        names_seen=names_seen(actor),
    )
