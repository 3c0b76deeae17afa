"""Filters of lists that people keep, each person their own."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from claims.model.values import Actor
from claims.text.normalisation import one_line
from records.people import saved_filters
from records.people.saved_filters import SavedFilter
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services

PAGES: Final = ("inbox", "claims")
MOST: Final = 20
LONGEST_NAME: Final = 30
_LONGEST_QUERY: Final = 1000
_PLACES: Final = ("cursor",)
"""Parts of a query that are a position in a list, not a filter."""


async def filters_of(services: Services, actor: Actor, page: str) -> list[SavedFilter]:
    """Return the person's filters of a page. Raises RecordsUnavailable."""
    return await services.records.run(saved_filters.saved_filters, actor.sub, page)


async def save_filter(services: Services, actor: Actor, *, page: str, name: str, query: str) -> None:
    """Keep what is chosen on a page under a name. Raises INVALID, RecordsUnavailable."""
    name = one_line(name).strip()
    if page not in PAGES or not name or len(name) > LONGEST_NAME or len(query) > _LONGEST_QUERY:
        detail = f"筛选须有名称，至多{LONGEST_NAME}字"
        raise ServiceError(ErrorKind.INVALID, detail, instead="请填写名称后重新保存")
    chosen = [pair for pair in parse_qsl(query) if pair[0] not in _PLACES]
    kept = SavedFilter(name=name, query=urlencode(chosen))
    is_kept = await services.records.run(
        saved_filters.save_filter, kept, sub=actor.sub, page=page, at=now(), most=MOST
    )
    if not is_kept:
        detail = f"已保存{MOST}个筛选，达到上限"
        raise ServiceError(ErrorKind.NOT_NOW, detail, instead="请先删除不用的筛选")


async def remove_filter(services: Services, actor: Actor, *, page: str, name: str) -> None:
    """Remove one. Raises RecordsUnavailable."""
    await services.records.run(saved_filters.remove_filter, sub=actor.sub, page=page, name=name)
