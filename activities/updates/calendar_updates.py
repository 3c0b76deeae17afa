"""Activities that send a new calendar to the open claims that it affects (R1, R6)."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.deadlines import schedule
from activities.updates.claim_news import ClaimEnded, update_claim
from activities.workflow_ids import unit_workflow_id
from calendar_rules import WorkingCalendar
from claims.deadlines.recalculation import CalendarAnswer, NewCalendar, preview_requests
from claims.model.claim import Claim
from claims.model.journal import TransitionRecord
from records.accounts import units_with_other_calendar
from records.arrangements import all_published, calendar_of, mark_finished
from records.claim_writer import write_steps
from records.database.engine import Records
from records.queries.affected_claims import AffectedClaims, AffectedClaimsPage
from records.queries.claims import claims_by_number

TELL_TOUCHED = "tell_touched_claims"
TELL_UNITS = "tell_units"
FINISH_UPDATE = "finish_calendar_update"
RECOMPUTE_INTERVIEWS: Final = "recompute_interviews"
"""The signal to a unit's account."""
RECOMPUTE: Final = "recompute_limits"
"""The signal: the claim asks the calendar itself."""
RETIME: Final = "retime"
"""The update: it brings the answers, and the claim hands over its record."""
AT_ONCE: Final = 24
"""Number of claims updated concurrently. An action sent meanwhile waits at most for these."""
BATCHES: Final = 2
"""Number of batches: while one is recorded, the other is updated. The heartbeat reports the progress after
each batch.
"""

log = structlog.get_logger()


class CalendarPage(BaseModel):
    """One page of affected claims to update: those after a number, with a maximum rate per second.

    `sweep`: a claim is updated once per sweep, also if the page is retried.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    reason: str
    at: datetime
    after: str = ""
    sweep: int = 1
    per_second: float = 500.0
    at_once: int = AT_ONCE


class PageResult(BaseModel):
    """`after`: the next page's cursor, or None. `ended`: claims that had ended by then. `superseded`: a later
    calendar is in force, whose own update covers all claims.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    after: str | None
    told: int = 0
    ended: int = 0
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class _Plan:
    """A calendar, and the claims of one page that it touches."""

    calendar: WorkingCalendar
    touched: AffectedClaimsPage


class CalendarUpdateActivities:
    """Finds affected claims in the records, updates them, and writes the steps that they return."""

    def __init__(self, client: Client, records: Records) -> None:
        self._client = client
        self._records = records

    @activity.defn(name=TELL_TOUCHED)
    async def tell_touched_claims(self, page: CalendarPage) -> PageResult:
        """Update one page of claims. After an interruption, continue after the last recorded batch; a claim
        updated twice returns the same.
        """
        before: Sequence[str] = activity.info().heartbeat_details
        plan = await asyncio.to_thread(self._plan, page.version, before[0] if before else page.after)
        if plan is None:
            return PageResult(after=None, superseded=True)
        numbers, told = plan.touched.numbers, 0
        size = max(1, page.at_once // BATCHES)
        under_way: deque[tuple[str, asyncio.Task[int]]] = deque()
        try:
            for start in range(0, len(numbers), size):
                batch = numbers[start : start + size]
                under_way.append(
                    (batch[-1], asyncio.create_task(self._notify_batch(batch, page, plan.calendar)))
                )
                await asyncio.sleep(len(batch) / page.per_second)
                while len(under_way) == BATCHES:
                    told += await _finish_oldest(under_way)
            while under_way:
                told += await _finish_oldest(under_way)
        finally:
            for _, lost in under_way:
                lost.cancel()
        return PageResult(after=plan.touched.after, told=told, ended=len(numbers) - told)

    def _plan(self, version: str, after: str) -> _Plan | None:
        published = all_published(self._records)
        calendar = calendar_of(published)
        if calendar.version != version:
            return None
        return _Plan(calendar, AffectedClaims(self._records, published, calendar).page(after))

    async def _notify_batch(
        self, numbers: Sequence[str], page: CalendarPage, calendar: WorkingCalendar
    ) -> int:
        """Update these claims; return how many were updated. The others had ended."""
        messages = await asyncio.to_thread(self._messages, numbers, page, calendar)
        told = await asyncio.gather(
            *(self._notify(number, news, page.sweep) for number, news in messages.items()),
            return_exceptions=True,
        )
        await asyncio.to_thread(
            write_steps, self._records, [one for one in told if isinstance(one, TransitionRecord)]
        )
        for one in told:
            if isinstance(one, BaseException) and not isinstance(one, ClaimEnded):
                raise one
        return sum(not isinstance(one, ClaimEnded) for one in told)

    def _messages(
        self, numbers: Sequence[str], page: CalendarPage, calendar: WorkingCalendar
    ) -> dict[str, NewCalendar]:
        news = NewCalendar(version=page.version, reason=page.reason, sent_at=page.at)
        claims = claims_by_number(self._records, numbers)
        return {
            number: news.model_copy(update={"answers": _answers(claims[number], news, calendar)})
            if number in claims
            else news
            for number in numbers
        }

    async def _notify(self, number: str, news: NewCalendar, sweep: int) -> TransitionRecord | None:
        """Return what the claim hands over for its record. Raises ClaimEnded, RPCError."""
        # Once per sweep of each run: a calendar may be restored, and must then be sent again.
        id = f"{activity.info().workflow_run_id}-{sweep}"
        fallback = news.model_copy(update={"answers": ()})
        return await update_claim(
            self._client, number, update=RETIME, news=news, id=id, signal=RECOMPUTE, fallback=fallback
        )

    @activity.defn(name=TELL_UNITS)
    async def tell_units(self, news: NewCalendar) -> int:
        """R35: signal the accounts with an open interview whose end comes from another calendar; return how
        many. Idempotent.
        """
        units = await asyncio.to_thread(units_with_other_calendar, self._records, news.version)
        for unit in units:
            handle = self._client.get_workflow_handle(unit_workflow_id(unit))
            try:
                await handle.signal(RECOMPUTE_INTERVIEWS, news)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                log.warning("unit-not-retimed", unit=unit)
        return len(units)

    @activity.defn(name=FINISH_UPDATE, no_thread_cancel_exception=True)
    def finish_calendar_update(self, version: str, at: datetime) -> None:
        """Note in the records that all claims know the calendar; idempotent."""
        mark_finished(self._records, version, at)


async def _finish_oldest(under_way: deque[tuple[str, asyncio.Task[int]]]) -> int:
    """Wait for the oldest batch; return how many claims it has updated."""
    last, batch = under_way[0]
    told = await batch
    under_way.popleft()
    activity.heartbeat(last)
    return told


def _answers(claim: Claim, news: NewCalendar, calendar: WorkingCalendar) -> tuple[CalendarAnswer, ...]:
    at = news.sent_at or claim.registered_at
    return tuple(
        CalendarAnswer(request=request, schedule=schedule(calendar, request))
        for request in preview_requests(claim, news, at)
    )
