"""No number of signals closes a case to its people: it continues in a new run before the server takes no more."""

import asyncio
import uuid
from collections.abc import Iterator
from functools import partial
from operator import le

import pytest
from temporalio.client import Client

from assessment.cases.model import CaseKind, CaseSnapshot
from records.cases.reader import case_journal
from records.database.engine import Records, open_records
from runtime.settings import load_settings
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Stage
from workflows.cases.assessment import MONTH_PUBLISHED
from workflows.cases.case_runner import QUERY_STATE, CaseOpening
from workflows.incoming.message_contents import MOST_SIGNALS

SEVERAL_RUNS = 2 * MOST_SIGNALS + 20


@pytest.fixture
def records(records_url: str) -> Iterator[Records]:
    """Records that can hold a clue."""
    with open_records(records_url, load_settings().clue_cipher) as opened:
        yield opened


@pytest.mark.rule("R62", "R63", "R64")
@pytest.mark.parametrize("kind", [CaseKind.ASSESSMENT, CaseKind.CLUE, CaseKind.MEETING])
async def test_a_case_takes_more_signals_than_the_server_allows_for_a_run(
    stage: Stage, stranger: Client, kind: CaseKind
) -> None:
    number = uuid.uuid4().int % 10**6
    id = f"{2030 + number % 60}-02" if kind is CaseKind.ASSESSMENT else f"QH202611{number:06}"
    case = await stage.client.start_workflow(
        kind.capitalize(), CaseOpening(id=id), id=f"{kind}-{id}", task_queue=stage.task_queue
    )
    handle = stranger.get_workflow_handle(case.id)
    for _ in range(2):
        await asyncio.gather(*(handle.signal("nonsense") for _ in range(SEVERAL_RUNS // 2)))
        first = await eventually(handle.describe, lambda found: found.run_id != case.first_execution_run_id)

    async def lines() -> int:
        await case.query(QUERY_STATE, result_type=CaseSnapshot)
        return len(case_journal(stage.records, kind, id))

    assert first.run_id != case.first_execution_run_id
    assert await eventually(lines, lambda count: count >= SEVERAL_RUNS) == SEVERAL_RUNS


@pytest.mark.rule("R62")
async def test_a_period_takes_more_news_of_months_than_the_server_allows_signals_for_a_run(
    stage: Stage, stranger: Client
) -> None:
    id = f"{2030 + uuid.uuid4().int % 60}-03"
    case = await stage.client.start_workflow(
        "Assessment", CaseOpening(id=id), id=f"assessment-{id}", task_queue=stage.task_queue
    )
    handle = stranger.get_workflow_handle(case.id)
    for runs in (2, 3):
        await asyncio.gather(*(handle.signal(MONTH_PUBLISHED) for _ in range(SEVERAL_RUNS // 2)))
        assert await eventually(lambda: runs_of(stage.client, case.id), partial(le, runs))


async def runs_of(client: Client, workflow_id: str) -> int:
    """Return how many runs a workflow has had, as visibility knows."""
    return (await client.count_workflows(f'WorkflowId = "{workflow_id}"')).count
