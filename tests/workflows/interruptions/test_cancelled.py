"""A workflow cancelled in the Temporal UI continues, whatever is in progress, and reports it (ADR 0001)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.deadlines import FIX_DEADLINES
from audit.replay.replayer import replay_run
from claims.model.events import EventKind
from claims.model.terms import Action
from records.accounts import unit_journal
from records.database.engine import Records
from runtime.settings import load_settings
from tests.support.claims.people import CALLER
from tests.support.payload_keys import converter
from tests.support.polling import until
from tests.support.workflows.claim_play import Stage
from tests.support.workflows.unit_play import Account, missing
from worker import ACTIVITY_THREADS, build_worker
from workflows.claim import ClaimWorkflow
from workflows.messages import QUERY_STATE, ClaimState


@pytest.mark.rule("R10")
async def test_a_claim_goes_on(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await play.handle.cancel()
    await play.handled()
    await play.must(Action.CALL_BACK, CALLER)
    await play.handle.result()
    assert len(await play.entries(EventKind.REFUSED)) == 1


@pytest.mark.rule("R6", "R10")
async def test_a_claim_goes_on_whose_limits_are_being_fixed(
    client: Client, records: Records, tmp_path: Path
) -> None:
    stage = Stage(client, f"claims-{tmp_path.name}", records)
    play = await stage.register()

    async def fixes_its_limits() -> bool:
        pending = (await play.handle.describe()).raw_description.pending_activities
        return FIX_DEADLINES in [one.activity_type.name for one in pending]

    async def has_noted_it() -> bool:
        look: ClaimState = await play.handle.query(QUERY_STATE, "", result_type=ClaimState)
        return look.claim.seq > 1

    decider = Worker(
        client,
        task_queue=stage.task_queue,
        workflows=[ClaimWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with decider:
        await until(fixes_its_limits)
        await play.handle.cancel()
        await until(has_noted_it)
    settings = load_settings().model_copy(update={"task_queue": stage.task_queue, "home": tmp_path})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            await (await play.dispatched()).handled()
            await play.must(Action.CALL_BACK, CALLER)
            await play.handle.result()
            assert len(await play.entries(EventKind.REFUSED)) == 1
            ended = await play.claim()
    life = await replay_run(await play.handle.fetch_history(), converter())
    assert (life.claim, life.run.end) == (ended, "completed")


@pytest.mark.rule("R34", "R35")
async def test_a_units_account_goes_on(stage: Stage) -> None:
    unit = "ZZ-JRJ"
    account = Account(stage, unit)
    await missing(stage, unit)

    await account.with_a_light()
    await account.handle.cancel()
    await missing(stage, unit)
    (interview,) = (await account.with_measures()).measures
    assert interview.schedule is not None
    refused = [entry for entry in unit_journal(stage.records, unit) if entry.kind is EventKind.REFUSED]
    assert ["取消" in entry.text for entry in refused] == [True]
