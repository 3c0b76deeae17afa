"""Telling open claims that the calendar has changed (R1, R6)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.addresses import workflow_id
from claims.recomputation import NewCalendar
from records.arrangements import all_published, calendar_of, mark_finished
from records.engine import Records
from records.touched import Touch, TouchedPage

TELL_TOUCHED = "tell_touched_claims"
FINISH_UPDATE = "finish_calendar_update"
RECOMPUTE: Final = "recompute_limits"
COUNTED_PER_SECOND: Final = 40.0
"""What a small installation does beside its daily work."""
AT_ONCE: Final = 25
"""Signals under way at one time; after each such lot the heartbeat says how far they have come."""


class TellPage(BaseModel):
    """One page of touched claims to tell: those after a number, no faster than so many a second.

    `counted_per_second`: how many of them look at the calendar in a second, of those to whom nothing else
    happens; `told_before`: how many this sweep has told already.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    reason: str
    at: datetime
    after: str = ""
    per_second: float = 500.0
    at_once: int = AT_ONCE
    counted_per_second: float = COUNTED_PER_SECOND
    told_before: int = 0


class PageTold(BaseModel):
    """`after`: where the next page begins, None where there is none. `ended`: claims that were over by then.
    `superseded`: a later calendar is in force, whose own update tells everybody."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    after: str | None
    told: int = 0
    ended: int = 0
    superseded: bool = False


def _news(page: TellPage, told: int) -> NewCalendar:
    """Word to those who are told after so many others."""
    not_before = page.at + timedelta(seconds=told / page.counted_per_second)
    return NewCalendar(version=page.version, reason=page.reason, sent_at=page.at, not_before=not_before)


class RetimingActivities:
    """Finds touched claims in the records and signals them."""

    def __init__(self, client: Client, records: Records) -> None:
        self._client = client
        self._records = records

    @activity.defn(name=TELL_TOUCHED)
    async def tell_touched_claims(self, page: TellPage) -> PageTold:
        """Signal one page of claims. Interrupted, it goes on after the last lot that it told of; a claim that
        is told twice finds nothing more to do."""
        before: Sequence[str] = activity.info().heartbeat_details
        touched = await asyncio.to_thread(self._touched, page.version, before[0] if before else page.after)
        if touched is None:
            return PageTold(after=None, superseded=True)
        told = 0
        clock = asyncio.get_running_loop().time
        for start in range(0, len(touched.numbers), page.at_once):
            began, lot = clock(), touched.numbers[start : start + page.at_once]
            news = _news(page, page.told_before + start)
            told += sum(await asyncio.gather(*(self._tell(number, news) for number in lot)))
            activity.heartbeat(lot[-1])
            await asyncio.sleep(max(0.0, len(lot) / page.per_second - (clock() - began)))
        return PageTold(after=touched.after, told=told, ended=len(touched.numbers) - told)

    def _touched(self, version: str, after: str) -> TouchedPage | None:
        published = all_published(self._records)
        calendar = calendar_of(published)
        if calendar.version != version:
            return None
        return Touch(self._records, published, calendar).page(after)

    async def _tell(self, number: str, news: NewCalendar) -> bool:
        handle = self._client.get_workflow_handle(workflow_id(number))
        try:
            await handle.signal(RECOMPUTE, news)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    @activity.defn(name=FINISH_UPDATE, no_thread_cancel_exception=True)
    def finish_calendar_update(self, version: str, at: datetime) -> None:
        """Note in the records that all claims know the calendar; idempotent."""
        mark_finished(self._records, version, at)
