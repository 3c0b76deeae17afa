"""A unit's account trusts only the API and the workers."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client

from activities.workflow_ids import unit_workflow_id
from audit.replay.replayer import replay_run
from claims.deadlines.recalculation import NewEdition
from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import RevokeLight, UnitAction, UnitEnvelope
from claims.model.policy import DEFAULT_POLICY
from records.accounts import unit_journal
from records.database.engine import Records
from runtime.settings import load_settings
from tests.support.claims.offline_unit_account import light
from tests.support.claims.people import SUPERVISOR
from tests.support.payload_keys import converter
from tests.support.polling import eventually, until
from tests.support.workflows.claim_play import Stage
from tests.support.workflows.unit_play import Account, report
from worker import ACTIVITY_THREADS, build_worker

pytestmark = pytest.mark.rule("§1", "R37")


def revocation(id: str, request_id: str, addressee: str) -> UnitEnvelope:
    """Return a revocation as the API would send it for a supervisor."""
    body = RevokeLight(request_id=request_id, light=id, reason="系统故障").model_dump(mode="json")
    sent = UnitEnvelope(action=UnitAction.REVOKE_LIGHT, actor=SUPERVISOR, body=body)
    return sent.addressed(addressee, "act")


async def lit(client: Client, stage: Stage, unit: str) -> tuple[Account, str]:
    """Return an account with one light reported by this client, and the light's id."""
    first = light("Mon 2026-11-16").model_copy(update={"unit": unit})
    await report(client, stage.task_queue, first)
    account = Account(stage, unit)
    await account.with_a_light()
    return account, first.id


async def refusals(stage: Stage, account: Account) -> list[str]:
    await account.recorded()
    return [line.text for line in unit_journal(stage.records, account.unit) if line.kind is EventKind.REFUSED]


async def test_a_made_up_supervisor_revokes_nothing(stage: Stage, stranger: Client) -> None:
    account, id = await lit(stage.client, stage, "ZZ-STRANGE-1")
    handle = stranger.get_workflow_handle(account.handle.id)
    await handle.signal("act", revocation(id, "made-up", account.handle.id))
    outcome = (await account.answered("made-up")).outcome
    assert outcome is not None
    assert outcome.status == "refused"
    copied = revocation(id, "copied", unit_workflow_id("ZZ-OTHER"))
    await account.handle.signal("act", copied)
    await account.handle.signal("act", revocation(id, "real", account.handle.id))
    found = (await account.answered("real")).account
    assert found.lights[id].revoked
    outcomes = [(await account.look(request)).outcome for request in ("copied", "real")]
    assert [one.status for one in outcomes if one] == ["refused", "accepted"]


async def test_a_light_that_no_claim_reported_is_not_counted(stage: Stage, stranger: Client) -> None:
    account, _ = await lit(stage.client, stage, "ZZ-STRANGE-2")
    made_up = light("Tue 2026-11-17", "QH202611170099").model_copy(update={"unit": account.unit})
    handle = stranger.get_workflow_handle(account.handle.id)
    await handle.signal("post_light", made_up)
    await handle.signal("adopt_edition", NewEdition(edition="x", source="x", policy=DEFAULT_POLICY))

    async def is_noted() -> bool:
        return bool(await refusals(stage, account))

    await until(is_noted)
    assert len((await account.look()).account.lights) == 1


@pytest.mark.parametrize(
    ("body", "beside", "said"),
    [
        ({"resaon": "系统故障"}, {}, "没有名为 resaon 的字段，是否想填 reason？"),
        ({}, {"reason": "系统故障"}, "reason 应写在 body 里面"),
    ],
)
async def test_a_typed_field_that_would_not_be_read_is_refused(
    stage: Stage, stranger: Client, body: dict[str, object], beside: dict[str, object], said: str
) -> None:
    account, id = await lit(stage.client, stage, f"ZZ-TYPED-{len(beside)}")
    typed = {"action": "revoke-light", "body": {"request_id": "typed", "light": id, **body}, **beside}
    await stranger.get_workflow_handle(account.handle.id).signal("act", typed)
    outcome = (await account.answered("typed")).outcome
    assert outcome is not None
    assert (outcome.status, outcome.rule, outcome.reason) == ("refused", "§1", said)
    assert await refusals(stage, account) == [f"不予办理：{said}"]


async def test_a_typed_signal_with_a_used_id_and_other_content_is_noted(
    stage: Stage, stranger: Client
) -> None:
    account, id = await lit(stage.client, stage, "ZZ-USED")
    handle = stranger.get_workflow_handle(account.handle.id)
    for reason in ("系统故障", "系统故障", "另一理由"):
        body = {"request_id": "used", "light": id, "reason": reason}
        await handle.signal("act", {"action": "revoke-light", "body": body})

    async def lines() -> list[str]:
        return await refusals(stage, account)

    first, second = await eventually(lines, lambda found: len(found) == 2)
    assert first.startswith("不予办理：")
    assert second == "不予计入：请求编号“used”已用于其他操作，本次操作未办理"


@asynccontextmanager
async def working(client: Client, records: Records, queue: str, home: Path) -> AsyncIterator[Stage]:
    """Run a worker with this client: without our keys, as before version 0.5."""
    settings = load_settings().model_copy(update={"task_queue": queue, "home": home})
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(client, settings, records, threads):
            yield Stage(client, queue, records)


async def test_an_account_of_before_goes_on_until_our_programs_sign(
    client: Client, stranger: Client, records: Records, tmp_path: Path
) -> None:
    queue = f"before-{uuid4().hex[:8]}"
    async with working(stranger, records, queue, tmp_path) as before:
        account, id = await lit(stranger, before, "ZZ-STRANGE-3")
    second = light("Tue 2026-11-17", "QH202611170098").model_copy(update={"unit": account.unit})
    handle = stranger.get_workflow_handle(account.handle.id)
    async with working(client, records, queue, tmp_path) as stage:
        account = Account(stage, account.unit)
        await handle.signal("post_light", second)
        assert len((await account.look()).account.lights) == 2, "it began when nobody could tell"
        third = light("Wed 2026-11-18", "QH202611180097").model_copy(update={"unit": account.unit})
        await account.handle.signal("post_light", third)
        await handle.signal("act", revocation(id, "made-up", account.handle.id))
        look = await account.answered("made-up")
        assert look.outcome is not None
        assert (look.outcome.status, len(look.account.lights)) == ("refused", 3)

        async def replays_to_what_it_says() -> bool:
            replayed = await replay_run(await account.handle.fetch_history(), converter())
            return replayed.account == (await account.look()).account

        await until(replays_to_what_it_says)
