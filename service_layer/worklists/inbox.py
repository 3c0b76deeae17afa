"""A unit's inbox: its open claims in groups."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from claims.model.events import EventKind
from claims.model.terms import Action, Role, Stage
from claims.model.values import Actor
from claims.notifications import what
from records.people import notices_seen
from records.queries import worklists
from records.queries.worklists import UnitNotice
from service_layer.errors import ErrorKind, ServiceError
from service_layer.services import Services
from service_layer.worklists.items import WorkItem, work_items


class InboxTab(StrEnum):
    """The groups, in the order in which people should look at them."""

    LATE = "late"
    TO_SIGN_FOR = "to-sign-for"
    TODAY = "today"
    REDO = "redo"
    PARTS = "parts"
    FOR_THE_HEAD = "for-the-head"
    IN_HAND = "in-hand"
    PASSED_ON = "passed-on"


NAMES: Final[Mapping[InboxTab, str]] = MappingProxyType(
    {
        InboxTab.LATE: "已超期未反馈",
        InboxTab.TO_SIGN_FOR: "待签收",
        InboxTab.TODAY: "今日到期",
        InboxTab.REDO: "重办",
        InboxTab.PARTS: "协办",
        InboxTab.FOR_THE_HEAD: "待负责人签字",
        InboxTab.IN_HAND: "全部在办",
        InboxTab.PASSED_ON: "已办待评价",
    }
)
_BELONGS: Final[Mapping[InboxTab, Callable[[WorkItem], bool]]] = MappingProxyType(
    {
        InboxTab.LATE: lambda item: any(limit.unmet and limit.unit is not None for limit in item.limits),
        InboxTab.TO_SIGN_FOR: lambda item: Action.SIGN_FOR in item.allowed_actions,
        InboxTab.TODAY: lambda item: item.ends_today and _is_in_hand(item),
        InboxTab.REDO: lambda item: item.stage is Stage.REDO,
        InboxTab.PARTS: lambda item: item.awaits_part,
        InboxTab.FOR_THE_HEAD: lambda item: item.stage is Stage.REVIEW,
        InboxTab.IN_HAND: lambda item: _is_in_hand(item),
        InboxTab.PASSED_ON: lambda item: not _is_in_hand(item),
    }
)


def _is_in_hand(item: WorkItem) -> bool:
    return item.stage in (Stage.HANDLING, Stage.REDO, Stage.REVIEW, Stage.COMPLETION)


async def unit_inbox(services: Services, actor: Actor) -> dict[InboxTab, list[WorkItem]]:
    """Return the open claims of the actor's unit and of those below it, by group. Raises FORBIDDEN for who
    has no unit.
    """
    if actor.unit is None or not actor.has(Role.HANDLER, Role.HEAD):
        detail = "单位待办由承办单位的经办人和负责人使用"
        raise ServiceError(ErrorKind.FORBIDDEN, detail, rule="§1", instead="请从首页进入您的工作台")
    found = await work_items(services, actor, unit=actor.unit.id)
    items = sorted(found, key=lambda item: not item.is_late)
    return {group: [item for item in items if belongs(item)] for group, belongs in _BELONGS.items()}


class InboxNotice(UnitNotice):
    """A notice to a unit, with whether one person has seen it."""

    unread: bool


async def unit_notices(services: Services, actor: Actor) -> list[InboxNotice]:
    """Return the notices to the actor's unit (R20, R38), newest first, with those new to the actor. They
    contain only the platform's words, because a notice stays even after the claim has left the unit (R54).
    """
    if actor.unit is None:
        return []
    unit = actor.unit.id
    told = await services.records.run(worklists.notices_to, unit)
    seen = await services.records.run(notices_seen.seen_until, actor.sub, unit)
    return [
        InboxNotice(
            **one.model_dump(exclude={"text"}),
            text=what(EventKind(one.kind), one.text),
            unread=seen is None or one.at > seen,
        )
        for one in told
    ]


async def note_notices_as_seen(services: Services, actor: Actor, until: datetime) -> None:
    """Mark the notices to the actor's unit up to an instant as seen by the actor."""
    for newest in (await unit_notices(services, actor))[:1]:
        upto = min(until, newest.at)
        unit = actor.unit.id if actor.unit else ""
        await services.records.run(notices_seen.note_as_seen, actor.sub, unit, upto)
