"""An administrator can end an activity in the Temporal UI or with `temporal activity`; the workflow begins it again."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.activity.v1 import ActivityOptions
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import UpdateActivityOptionsRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.assessment.case_records import RECORD_CASE
from activities.deadlines import FIX_DEADLINES
from activities.lights import RECORD_ACCOUNT
from activities.records import RECORD_CHANGE
from assessment.cases.model import CaseKind
from audit.replay.replayer import replay_run
from claims.model.terms import Action, BackgroundTaskKind, LimitKind
from records.accounts import unit_journal
from records.cases.reader import case_journal
from records.database.engine import Records
from runtime.settings import load_settings
from tests.support.claims.offline_unit_account import light
from tests.support.claims.people import CALLER
from tests.support.payload_keys import converter
from tests.support.polling import until
from tests.support.workflows.claim_play import Stage
from tests.support.workflows.unit_play import Account, report
from worker import ACTIVITY_THREADS, build_worker
from workflows.cases.case_runner import CaseOpening
from workflows.cases.meeting import MeetingWorkflow
from workflows.claim import ClaimWorkflow
from workflows.unit import UnitWorkflow

pytestmark = pytest.mark.rule("R10")

REPORT_LIGHT: Final = BackgroundTaskKind.REPORT_LIGHT.value
Handle = WorkflowHandle[object, object]


async def end(client: Client, handle: Handle, activity: str) -> None:
    """Wait for a pending activity of this name, and end it: it has no more time from now on."""

    await until(lambda: is_pending(handle, activity))
    before = (await ended(handle))[activity]
    for id in await pending(handle, activity):
        request = UpdateActivityOptionsRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=handle.id),
            id=id,
            activity_options=ActivityOptions(schedule_to_close_timeout=Duration(seconds=1)),
            update_mask=FieldMask(paths=["schedule_to_close_timeout"]),
        )
        await client.workflow_service.update_activity_options(request)

    async def has_ended() -> bool:
        return (await ended(handle))[activity] > before

    await until(has_ended)


async def pending(handle: Handle, activity: str) -> list[str]:
    """Return the ids of the pending activities of this name."""
    found = (await handle.describe()).raw_description.pending_activities
    return [one.activity_id for one in found if one.activity_type.name == activity]


async def is_pending(handle: Handle, activity: str) -> bool:
    """Return whether an activity of this name is pending."""
    return bool(await pending(handle, activity))


async def ended(handle: Handle) -> Counter[str]:
    """Count the activities that timed out, by name."""
    names: dict[int, str] = {}
    found: Counter[str] = Counter()
    async for event in handle.fetch_history_events():
        if event.HasField("activity_task_scheduled_event_attributes"):
            names[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name
        if event.HasField("activity_task_timed_out_event_attributes"):
            found[names[event.activity_task_timed_out_event_attributes.scheduled_event_id]] += 1
    return found


def decider(stage: Stage, workflow: type) -> Worker:
    """A worker that does no activity."""
    return Worker(
        stage.client,
        task_queue=stage.task_queue,
        workflows=[workflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


async def test_a_claim_gets_its_limits(client: Client, records: Records, tmp_path: Path) -> None:
    stage = Stage(client, f"claims-{tmp_path.name}", records)
    play = await stage.register()
    async with decider(stage, ClaimWorkflow):
        await end(client, play.handle, FIX_DEADLINES)
    settings = load_settings().model_copy(update={"task_queue": stage.task_queue, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            await (await play.dispatched()).handled()
            await play.must(Action.CALL_BACK, CALLER)
            await play.handle.result()
            closed = await play.claim()
    life = await replay_run(await play.handle.fetch_history(), converter())
    assert (life.claim, life.run.end) == (closed, "completed")


async def test_a_claims_journal_is_complete_and_its_light_is_reported(
    client: Client, records: Records, tmp_path: Path
) -> None:
    stage = Stage(client, f"claims-{tmp_path.name}", records)
    settings = load_settings().model_copy(update={"task_queue": stage.task_queue, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            play = await (await stage.register()).dispatched()
            due = await play.due(LimitKind.CONTACT)
            await play.entries()
        async with decider(stage, ClaimWorkflow):
            passing = asyncio.create_task(play.until(due + timedelta(minutes=1)))
            await end(client, play.handle, RECORD_CHANGE)
            await end(client, play.handle, REPORT_LIGHT)
            await until(lambda: is_pending(play.handle, REPORT_LIGHT))
        async with build_worker(client, settings, records, threads):
            await passing
            entries = await play.entries()
            assert [entry.seq for entry in entries] == list(range(1, (await play.claim()).seq + 1))


async def test_a_units_account_is_recorded(client: Client, records: Records, tmp_path: Path) -> None:
    stage = Stage(client, f"claims-{tmp_path.name}", records)
    unit = f"ZZ-ENDED-{tmp_path.name[-8:]}"
    account = Account(stage, unit)
    async with decider(stage, UnitWorkflow):
        await report(client, stage.task_queue, light("Mon 2026-11-16").model_copy(update={"unit": unit}))
        await end(client, account.handle, RECORD_ACCOUNT)
    settings = load_settings().model_copy(update={"task_queue": stage.task_queue, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            await until(lambda: asyncio.to_thread(lambda: bool(unit_journal(records, unit))))


async def test_a_case_is_recorded(client: Client, records: Records, tmp_path: Path) -> None:
    stage = Stage(client, f"claims-{tmp_path.name}", records)
    id = f"QH{tmp_path.name[-12:]}"
    handle: Handle = await client.start_workflow(
        "Meeting", CaseOpening(id=id), id=f"{CaseKind.MEETING}-{id}", task_queue=stage.task_queue
    )
    await handle.signal("nonsense")
    async with decider(stage, MeetingWorkflow):
        await end(client, handle, RECORD_CASE)
    settings = load_settings().model_copy(update={"task_queue": stage.task_queue, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            await until(lambda: asyncio.to_thread(lambda: bool(case_journal(records, CaseKind.MEETING, id))))
