"""A claim terminated by hand and reset in the Temporal UI (ADR 0001) continues, and can be audited."""

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from archive.entries import Status
from archive.reader import Archive
from audit.histories.collector import HistoryCollector
from audit.histories.parsing import Run, run_of
from audit.histories.sources import Sources, server_histories
from audit.verification.verify import Finding, FindingKind, Holdings, verify_all
from claims.model.events import EventKind
from claims.model.terms import Action, BackgroundTaskKind, LimitKind
from records.contents import ContentStore
from tests.support.archive.closed_claims import sweeper_of, visible
from tests.support.claims.people import CALLER, HANDLER
from tests.support.payload_keys import converter
from tests.support.polling import until
from tests.support.workflows.claim_play import Play, Stage
from tests.support.workflows.unit_play import Account, missing
from tests.support.workflows.workflow_reset import reset

pytestmark = pytest.mark.rule("R70")


async def ended_by_hand_and_reset(stage: Stage, play: Play) -> Play:
    await play.asleep()
    await play.handle.terminate("by mistake")
    await reset(stage.client, play.handle.id)
    handle = stage.client.get_workflow_handle(play.handle.id)
    return Play(handle, stage.client, play.number, stage.records)


async def test_it_goes_on_where_it_was_and_what_came_due_has_its_own_instant(quiet_stage: Stage) -> None:
    play = await (await quiet_stage.register()).dispatched()
    await play.must(Action.CONTACT, HANDLER)
    reply = await play.due(LimitKind.REPLY)
    play = await ended_by_hand_and_reset(quiet_stage, play)
    assert await play.due(LimitKind.REPLY) == reply
    await play.wait_out(LimitKind.REPLY)
    assert await play.lights() == [("reply/yellow", reply)]
    kinds = [entry.kind for entry in await play.entries()]
    assert [kinds.count(kind) for kind in (EventKind.REGISTERED, EventKind.CONTACTED)] == [1, 1]


@pytest.mark.rule("R34")
async def test_a_units_account_that_was_ended_by_hand_takes_its_lights_when_it_is_reset(stage: Stage) -> None:
    unit = "ZZ-XFJ"
    account = Account(stage, unit)
    first = await missing(stage, unit)

    await account.with_a_light()
    await account.handle.terminate("by mistake")
    second = await (await stage.register()).dispatched(unit=unit)
    ends = await second.due(LimitKind.CONTACT)
    await second.until(
        ends + timedelta(seconds=12)
    )  # the clock is not advanced while a background task waits

    async def waits_outside() -> bool:
        pending = (await second.handle.describe()).raw_description.pending_activities
        return any(
            one.activity_type.name == BackgroundTaskKind.REPORT_LIGHT and one.attempt > 1 for one in pending
        )

    await until(waits_outside)
    await reset(stage.client, account.handle.id)
    held = await account.with_measures()
    assert {light.number for light in held.lights.values()} == {first.number, second.number}
    assert len(held.measures) == 1


async def test_its_audit_goes_by_its_last_run_and_both_are_kept(quiet_stage: Stage, tmp_path: Path) -> None:
    play = await ended_by_hand_and_reset(quiet_stage, await (await quiet_stage.register()).dispatched())

    async def connect() -> Client:
        return quiet_stage.client

    sources = Sources(server_histories(connect), str(tmp_path / "archive"))
    holdings = Holdings(sources, quiet_stage.records, ContentStore(tmp_path / "attachments"), converter())
    await visible(quiet_stage, play)
    await sweeper_of(quiet_stage, tmp_path / "archive").sweep()
    await play.must(Action.CONTACT, HANDLER)
    assert await wrong(holdings, play) == []
    [going_on] = await gathered(holdings, play, quiet_stage.client)
    assert not going_on.is_over
    await play.must(Action.WITHDRAW, CALLER)
    await play.handle.result()
    await visible(quiet_stage, play)
    await sweeper_of(quiet_stage, tmp_path / "archive").sweep()
    runs = Archive.at(str(tmp_path / "archive")).find(play.number)
    assert [run.status for run in runs] == [Status.TERMINATED, Status.COMPLETED]
    assert await wrong(holdings, play) == []
    [last] = await gathered(holdings, play, quiet_stage.client)
    assert (last.run_id, last.end) == (runs[-1].run_id, "completed")


async def wrong(holdings: Holdings, play: Play) -> list[Finding]:
    """Return the findings about it; its papers are not stored here."""
    verified = await verify_all(holdings)
    findings = [found for found in verified.findings if found.subject == play.number]
    return [found for found in findings if found.kind is not FindingKind.PAPER_MISSING]


async def gathered(holdings: Holdings, play: Play, client: Client) -> list[Run]:
    """Return the runs from which the records are rebuilt."""
    collector = HistoryCollector(holdings.sources.archive(), client)
    histories = [history async for history in collector.histories() if play.number in history.workflow_id]
    return [run_of(history) for history in histories]
