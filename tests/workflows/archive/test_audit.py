"""Auditing what is still on the server: open claims, newly closed ones, and units' accounts."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowHandle

from activities.workflow_ids import unit_workflow_id
from audit.histories.sources import Origin, Sources, server_histories
from audit.problems import NoSuchHistory
from audit.replay.later_revocations import add_later_revocations
from audit.replay.replayer import replay_run
from audit.replay.time_travel import claim_at
from audit.reports.timeline import timeline
from audit.verification.comparison import compare, read_recorded
from audit.verification.verify import FindingKind, Holdings, verified_text, verify_claims
from claims.model.claim import Claim
from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import RevokeLight, UnitAction
from claims.model.terms import Action, LimitKind, Role
from records.accounts import unit_account, unit_journal
from records.contents import ContentStore
from tests.support.claims.people import CALLER, OPERATOR, SUPERVISOR, person
from tests.support.payload_keys import converter
from tests.support.workflows.claim_play import Play, Stage
from tests.support.workflows.unit_play import Account

UNIT, OTHER_UNIT = "ZZ-LYJ", "ZZ-ZGJ"
"""Used by no other test: a unit has one account on the server, served by the first test's worker."""


def sources_of(stage: Stage, folder: str) -> Sources:
    async def connect() -> Client:
        return stage.client

    return Sources(server_histories(connect), folder)


async def length_of(handle: "WorkflowHandle[object, object]") -> int:
    return len((await handle.fetch_history()).events)


@pytest.mark.rule("R70")
async def test_a_claim_that_lives_is_audited_from_the_server_and_does_not_notice(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("holdings")
    sources = sources_of(stage, str(folder / "archive"))
    holdings = Holdings(sources, stage.records, ContentStore(folder / "attachments"), converter())
    play = await (await stage.register()).dispatched()
    await play.asleep()
    before = await length_of(play.handle)
    found = await sources.claim(play.number)
    life = await replay_run(found.history, converter())
    assert found.origin is Origin.SERVER
    assert not life.run.is_over
    assert life.claim == await play.claim()
    assert timeline(life)[-1].kind is EventKind.LIMITS_FIXED
    assert claim_at(life, life.states[0].at).claim.dispatches == []
    assert compare(life, read_recorded(stage.records, life)) == []
    assert await length_of(play.handle) == before
    assert sorted(folder.rglob("*")) == []
    with pytest.raises(NoSuchHistory):
        await sources.claim("QH209901010001")
    verified = await verify_claims(holdings, [play.number])
    assert {finding.kind for finding in verified.findings} <= {FindingKind.PAPER_MISSING}


async def late(stage: Stage, unit: str = UNIT) -> Play:
    play = await (await stage.register()).dispatched(unit=unit)
    await play.wait_out(LimitKind.CONTACT)
    handler = person(Role.HANDLER, unit)
    await play.handled((handler, handler, handler))
    await play.must(Action.CALL_BACK, CALLER)
    await play.handle.result()
    return play


@pytest.mark.rule("R34", "R70")
async def test_a_units_account_replays_to_what_was_recorded_of_it(stage: Stage) -> None:
    plays = await asyncio.gather(late(stage), late(stage))
    account = Account(stage, UNIT)
    await account.with_measures()
    handle = stage.client.get_workflow_handle(unit_workflow_id(UNIT))
    life = await replay_run(await handle.fetch_history(), converter())
    assert life.account == life.accounts[-1].account
    recorded = unit_account(stage.records, UNIT)
    assert recorded is not None
    assert (life.account.seq, life.account.lights) == (recorded.seq, recorded.lights)
    assert [one.id for one in life.account.measures] == [one.id for one in recorded.measures]
    lines = [(entry.seq, entry.kind, entry.text) for entry in unit_journal(stage.records, UNIT)]
    assert [(entry.seq, entry.kind, entry.text) for entry in life.journal] == lines
    assert {light.number for light in life.account.lights.values()} == {play.number for play in plays}


@pytest.mark.rule("R37", "R70")
async def test_a_light_that_was_revoked_after_its_claim_ended_is_in_the_claims_life(stage: Stage) -> None:
    play = await late(stage, OTHER_UNIT)
    account = Account(stage, OTHER_UNIT)
    light = next(one for one in (await account.with_a_light()).lights.values() if one.number == play.number)
    sources = sources_of(stage, "")
    untold = await replay_run((await sources.claim(play.number)).history, converter())
    assert await add_later_revocations(untold, sources, converter()) == []
    assert not [line for line in timeline(untold) if line.kind is EventKind.LIGHT_REVOKED]
    body = RevokeLight(request_id="after", light=light.id, reason="系统故障期间")
    done = await account.act(UnitAction.REVOKE_LIGHT, SUPERVISOR, body)
    assert done.outcome is not None
    assert done.outcome.status == "accepted", done.outcome
    told = await replay_run((await sources.claim(play.number)).history, converter())
    assert await add_later_revocations(told, sources, converter()) == []
    line = timeline(told)[-1]
    assert (line.kind, line.actor) == (EventKind.LIGHT_REVOKED, SUPERVISOR.name)
    assert "系统故障期间" in line.text
    assert [one.revoked for one in claim_at(told, None).claim.lights] == [True]
    without = Sources(None, "")
    assert await add_later_revocations(untold, without, converter()) == [light.unit_name]


@pytest.mark.rule("R6")
async def test_a_claim_that_has_just_ended_is_verified_from_the_server(
    stage: Stage, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("holdings")
    play = await stage.register()
    await play.wait(timedelta(hours=1))
    await play.must(Action.DECLINE, OPERATOR)
    ended: Claim = await play.claim()
    await play.handle.result()
    holdings = Holdings(
        sources_of(stage, str(folder / "archive")),
        stage.records,
        ContentStore(folder / "attachments"),
        converter(),
    )
    verified = await verify_claims(holdings, [play.number])
    assert verified.ok, verified_text(verified)
    life = await replay_run((await holdings.sources.claim(play.number)).history, converter())
    assert (life.claim, life.run.end) == (ended, "completed")
