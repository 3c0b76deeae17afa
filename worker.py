"""Composition root of the worker: registers workflows and activities, runs until a signal, stops gracefully."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import datetime, timedelta
from importlib.metadata import version
from types import TracebackType
from typing import Final, Self

import structlog
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import PollerBehaviorAutoscaling, Worker, WorkerDeploymentConfig

from activities.answers_first import AnswersFirst
from activities.archive.sweep import Sweeper
from activities.archive.sweep_activity import ArchivingActivities
from activities.assessment.case_records import CaseActivities
from activities.assessment.editions import AssessmentActivities, EditionMaker
from activities.calendars import CurrentCalendar
from activities.claims import ClaimActivities
from activities.deadlines import DeadlineActivities
from activities.editions import CurrentEditions
from activities.lights import LightActivities
from activities.monitoring.failure_monitor import FailureMonitor, reporting
from activities.organisation import organisation_on
from activities.papers.fields import names_of_units
from activities.papers.filing import PaperActivities
from activities.records import RecordActivities
from activities.registration import RegistrationActivities
from activities.splitting import SplitActivities
from activities.task_queues import queue_name
from activities.updates.calendar_updates import CalendarUpdateActivities
from activities.updates.edition_updates import EditionUpdateActivities
from archive.store import open_store
from calendar_rules import local_day
from calendar_rules.office_hours import OfficeHours, in_office_hours
from data import load_organisation
from notices.relay import Relay, relaying
from records.calendars import Calendars
from records.contents import ContentStore
from records.database.engine import Records, clock_of, open_records
from runtime import logs
from runtime.connection import connect
from runtime.process.garbage import tune_for_work
from runtime.process.watchdog import watchdog
from runtime.settings import Settings
from runtime.startup_checks import check_clock, check_file, check_folders, check_server
from runtime.telemetry import core_runtime
from service_layer import clock
from tools.releases.deployments import DEPLOYMENT
from workflows.archive import keep_schedule
from workflows.cases.assessment_schedule import keep_assessment_schedules
from workflows.execution.current_details import CurrentDetails
from workflows.execution.runner import runner_for
from workflows.execution.slots import ACTIVITY_SLOTS, QUEUE_SLOTS, tuner, tuner_beside
from workflows.messages import CURRENT_PROTOCOL
from workflows.registered import WORKFLOWS
from workflows.search_attributes import SEARCH_ATTRIBUTES

ACTIVITY_THREADS: Final = ACTIVITY_SLOTS + sum(QUEUE_SLOTS.values())
"""One for each slot; a thread is made when it is needed."""
CACHED_WORKFLOWS: Final = 1000
STICKY: Final = timedelta(seconds=2.5)
"""How long a workflow task waits for the worker that has the workflow in its memory; so long a killed worker's claims
are silent."""
GRACE: Final = timedelta(seconds=30)

log = structlog.get_logger()


class Workers:
    """The workers of one process, which run and stop together: one for the workflows, one for each task queue of
    activities (`activities.task_queues`)."""

    def __init__(self, workers: Sequence[Worker], reporting: AbstractAsyncContextManager[None]) -> None:
        self._workers = workers
        self._reporting = reporting
        self._running = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for worker in self._workers:
                await stack.enter_async_context(worker)
            await stack.enter_async_context(self._reporting)
            self._running = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(worker.shutdown() for worker in self._workers))
        await self._running.__aexit__(kind, error, trace)  # raises what ended a worker


def build_worker(
    client: Client, settings: Settings, records: Records, threads: ThreadPoolExecutor
) -> Workers:
    """Build the workers of a process, with all workflows and activities."""
    activities = _activities(client, settings, records)
    deployment = _deployment(settings.worker_build)
    monitor, answers_first = FailureMonitor(), AnswersFirst()
    main = Worker(
        client,
        task_queue=settings.task_queue,
        workflows=WORKFLOWS,
        activities=activities,
        workflow_runner=runner_for(client.data_converter),
        activity_executor=threads,
        interceptors=[answers_first, monitor, CurrentDetails()],
        tuner=tuner(settings.workflow_slots, settings.worker_memory),
        workflow_task_poller_behavior=_polling(settings),
        activity_task_poller_behavior=_polling(settings),
        max_cached_workflows=CACHED_WORKFLOWS,
        sticky_queue_schedule_to_start_timeout=STICKY,
        graceful_shutdown_timeout=GRACE,
        deployment_config=deployment,
    )
    beside = [
        Worker(
            client,
            task_queue=queue_name(settings.task_queue, queue),
            activities=activities,
            activity_executor=threads,
            interceptors=[answers_first, monitor],
            tuner=tuner_beside(queue, slots, answers_first, virtual_time=settings.virtual_time),
            activity_task_poller_behavior=_polling(settings),
            graceful_shutdown_timeout=GRACE,
            deployment_config=deployment,
        )
        for queue, slots in QUEUE_SLOTS.items()
    ]
    return Workers([main, *beside], reporting(client, settings.task_queue, monitor))


def _polling(settings: Settings) -> PollerBehaviorAutoscaling:
    """Few polls while little happens, and as many as the server asks for in a crowd."""
    return PollerBehaviorAutoscaling(minimum=2, initial=5, maximum=max(5, settings.pollers))


def _activities(
    client: Client, settings: Settings, records: Records
) -> Sequence[Callable[..., Awaitable[object] | object]]:
    """All activities, each with the connections and data that it needs."""
    recording = RecordActivities(records)
    between_claims = ClaimActivities(client)
    calendar_updates = CalendarUpdateActivities(client, records)
    edition_updates = EditionUpdateActivities(client, records)
    lights = LightActivities(client, records, settings.task_queue, CurrentEditions(records).get)
    calendar, contents = CurrentCalendar(records), ContentStore(settings.attachments)
    assessments = AssessmentActivities(
        EditionMaker(records, contents, lambda day: organisation_on(records, day)), calendar.get
    )
    return (
        DeadlineActivities(calendar.get).fix_deadlines,
        RegistrationActivities(records).is_registered,
        recording.record_step,
        recording.record_change,
        between_claims.remind_claim,
        between_claims.ask_to_take_over,
        between_claims.answer_take_over,
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
        SplitActivities(client, records, CURRENT_PROTOCOL).register_matters,
        PaperActivities(records, contents, lambda: _full_names(records)).file_paper,
        CaseActivities(records).record_case,
        assessments.draft_assessment,
        assessments.make_edition,
        ArchivingActivities(build_sweeper(client, settings, records)).sweep_archive,
    )


def _full_names(records: Records) -> dict[str, str]:
    """Of today, and of those who had another short name in the release: old claims keep it."""
    units = organisation_on(records, local_day(clock.now())).units
    released = names_of_units([(unit.short, unit.name) for unit in load_organisation().units])
    return released | names_of_units([(unit.short, unit.name) for unit in units])


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
    return Sweeper(client, records, settings.archive, clock=clock.now, code_version=version("zaoying"))


async def _schedule(client: Client, settings: Settings) -> None:
    """Create the schedules. The worker goes on without one if the server refuses."""
    for name, keep in (("archive", keep_schedule), ("assessment", keep_assessment_schedules)):
        try:
            await keep(client, settings.task_queue)
        except RPCError as error:
            log.error(f"{name}-schedule-not-made", reason=error.message)


def build_relay(settings: Settings, records: Records) -> Relay:
    """Build the relay, which notifies the units' recipients (R20)."""

    def names() -> dict[str, str]:
        return {unit.id: unit.short for unit in organisation_on(records, local_day(clock.now())).units}

    calendars = Calendars()

    def opens(at: datetime, hours: OfficeHours) -> datetime:
        """Claims whose clocks can be moved live at no office's hours."""
        return at if settings.virtual_time else in_office_hours(at, calendars.current(records), hours)

    contacts, url = settings.contacts, settings.public
    return Relay(records, contacts=contacts, public_url=url, names=names, clock=clock.now, opens=opens)


async def run_worker(settings: Settings) -> None:
    """Run the worker until SIGINT or SIGTERM, then finish the tasks under way. Raises ConfigurationError, NotOurRecords,
    RecordsUnavailable, ArchiveError and RuntimeError where it cannot start."""
    logs.configure(settings.log_level)
    # Claim and request have fields of their own, so the message names only the event.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    check_folders(settings.written_folders)
    check_file("ZAOYING_CONTACTS_FILE", settings.contacts_file)
    open_store(settings.archive)
    client = await connect(settings, runtime=core_runtime(settings.metrics_address))
    await check_server(client, SEARCH_ATTRIBUTES)
    records = open_records(settings.records_url, settings.clue_cipher)
    try:
        check_clock(clock_of(records), clock.now())
        with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
            relay = build_relay(settings, records)
            async with watchdog(), relaying(relay, stop), build_worker(client, settings, records, threads):
                await _schedule(client, settings)
                tune_for_work()
                log.info("worker-ready", task_queue=settings.task_queue, temporal=settings.temporal)
                await stop.wait()
                log.info("worker-stopping")
    finally:
        records.close()
