"""Composition root of the worker: registers workflows and activities, runs until a signal, stops gracefully."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Final

import structlog
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.archive import ArchivingActivities
from activities.archive_sweep import Sweeper
from activities.calendar_updates import CalendarUpdateActivities
from activities.calendars import CurrentCalendar
from activities.claims import ClaimActivities
from activities.deadlines import DeadlineActivities
from activities.edition_updates import EditionUpdateActivities
from activities.editions import CurrentEditions
from activities.lights import LightActivities
from activities.papers import PaperActivities
from activities.records import RecordActivities
from data import load_organisation
from notices.relay import Relay, relaying
from records.contents import ContentStore
from records.database.engine import Records, open_records
from runtime import logs
from runtime.connection import connect
from runtime.settings import Settings
from runtime.telemetry import core_runtime
from tools.deployments import DEPLOYMENT
from workflows.archive import ArchiveSweepWorkflow, keep_schedule
from workflows.calendar_update import CalendarUpdateWorkflow
from workflows.claim import ClaimWorkflow
from workflows.edition_update import EditionUpdateWorkflow
from workflows.execution.runner import runner_for
from workflows.unit import UnitWorkflow

ACTIVITY_SLOTS: Final = 16
ACTIVITY_THREADS: Final = 2 * ACTIVITY_SLOTS
"""One thread for each slot, regular and local."""
CACHED_WORKFLOWS: Final = 1000
GRACE: Final = timedelta(seconds=30)

log = structlog.get_logger()


def build_worker(client: Client, settings: Settings, records: Records, threads: ThreadPoolExecutor) -> Worker:
    """Build a worker with all workflows and activities."""
    return Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[
            ClaimWorkflow,
            UnitWorkflow,
            CalendarUpdateWorkflow,
            EditionUpdateWorkflow,
            ArchiveSweepWorkflow,
        ],
        activities=_activities(client, settings, records),
        workflow_runner=runner_for(client.data_converter),
        activity_executor=threads,
        max_concurrent_activities=ACTIVITY_SLOTS,
        max_concurrent_local_activities=ACTIVITY_SLOTS,
        max_cached_workflows=CACHED_WORKFLOWS,
        graceful_shutdown_timeout=GRACE,
        deployment_config=_deployment(settings.worker_build),
    )


def _activities(
    client: Client, settings: Settings, records: Records
) -> Sequence[Callable[..., Awaitable[object] | object]]:
    """All activities, each with the connections and data that it needs."""
    recording = RecordActivities(records)
    calendar_updates = CalendarUpdateActivities(client, records)
    edition_updates = EditionUpdateActivities(client, records)
    lights = LightActivities(client, records, settings.task_queue, CurrentEditions(records).get)
    return (
        DeadlineActivities(CurrentCalendar(records).get).fix_deadlines,
        recording.record_step,
        recording.record_change,
        ClaimActivities(client).remind_claim,
        calendar_updates.tell_touched_claims,
        calendar_updates.tell_units,
        calendar_updates.finish_calendar_update,
        edition_updates.tell_claims_of_edition,
        edition_updates.tell_accounts_of_edition,
        edition_updates.finish_edition_update,
        lights.report_light,
        lights.report_cause,
        lights.record_account,
        lights.gather_case,
        lights.revoke_claim_light,
        PaperActivities(records, ContentStore(settings.attachments)).file_paper,
        ArchivingActivities(build_sweeper(client, settings, records)).sweep_archive,
    )


def _deployment(build: str) -> WorkerDeploymentConfig:
    """Every history says which build took each step. An open claim moves to the current build; `workflows.patches`
    keeps what its history began under an older one."""
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build or version("zaoying")),
        use_worker_versioning=bool(build),
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE
        if build
        else VersioningBehavior.UNSPECIFIED,
    )


def build_sweeper(client: Client, settings: Settings, records: Records) -> Sweeper:
    """Build the sweeper, which archives closed histories."""
    return Sweeper(client, records, settings.archive, clock=_now, code_version=version("zaoying"))


async def _schedule(client: Client, settings: Settings) -> None:
    """Create the archive's schedule. The worker goes on without it if the server refuses."""
    try:
        await keep_schedule(client, settings.task_queue)
    except RPCError as error:
        log.error("archive-schedule-not-made", reason=error.message)


def build_relay(settings: Settings, records: Records) -> Relay:
    """Build the relay, which notifies the units' recipients (R20)."""
    names = {unit.id: unit.short for unit in load_organisation().units}
    return Relay(records, contacts=settings.contacts, public_url=settings.public, names=names, clock=_now)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  an edge of the system


async def run_worker(settings: Settings) -> None:
    """Run the worker until SIGINT or SIGTERM, then finish the tasks under way."""
    logs.configure(settings.log_level)
    # Claim and request have fields of their own, so the message names only the event.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await connect(settings, runtime=core_runtime(settings.metrics_address))
    records = open_records(settings.records_url)
    try:
        with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
            relay = build_relay(settings, records)
            async with relaying(relay, stop), build_worker(client, settings, records, threads):
                await _schedule(client, settings)
                log.info("worker-ready", task_queue=settings.task_queue, temporal=settings.temporal)
                await stop.wait()
                log.info("worker-stopping")
    finally:
        records.close()
