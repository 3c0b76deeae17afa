"""Publishing a holiday arrangement, or computing what it would change (R1, R6)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from calendar_rules import WorkingCalendar
from calendar_rules.changes import changes_between
from calendar_rules.loader import load_calendar
from claims.model.values import Actor
from records.arrangements import (
    ArrangementRequest,
    Published,
    RequestIdTaken,
    accepted,
    all_published,
    calendar_of,
    publish,
)
from records.database.engine import Records
from records.queries.affected_claims import AffectedClaims
from service_layer.calendar.calendar_updates import reason_of, start_update
from service_layer.clock import now
from service_layer.errors import ErrorKind, ServiceError
from service_layer.permissions import PUBLISHERS, require_role
from service_layer.services import Services

Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class ArrangementBody(BaseModel):
    """An arrangement to publish. The fields of `Arrangement` stand beside these; `calendar_rules` validates them."""

    model_config = ConfigDict(extra="allow")

    request_id: Id = Field(description="请求编号；同一编号重复提交只办一次")
    dry_run: bool = Field(default=False, description="只核对并说明影响，不公布")
    document: Line = Field(default="", description="通知文件的附件编号或地址")

    @property
    def raw(self) -> Mapping[str, JsonValue]:
        """The arrangement's fields."""
        return self.model_extra or {}


class ChangedDay(BaseModel):
    """A day that becomes a working day, or ceases to be one."""

    date: date
    was: str
    becomes: str


class Publication(BaseModel):
    """The changes by an arrangement."""

    dry_run: bool
    revision: int | None = Field(description="第几份公布的安排；只核对时为 null")
    id: str
    version: str = Field(description="公布后的日历版本")
    previous_version: str
    changed_days: list[ChangedDay]
    settled_years: list[int] = Field(description="不再是暂定的年份")
    touched: int = Field(description="时限受影响、将逐件重新计算的未办结工单数")


def check_publisher(actor: Actor) -> None:
    """Raise a FORBIDDEN error for roles that publish nothing (§1)."""
    require_role(actor, *PUBLISHERS, what="公布放假安排")


async def publish_arrangement(
    services: Services, body: ArrangementBody, actor: Actor
) -> tuple[Publication, bool]:
    """Publish, or only compute the changes (`dry_run`); the second value: whether it is newly in force.

    Raises CalendarError, CONFLICT, RecordsUnavailable.
    """
    check_publisher(actor)
    wish = ArrangementRequest(
        request_id=body.request_id, raw=body.raw, document=body.document, actor=actor, at=now()
    )
    if body.dry_run:
        return await services.records.run(_dry_run, wish), False
    try:
        published, is_new = await services.records.run(publish, wish)
    except RequestIdTaken as error:
        detail = f"请求编号{body.request_id}已用于另一份放假安排"
        raise ServiceError(ErrorKind.CONFLICT, detail, rule="R1", instead="请使用新的 request_id") from error
    publication = await services.records.run(_publication, published)
    if is_new:
        await start_update(services, published.version, reason_of(published))
    return publication, is_new


def _dry_run(records: Records, wish: ArrangementRequest) -> Publication:
    known = all_published(records)
    arrangement = accepted(known, wish)
    calendar = load_calendar([*(item.arrangement for item in known), arrangement])
    return Publication(
        dry_run=True,
        revision=None,
        id=arrangement.id,
        touched=AffectedClaims(records, known, calendar).count(),
        **_difference(calendar_of(known), calendar),
    )


def _publication(records: Records, published: Published) -> Publication:
    known = all_published(records)
    before, after = calendar_of(known[: published.revision - 1]), calendar_of(known[: published.revision])
    return Publication(
        dry_run=False,
        revision=published.revision,
        id=published.arrangement.id,
        touched=AffectedClaims(records, known, calendar_of(known)).count(),
        **_difference(before, after),
    )


def _difference(before: WorkingCalendar, after: WorkingCalendar) -> dict[str, object]:
    change = changes_between(before, after)
    return {
        "version": after.version,
        "previous_version": before.version,
        "changed_days": [
            ChangedDay(date=day, was=before.status(day).why, becomes=after.status(day).why)
            for day in change.days
        ],
        "settled_years": sorted(set(after.published_years) - set(before.published_years)),
    }
