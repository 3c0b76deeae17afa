"""`/app/claims`: all claims that the person may see, searched and sorted."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.http.dependencies import Caller, Used
from api.http.problems import Kind, Problem
from api.schemas.claim_search import Search, filter_of
from claims.model.terms import Category, Colour, Stage
from records.queries import claims, paging
from service_layer.views.serializers import claim_summary
from service_layer.worklists.filters import filters_of
from web.claims.form_fields import options_of
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()

SORTS: Final = (
    (paging.ClaimSort.DUE_FIRST, "最紧急的在前"),
    (paging.ClaimSort.NEWEST, "最近登记的在前"),
    (paging.ClaimSort.CHANGED_LAST, "最近变动的在前"),
)
PAGE: Final = 50


class Chosen(BaseModel):
    """The page's filter form; empty fields do not filter."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(default="", max_length=200)
    stage: str = Field(default="", max_length=40)
    light: str = Field(default="", max_length=40)
    category: str = Field(default="", max_length=40)
    district: str = Field(default="", max_length=64)
    sort: str = Field(default=paging.ClaimSort.DUE_FIRST.value, max_length=40)
    cursor: str = Field(default="", max_length=500)

    @property
    def filled_in(self) -> dict[str, str]:
        """The fields that are filled in, except the cursor."""
        return {name: value for name, value in self.model_dump(exclude={"cursor"}).items() if value}


@router.get("/app/claims")
async def claims_page(
    request: Request, services: Used, actor: Caller, chosen: Annotated[Chosen, Query()]
) -> Response:
    """Return a page of 50. The filter is part of the address, so that it can be bookmarked."""
    search = _search(chosen)
    page = paging.PageRequest(sort=search.sort, cursor=chosen.cursor, limit=PAGE, with_total=True)
    try:
        found = await services.records.run(claims.find_claims, filter_of(services, search, actor), page)
    except paging.BadCursor as error:
        raise Problem(Kind.INVALID, str(error)) from error
    following = urlencode({**chosen.filled_in, "cursor": found.next_cursor or ""})
    context = {
        "rows": [claim_summary(row, actor) for row in found.rows],
        "total": found.total,
        "chosen": chosen,
        "choices": (
            ("stage", "阶段", options_of(Stage)),
            ("light", "亮牌", options_of(Colour)),
            ("category", "类别", options_of(Category)),
            ("district", "区（市）", [(unit.id, unit.short) for unit in services.organisation.districts()]),
        ),
        "sorts": SORTS,
        "filters": await filters_of(services, actor, "claims"),
        "next_page": f"?{following}" if found.next_cursor else "",
    }
    return render(request, "claims.html", context)


def _search(chosen: Chosen) -> Search:
    try:
        return Search.model_validate(chosen.filled_in)
    except ValidationError as error:
        raise Problem(Kind.INVALID, "查询条件有误", instead="请从列表中选择") from error
