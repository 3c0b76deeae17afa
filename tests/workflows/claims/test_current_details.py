"""The claim's details in the Temporal UI are generated on request, by the worker that has it cached or by another."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client

from claims.model.terms import Action
from records.database.engine import Records
from runtime.settings import load_settings
from tests.support.claims.people import HANDLER
from tests.support.workflows.claim_play import Play, Stage
from worker import ACTIVITY_THREADS, build_worker
from workflows.execution.current_details import METADATA_QUERY


async def details_of(play: Play) -> str:
    found: WorkflowMetadata = await play.handle.query(METADATA_QUERY, result_type=WorkflowMetadata)
    return found.current_details


@pytest.mark.rule("R10")
async def test_the_details_are_of_the_claim_as_it_stands_whichever_worker_is_asked(
    client: Client, records: Records, tmp_path: Path
) -> None:
    queue = f"claims-{tmp_path.name}"
    settings = load_settings().model_copy(update={"task_queue": queue, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            play = await Stage(client, queue, records).register()
            await play.look()
            registered = await details_of(play)
            await play.dispatched()
            await play.must(Action.SIGN_FOR, HANDLER)
            signed = await details_of(play)
        async with build_worker(client, settings, records, threads):
            assert await details_of(play) == signed
    assert f"## {play.number}　待处置" in registered
    assert f"## {play.number}　办理中" in signed
    assert "**派单**" in signed
