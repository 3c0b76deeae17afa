"""Daily and weekly briefs (R66): new, growing, late and inactive claims."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from pydantic import BaseModel, Field

from calendar_rules import due_at
from claims.model.labels import label
from claims.model.terms import Category
from claims.model.values import Actor
from records.queries.briefs import (
    InactiveClaim,
    RegisteredClaim,
    inactive_claims,
    late_within,
    registered_within,
)
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import ASSESSMENT_READERS, require_role
from service_layer.services import Services

STILL_AFTER: Final = timedelta(days=7)
"""◇ An open claim without journal lines for this long counts as inactive."""
GROWS_BY: Final = 2
"""◇ At least so many more than in the span before, and half as many again, is growing."""
_WEEK: Final = re.compile(r"(20[0-9]{2})-W([0-9]{2})")
_DAY: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


class Span(NamedTuple):
    """Days, and how long the span is."""

    first: date
    days: int

    @property
    def starts_at(self) -> datetime:
        """In Beijing."""
        return due_at(self.first - timedelta(days=1))

    @property
    def ends_at(self) -> datetime:
        """Exclusive."""
        return due_at(self.first + timedelta(days=self.days - 1))

    @property
    def before(self) -> "Span":
        """The span of the same length before."""
        return Span(self.first - timedelta(days=self.days), self.days)


class CountOf(BaseModel):
    """The number of new claims of a kind, and that of the previous period."""

    id: str
    name: str
    n: int
    before: int
    growing: bool = Field(description="比上一日（周）明显增长")


class StillView(BaseModel):
    """An inactive claim."""

    number: str
    stage_name: str
    unit: str
    unit_name: str
    days: int = Field(description="已多少天没有进展")


class BriefView(BaseModel):
    """A brief."""

    period: str
    first_day: date
    last_day: date
    received: int
    received_before: int
    categories: list[CountOf]
    districts: list[CountOf]
    matters: list[CountOf] = Field(description="按事项小类")
    growing: list[str] = Field(description="明显增长的类别、区（市）和事项")
    late: list[str] = Field(description="期间制发督办函的工单")
    standing_still: list[StillView]


def require_brief_reader(actor: Actor) -> None:
    """Raises FORBIDDEN."""
    require_role(actor, *ASSESSMENT_READERS, what="查看简报", rule="R66")


async def read_brief(services: Services, period: str) -> BriefView:
    """Return the brief of a day or a week. Raises INVALID, NOT_NOW, RecordsUnavailable."""
    span, at = _parsed(period), now()
    if span.starts_at > at:
        detail = f"{period}尚未开始"
        raise ServiceError(ErrorKind.NOT_NOW, detail, rule="R66", instead="请在当日以后查询")
    here = await services.records.run(registered_within, span.starts_at, span.ends_at)
    there = await services.records.run(registered_within, span.before.starts_at, span.before.ends_at)
    late = await services.records.run(late_within, span.starts_at, span.ends_at)
    until = min(span.ends_at, at)
    still = await services.records.run(inactive_claims, until - STILL_AFTER)
    groups = {
        "categories": _counts(here, there, "category"),
        "districts": _counts(here, there, "district"),
        "matters": _counts(here, there, "subcategory"),
    }
    return BriefView(
        period=period,
        first_day=span.first,
        last_day=span.first + timedelta(days=span.days - 1),
        received=len(here),
        received_before=len(there),
        **groups,
        growing=[
            f"{one.name}{one.before}→{one.n}" for counts in groups.values() for one in counts if one.growing
        ],
        late=late,
        standing_still=[_still(one, until) for one in still],
    )


def _counts(here: Iterable[RegisteredClaim], there: Iterable[RegisteredClaim], by: str) -> list[CountOf]:
    now_, before = (Counter(str(getattr(one, by)) for one in claims) for claims in (here, there))
    names = {one.district: one.district_name for one in (*here, *there)}
    return [
        CountOf(
            id=id,
            name=_name(id, by, names),
            n=now_[id],
            before=before[id],
            growing=now_[id] - before[id] >= GROWS_BY and now_[id] * 2 >= before[id] * 3,
        )
        for id in sorted(now_.keys() | before.keys(), key=lambda id: (-now_[id], id))
    ]


def _name(id: str, by: str, districts: dict[str, str]) -> str:
    if by == "category":
        return label(Category(id))
    return (districts.get(id, "") if by == "district" else id) or "未写明"


def _still(one: InactiveClaim, until: datetime) -> StillView:
    return StillView(
        number=one.number,
        stage_name=label(one.stage),
        unit=one.unit,
        unit_name=one.unit_name,
        days=(until - one.updated_at).days,
    )


def _parsed(text: str) -> Span:
    try:
        if week := _WEEK.fullmatch(text):
            return Span(date.fromisocalendar(int(week[1]), int(week[2]), 1), 7)
        if _DAY.fullmatch(text):
            return Span(date.fromisoformat(text), 1)
        raise ValueError("neither a day nor a week")
    except ValueError as error:
        detail = f"“{text[:20]}”不是日期或周次"
        instead = "请写成 2026-11-27 或 2026-W48"
        raise ServiceError(ErrorKind.INVALID, detail, rule="R66", instead=instead) from error
