"""`/app/claims`: all claims that the person may see, searched and sorted."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import Response

from api.http.dependencies import Caller, Used
from api.http.problems import Kind, Problem
from api.schemas.claim_search import Search, filter_of
from claims.model.labels import label
from claims.model.terms import Category, Colour, Stage
from records.queries import claims, paging
from service_layer.views.serializers import claim_summary
from web.claims.form_fields import options_of
from web.http.page_route import page_router
from web.http.rendering import render

router = page_router()

SORTS: Final = (
    (paging.ClaimSort.DUE_FIRST, "最紧急的在前"),
    (paging.ClaimSort.NEWEST, "最近登记的在前"),
    (paging.ClaimSort.CHANGED_LAST, "最近变动的在前"),
)
Word = Annotated[str, Query(max_length=200)]


@router.get("/app/claims")
async def claims_page(
    *,
    request: Request,
    services: Used,
    actor: Caller,
    text: Word = "",
    stage: Word = "",
    light: Word = "",
    category: Word = "",
    district: Word = "",
    sort: Word = "",
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """A page of 50. What is chosen stands in the address, so that it can be kept as a bookmark."""
    chosen = {"text": text, "stage": stage, "light": light, "category": category, "district": district}
    known = {name: value for name, value in chosen.items() if value}
    search = Search.model_validate(
        {
            **known,
            "sort": sort or paging.ClaimSort.DUE_FIRST,
            "cursor": cursor,
            "limit": 50,
            "with_total": True,
        }
    )
    page = paging.PageRequest(sort=search.sort, cursor=cursor, limit=50, with_total=True)
    try:
        found = await services.records.run(claims.find_claims, filter_of(services, search, actor), page)
    except paging.BadCursor as error:
        raise Problem(Kind.INVALID, str(error)) from error
    following = {**known, "sort": search.sort.value, "cursor": found.next_cursor or ""}
    context = {
        "rows": [claim_summary(row, actor) for row in found.rows],
        "total": found.total,
        "chosen": {**chosen, "sort": search.sort},
        "stages": options_of(Stage),
        "lights": [(colour.value, label(colour)) for colour in Colour],
        "categories": options_of(Category),
        "districts": [(unit.id, unit.short) for unit in services.organisation.districts()],
        "sorts": SORTS,
        "next_page": f"?{urlencode(following)}" if found.next_cursor else "",
    }
    return render(request, "claims.html", context)
