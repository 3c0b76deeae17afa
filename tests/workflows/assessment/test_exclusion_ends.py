"""An exclusion's workflow closes when nothing is expected any more, and not before (R65)."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from assessment.cases.model import CaseEnvelope, CaseSnapshot
from assessment.exclusion_cases.model import ExclusionState
from claims.model.journal import Outcome
from claims.model.values import Actor
from records.cases.reader import exclusion_state
from records.database.engine import Records
from tests.support.claims.people import COORDINATOR, HEAD, POWER, WATER
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Stage
from workflows.cases.case_runner import QUERY_STATE, CaseOpening
from workflows.cases.exclusion import EXCLUSION

Handle = WorkflowHandle[object, int]


async def act(
    handle: Handle, signal: str, actor: Actor, body: dict[str, object], **context: object
) -> Outcome:
    """Perform an action; return it with its outcome."""
    given = {"actor": actor, "body": body, "context": context}
    await handle.signal(signal, CaseEnvelope.model_validate(given).addressed(handle.id, signal))
    look: CaseSnapshot = await handle.query(QUERY_STATE, str(body["request_id"]), result_type=CaseSnapshot)
    assert look.outcome is not None
    return look.outcome


@asynccontextmanager
async def no_records(records: Records) -> AsyncIterator[None]:
    """Make the records unwritable within this block."""
    with records.writing():
        yield


async def begin(stage: Stage) -> Handle:
    number = f"QH{uuid.uuid4().int % 10**12:012}"
    return await stage.client.start_workflow(
        EXCLUSION,
        CaseOpening(id=number),
        id=f"exclusion-{number}",
        task_queue=stage.task_queue,
        result_type=int,
    )


def application(request_id: str, unit: str) -> dict[str, object]:
    given = {"reason": "policy", "text": "政策所限", "evidence": ["a"]}
    return {"request_id": request_id, "unit": unit, **given}


@pytest.mark.rule("R65")
async def test_an_application_that_comes_while_a_refused_one_is_recorded_is_decided(own_stage: Stage) -> None:
    handle = await begin(own_stage)
    at = (await handle.describe()).start_time
    window = {"accountable": [POWER], "until": f"{(at + timedelta(days=5)).date()}"}
    due = {"due_at": (at + timedelta(days=6)).isoformat()}
    async with no_records(own_stage.records):
        refused = await act(handle, "apply_exclusion", HEAD, application("1", WATER), **window, **due)
        assert refused.status == "refused"
        accepted = await act(handle, "apply_exclusion", HEAD, application("2", POWER), **window, **due)
        assert accepted.status == "accepted", accepted.reason

    async def status() -> WorkflowExecutionStatus | None:
        return (await handle.describe()).status

    async def state() -> ExclusionState:
        look: CaseSnapshot = await handle.query(QUERY_STATE, "", result_type=CaseSnapshot)
        return ExclusionState.model_validate(look.state)

    async def recorded() -> ExclusionState | None:
        return exclusion_state(own_stage.records, handle.id.removeprefix("exclusion-"))

    await eventually(recorded, lambda found: found is not None and bool(found.applications))
    await asyncio.sleep(2)  # in which the workflow would close
    assert await status() is WorkflowExecutionStatus.RUNNING
    id = (await state()).applications[0].id
    decision = {"request_id": "3", "application": id, "approve": True, "text": "同意"}
    decided = await act(handle, "decide_exclusion", COORDINATOR, decision, **window, **due)
    assert decided.status == "accepted", decided.reason
    ended = await eventually(status, lambda found: found is not WorkflowExecutionStatus.RUNNING)
    assert ended is WorkflowExecutionStatus.COMPLETED
    assert await handle.result() == 1
