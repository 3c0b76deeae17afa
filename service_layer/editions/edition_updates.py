"""The workflow that brings an edition to the open claims (R7): starting it."""

from datetime import timedelta

import structlog
from temporalio.common import WorkflowIDConflictPolicy

from activities import priorities
from claims.editions.edition import Edition
from service_layer.services import Services
from service_layer.temporal_errors import NoAnswer, NotRunning, TemporalUnavailable
from workflows.edition_update import EDITION_UPDATE, EditionUpdate, edition_update_id
from workflows.search_attributes import of_published

log = structlog.get_logger()


async def start_edition_update(services: Services, edition: Edition) -> bool:
    """Start the update, or leave it running. False: it could not be started; the background task does it later."""
    update = EditionUpdate(edition=edition)
    try:
        async with services.temporal.client() as client:
            await client.start_workflow(
                EDITION_UPDATE,
                update,
                id=edition_update_id(edition.id),
                task_queue=services.settings.task_queue,
                priority=priorities.SWEEPS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"规定版本 · {edition.id}",
                static_details=edition.source,
                search_attributes=of_published(edition.id),
                rpc_timeout=timedelta(seconds=services.settings.action_timeout),
            )
    except (TemporalUnavailable, NoAnswer, NotRunning) as error:
        log.warning("edition-update-not-started", edition=edition.id, error=type(error).__name__)
        return False
    return True
