"""The updates that bring a new calendar to the open claims (R1, R6): started, watched, started again."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog
from temporalio.client import WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy

from calendar_rules import WorkingCalendar
from records.arrangements import Published, all_published, calendar_of
from records.database.engine import Records
from records.errors import RecordsUnavailable
from records.queries.affected_claims import AffectedClaims
from service_layer.services import Services
from service_layer.temporal_gateway import NoAnswer, NotRunning, TemporalAway
from workflows.calendar_update import CALENDAR_UPDATE, QUERY_PROGRESS, CalendarUpdate, Progress, update_id

SWEEP_SECONDS: Final = 30.0
LIBRARY_CHANGED: Final = "工作日历的基础数据更新"

log = structlog.get_logger()


def reason_of(published: Published) -> str:
    """Why limits move, as the journal says it."""
    return f"{published.arrangement.source}（{published.arrangement.published}公布）"


async def start_update(services: Services, version: str, reason: str) -> bool:
    """Have the open claims told; an update that is under way goes on. False: later, by the sweep."""
    update = CalendarUpdate(version=version, reason=reason)
    try:
        async with services.claims.client() as client:
            await client.start_workflow(
                CALENDAR_UPDATE,
                update,
                id=update_id(version),
                task_queue=services.settings.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"日历更新 · {version}",
                static_details=reason,
                rpc_timeout=_patience(services),
            )
    except (TemporalAway, NoAnswer, NotRunning) as error:
        log.warning("calendar-update-not-started", version=version, error=type(error).__name__)
        return False
    return True


async def progress_of(services: Services, version: str) -> Progress:
    """How far an update has come. Raises NotRunning, NoAnswer, TemporalAway."""
    try:
        async with services.claims.client() as client:
            handle = client.get_workflow_handle(update_id(version))
            found: Progress = await handle.query(
                QUERY_PROGRESS, result_type=Progress, rpc_timeout=_patience(services)
            )
            return found
    except WorkflowQueryFailedError as error:
        raise NoAnswer(version) from error


def _patience(services: Services) -> timedelta:
    return timedelta(seconds=services.settings.action_timeout)


def _unknown_calendars(records: Records, published: Sequence[Published], calendar: WorkingCalendar) -> bool:
    return bool(AffectedClaims(records, published, calendar).unknown)


async def sweep(services: Services, *, at_start: bool = False) -> bool:
    """Start the newest calendar's update where it has not come to its end. At the start of a program also
    where open claims were counted with a calendar that nobody published: the library's data have changed."""
    published = await services.book.ask(all_published)
    calendar = calendar_of(published)
    if published and published[-1].version == calendar.version and published[-1].finished_at is None:
        return await start_update(services, calendar.version, reason_of(published[-1]))
    if at_start and await services.book.ask(_unknown_calendars, published, calendar):
        return await start_update(services, calendar.version, LIBRARY_CHANGED)
    return False


async def keep_updating(services: Services) -> None:
    """At the start and every half minute, for as long as the API runs."""
    at_start = True
    while True:
        try:
            await sweep(services, at_start=at_start)
            at_start = False
        except RecordsUnavailable:
            log.warning("records-unavailable", during="calendar-update")
        except Exception as error:  # noqa: BLE001  the sweep must outlive whatever it meets
            log.error("calendar-update-failed", error=type(error).__qualname__)
        await asyncio.sleep(SWEEP_SECONDS)
