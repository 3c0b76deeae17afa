"""Somebody with access to the server alone cannot start an account with invented lights, or notify claims of
an unpublished law: a workflow not started by our programs fails with its first task, without a permanent
alarm.
"""

from collections.abc import Callable
from typing import Final
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowContinuedAsNewError,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from claims.editions.edition import Edition
from claims.model.policy import DEFAULT_POLICY
from claims.model.unit_account import UnitAccount
from runtime.payloads.key_registry import check_keys
from tests.support.claims.offline_unit_account import light
from tests.support.dates import beijing
from tests.support.payload_keys import UNDER_A_MADE_UP_KEY
from tests.support.polling import eventually, patience
from tests.support.workflows.claim_play import Stage
from workflows.edition_update import EditionUpdate
from workflows.unit_messages import UnitState

pytestmark = pytest.mark.rule("§1")

LIGHT: Final = light("Mon 2026-11-16")
FORGED_ACCOUNT: Final = UnitState(
    account=UnitAccount(unit="ZZ-GA", name="市公安局", policy=DEFAULT_POLICY, lights={LIGHT.id: LIGHT})
)
FORGED_EDITION: Final = EditionUpdate(
    edition=Edition(id="forged", source="无", in_force_from=beijing("Tue 2026-11-24 09:00"), reaches="open")
)


@pytest.mark.parametrize(
    ("type", "given"),
    [
        ("Unit", [FORGED_ACCOUNT]),
        ("Unit", []),
        ("EditionUpdate", [FORGED_EDITION]),
        ("CalendarUpdate", [RawValue(UNDER_A_MADE_UP_KEY)]),
        ("Clue", []),
        ("Meeting", [{"id": "meeting-x"}, {}]),
        ("Exclusion", [{"id": "exclusion-x"}]),
        ("Assessment", ["nonsense"]),
        ("AssessmentEdition", [{}]),
        ("Claim", []),
        ("Claim", [{"number": "QH202611240001"}]),
        ("Claim", [RawValue(UNDER_A_MADE_UP_KEY)]),
    ],
)
async def test_what_a_stranger_starts_fails_at_once(
    stage: Stage, stranger: Client, type: str, given: list[object]
) -> None:
    await check_keys(stage.client)  # as every program does on starting
    handle = await stranger.start_workflow(
        type, args=given, id=f"started-by-a-stranger-{uuid4()}", task_queue=stage.task_queue
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "NotStartedByUs"
    happened = [event.event_type for event in (await handle.fetch_history()).events]
    assert EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED not in happened
    assert EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED not in happened


async def test_nor_does_a_cron_schedule_begin_it_again(stage: Stage, stranger: Client) -> None:
    await check_keys(stage.client)
    handle = await stranger.start_workflow(
        "Unit",
        FORGED_ACCOUNT,
        id=f"started-by-a-stranger-{uuid4()}",
        task_queue=stage.task_queue,
        cron_schedule="@every 1s",
    )
    first, runs = handle.first_execution_run_id, stranger.get_workflow_handle(handle.id)

    async def run() -> str:
        return (await runs.describe()).run_id

    again = await eventually(run, lambda id: id != first)
    async with patience():
        for id in (first, again):
            with pytest.raises((WorkflowFailureError, WorkflowContinuedAsNewError)):
                await stranger.get_workflow_handle(handle.id, run_id=id).result(follow_runs=False)
    await runs.terminate()


@pytest.mark.parametrize(
    ("type", "own", "opening"),
    [
        ("Unit", "unit-", lambda id: {"account": {"unit": id}}),
        ("Clue", "clue-", lambda id: {"id": id}),
        ("Meeting", "meeting-", lambda id: {"id": id}),
        ("Exclusion", "exclusion-", lambda id: {"id": id}),
        ("Assessment", "assessment-", lambda _: {"id": "2021-01"}),
    ],
)
async def test_nor_does_what_another_workflow_began_with_begin_a_second_one(
    stage: Stage, type: str, own: str, opening: Callable[[str], object]
) -> None:
    """It is encrypted with our key, but everybody with access to the server can copy it from a history, with
    its old lights.
    """
    name = f"x{uuid4().hex}"
    handle = await stage.client.start_workflow(
        type, opening(name), id=f"{own}{uuid4()}", task_queue=stage.task_queue
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "NotStartedByUs"
    if type != "Assessment":  # which would start to gather its period's claims
        its_own = await stage.client.start_workflow(
            type, opening(name), id=f"{own}{name}", task_queue=stage.task_queue
        )
        await until_running(its_own)


async def until_running(handle: WorkflowHandle[object, object]) -> None:
    """Wait until its first task is done and it continues; then terminate it."""

    async def has_begun() -> bool:
        events = (await handle.fetch_history()).events
        return any(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for event in events)

    await eventually(has_begun, lambda begun: begun)
    assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING
    await handle.terminate()
