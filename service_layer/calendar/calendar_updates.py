"""The workflow that brings a new calendar to the open claims (R1, R6): its start and its progress."""

from datetime import timedelta

import structlog
from temporalio.common import WorkflowIDConflictPolicy

from activities import priorities
from records.arrangements import Published
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable
from workflows.calendar_update import CALENDAR_UPDATE, CalendarUpdate, update_id
from workflows.search_attributes import of_published
from workflows.sweeps import QUERY_PROGRESS, Progress

log = structlog.get_logger()


def reason_of(published: Published) -> str:
    """Return why limits move, as the journal says it."""
    return f"{published.arrangement.source}（{published.arrangement.published}公布）"


async def start_update(services: Services, version: str, reason: str) -> bool:
    """Start the update, or leave it running. False: it could not be started; the background task does it later."""
    update = CalendarUpdate(version=version, reason=reason)
    try:
        async with services.temporal.client() as client:
            await client.start_workflow(
                CALENDAR_UPDATE,
                update,
                id=update_id(version),
                task_queue=services.settings.task_queue,
                priority=priorities.SWEEPS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"日历更新 · {version}",
                static_details=reason,
                search_attributes=of_published(version),
                rpc_timeout=_timeout(services),
            )
    except (TemporalUnavailable, NoAnswer, NotRunning) as error:
        log.warning("calendar-update-not-started", version=version, error=type(error).__name__)
        return False
    return True


async def progress_of(services: Services, version: str) -> Progress:
    """Return an update's progress. Raises NotRunning, NoAnswer, TemporalUnavailable."""
    async with services.temporal.client() as client:
        handle = client.get_workflow_handle(update_id(version))
        found: Progress = await handle.query(
            QUERY_PROGRESS, result_type=Progress, rpc_timeout=_timeout(services)
        )
        return found


def _timeout(services: Services) -> timedelta:
    return timedelta(seconds=services.settings.action_timeout)
