"""Pages of a sorted list that stay correct while rows are added: the cursor names the last row."""

import base64
import binascii
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import ColumnElement, and_, or_

from records.tables import CLAIM


class ClaimSort(StrEnum):
    """The sort order of a list of claims; `-` means descending. Claims without a next due instant come last."""

    NEWEST = "-registered_at"
    OLDEST = "registered_at"
    DUE_FIRST = "next_due"
    DUE_LAST = "-next_due"
    CHANGED_LAST = "-updated_at"
    CHANGED_FIRST = "updated_at"
    NUMBER = "number"

    @property
    def field(self) -> str:
        """The column."""
        return self.value.removeprefix("-")

    @property
    def descends(self) -> bool:
        """Whether the order is descending."""
        return self.value.startswith("-")


class BadCursor(ValueError):
    """The cursor was not issued for this order."""

    def __init__(self) -> None:
        super().__init__("翻页标记无效，或与排序方式不符；请从第一页重新查询")


class PageRequest(BaseModel):
    """A page: `cursor` is the `next_cursor` of the previous page, for the same sort and filter."""

    model_config = ConfigDict(frozen=True)

    sort: ClaimSort = ClaimSort.NEWEST
    cursor: str = ""
    limit: int = Field(default=50, ge=1, le=200)
    with_total: bool = False


class Place(BaseModel):
    """The end of a page: the sort's value (None for `number` and for a missing instant) and the number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sort: ClaimSort
    at: AwareDatetime | None
    number: str

    def cursor(self) -> str:
        """Return an opaque text that fits in a URL."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode().rstrip("=")


_LONGEST: Final = 500
_ALWAYS: Final = ("registered_at", "updated_at")
"""Instants that every claim has."""


def place_of(page: PageRequest) -> Place | None:
    """Return the end of the previous page, or None for the first page. Raises BadCursor."""
    if not page.cursor:
        return None
    if len(page.cursor) > _LONGEST:
        raise BadCursor
    try:
        text = base64.b64decode(page.cursor + "=" * (-len(page.cursor) % 4), altchars=b"-_", validate=True)
        place = Place.model_validate_json(text)
    except (binascii.Error, ValidationError, ValueError) as error:
        raise BadCursor from error
    if place.sort is not page.sort or (place.at is None and page.sort.field in _ALWAYS):
        raise BadCursor
    return place


def order_of(sort: ClaimSort) -> list[ColumnElement[object]]:
    """Return ORDER BY, ending with the number so that the order is total; nulls last on every database."""
    number = CLAIM.c.number.desc() if sort.descends else CLAIM.c.number.asc()
    if sort is ClaimSort.NUMBER:
        return [number]
    column = CLAIM.c[sort.field]
    value = column.desc() if sort.descends else column.asc()
    return [value.nulls_last() if column.nullable else value, number]


def after(place: Place) -> ColumnElement[bool]:
    """Return the condition for rows after a place."""
    number, descends = CLAIM.c.number, place.sort.descends
    further = number < place.number if descends else number > place.number
    if place.sort is ClaimSort.NUMBER:
        return further
    column = CLAIM.c[place.sort.field]
    if place.at is None:
        return and_(column.is_(None), further)
    # This condition is redundant, but lets the database start at the right place in its index.
    from_here = column <= place.at if descends else column >= place.at
    rows = and_(from_here, or_(column != place.at, further))
    return or_(rows, column.is_(None)) if column.nullable else rows
