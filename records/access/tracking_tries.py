"""Wrong tries of public enquiries (R39), counted per claim across all API processes."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, select

from claims.model.events import EventKind
from claims.model.journal import Notice
from records import outbox
from records.database import dialects
from records.database.engine import Records
from records.tables import CLAIM, TRACKING_TRY

HOTLINE: Final = "PF"
"""The hotline's platform, which is notified when a claim's enquiries are locked."""


class Allowance(NamedTuple):
    """A number of wrong tries within a period."""

    tries: int
    within: timedelta


SLOWED: Final = (Allowance(10, timedelta(minutes=1)), Allowance(20, timedelta(hours=1)))
LOCKED: Final = Allowance(30, timedelta(days=1))
"""At this number, enquiries are locked until a day after the first try, and the hotline is notified."""


def take_try(records: Records, number: str, at: datetime) -> timedelta | None:
    """Count a try as wrong before checking it. If there were too many, do not count it and return how long
    the claim is locked. Raises RecordsUnavailable.
    """
    with records.writing() as connection:
        dialects.lock_tracking(connection)
        for allowance in (LOCKED, *SLOWED):
            if (wait := _wait(connection, number, at, allowance)) is not None:
                return wait
        connection.execute(TRACKING_TRY.insert(), {"number": number, "at": at})
        _notify_if_locked(connection, number, at)
        old = TRACKING_TRY.c.at <= at - LOCKED.within
        connection.execute(delete(TRACKING_TRY).where(TRACKING_TRY.c.number == number, old))
    return None


def give_back(records: Records, number: str, at: datetime) -> None:
    """Remove a try that was right. Raises RecordsUnavailable."""
    same = (TRACKING_TRY.c.number == number) & (TRACKING_TRY.c.at == at)
    with records.writing() as connection:
        one = connection.scalar(select(TRACKING_TRY.c.id).where(same).limit(1))
        connection.execute(delete(TRACKING_TRY).where(TRACKING_TRY.c.id == one))


def _wait(connection: Connection, number: str, at: datetime, allowance: Allowance) -> timedelta | None:
    """Return how long until enough tries have expired, or None if another try is allowed."""
    recent = (TRACKING_TRY.c.number == number) & (TRACKING_TRY.c.at > at - allowance.within)
    latest = select(TRACKING_TRY.c.at).where(recent).order_by(TRACKING_TRY.c.at.desc())
    blocking = connection.scalar(latest.offset(allowance.tries - 1).limit(1))
    return None if blocking is None else blocking + allowance.within - at


def _notify_if_locked(connection: Connection, number: str, at: datetime) -> None:
    recent = (TRACKING_TRY.c.number == number) & (TRACKING_TRY.c.at > at - LOCKED.within)
    count = connection.scalar(select(func.count()).select_from(TRACKING_TRY).where(recent)) or 0
    known = connection.scalar(select(CLAIM.c.number).where(CLAIM.c.number == number))
    if count < LOCKED.tries or known is None:
        return
    notice = Notice(
        id=f"{number}/tracking/{at:%Y%m%dT%H%M%S}/{HOTLINE}",
        at=at,
        kind=EventKind.TRACKING_LOCKED,
        unit=HOTLINE,
        text=f"工单{number}的公开查询已暂停一天",
    )
    outbox.enqueue_notices(connection, number, [notice])
