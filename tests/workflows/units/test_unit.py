"""A unit's account on the real server: lights arrive, measures follow, nothing is lost or doubled."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHandle

from activities.workflow_ids import unit_workflow_id
from audit.replay.replayer import replay_run
from audit.verification.comparison import compare, read_recorded
from claims.model.events import EventKind
from claims.model.messages.unit_action_bodies import RecordInterview, RevokeLight, UnitAction
from claims.model.terms import Action, LimitKind, Role
from claims.model.unit_account import MeasureKind, MeasureStatus, Promise
from claims.papers.requests import PaperKind, paper_attachment_id
from claims.papers.unit_papers import measure_paper_id
from records.accounts import revoke_light
from records.attachments import attachments_of_unit
from records.claim_writer import write_steps
from records.contents import ContentStore
from records.database.engine import Records, open_records
from records.outbox import deliveries
from records.queries.claims import journal, snapshot
from runtime.connection import FrontendAddress, connect
from runtime.settings import load_settings
from service_layer.clock import now
from tests.support.claims.offline_unit_account import light
from tests.support.claims.paper_samples import read
from tests.support.claims.people import CALLER, INSPECTOR, SUPERVISOR, person
from tests.support.dates import day
from tests.support.payload_keys import converter
from tests.support.polling import until
from tests.support.workflows.claim_play import A_MOMENT, Play, Stage, end_of_working_day
from tests.support.workflows.unit_play import Account, missing
from tools.dev_server import DevServer, DevServerOptions
from worker import ACTIVITY_THREADS, build_worker
from workflows.search_attributes import SEARCH_ATTRIBUTES

MANY = 40


@pytest.mark.rule("R34", "R35", "R37")
async def test_two_claims_that_a_unit_is_late_with_bring_exactly_one_interview(stage: Stage) -> None:
    unit = "ZZ-KJJ"
    first, second = await asyncio.gather(missing(stage, unit), missing(stage, unit))
    account = Account(stage, unit)

    (interview,) = (await account.with_measures()).measures
    assert interview.kind is MeasureKind.INTERVIEW
    assert interview.schedule is not None
    promised = (Promise(text="每日调度", until=day("Thu 2026-12-31")),)
    done = RecordInterview(
        request_id="i", measure=interview.id, person="王局长", record="已约谈", measures=promised
    )
    look = await account.act(UnitAction.RECORD_INTERVIEW, INSPECTOR, done)
    assert look.outcome is not None
    assert look.outcome.status == "accepted"
    assert (await account.recorded()).measures[0].status is MeasureStatus.DONE
    revoked = (await first.claim()).lights[0]
    word = RevokeLight(request_id="v", light=revoked.id, reason="平台责任")
    await account.act(UnitAction.REVOKE_LIGHT, SUPERVISOR, word)

    async def claim_knows() -> bool:
        return (await first.claim()).lights[0].revoked

    await until(claim_knows)
    assert (await second.claim()).lights[0].revoked is False


@pytest.mark.rule("R36", "R38")
async def test_two_reds_bring_a_file_with_the_letters_and_journals_of_both_claims(
    stage: Stage, tmp_path: Path
) -> None:
    unit = "ZZ-YBJ"
    first, second = await asyncio.gather(late(stage, unit), late(stage, unit))
    account = Account(stage, unit)

    async def has_a_file() -> bool:
        return MeasureKind.ACCOUNTABILITY in [m.kind for m in (await account.look()).account.measures]

    async def is_filed() -> bool:
        kinds = [one.kind for one in attachments_of_unit(stage.records, unit)]
        return PaperKind.ACCOUNTABILITY_FILE in kinds

    await until(has_a_file)
    await until(is_filed)
    (file,) = [m for m in (await account.recorded()).measures if m.kind is MeasureKind.ACCOUNTABILITY]
    (paper,) = [
        one for one in attachments_of_unit(stage.records, unit) if one.kind is PaperKind.ACCOUNTABILITY_FILE
    ]
    assert paper.id == paper_attachment_id(measure_paper_id(file) or "")
    text = read(ContentStore(tmp_path / "attachments").get(paper.sha256))
    for play in (first, second):
        assert f"{play.number}：黄灯亮牌" in text
        assert "督办函：" in text
        assert f"诉求工单{play.number}" in text
        assert f"{play.number}：登记诉求" in text
    lines = deliveries(stage.records, addressee="LG-DD", limit=500)
    told = {line.kind for line in lines if line.id.startswith(f"{unit}/")}
    assert told >= {EventKind.INTERVIEW_OPENED, EventKind.ACCOUNTABILITY_OPENED}
    assert {line.number for line in lines if line.id.startswith(f"{unit}/")} == {""}


async def late(stage: Stage, unit: str) -> Play:
    """Return a claim for which the unit has missed the contact limit, one day later."""
    play = await (await stage.register()).dispatched(unit=unit)
    await play.wait_out(LimitKind.CONTACT)
    await play.wait_out(LimitKind.SUPERVISED_FEEDBACK, of=LimitKind.CONTACT)
    return play


@pytest.mark.rule("R32", "R37")
async def test_a_revocation_that_races_its_red_leaves_no_red_anywhere(stage: Stage) -> None:
    unit = "ZZ-SJJ"
    play = await (await stage.register()).dispatched(unit=unit)
    await play.must(Action.REPLY, person(Role.HANDLER, unit))
    await play.wait_out(LimitKind.CONTACT)
    account = Account(stage, unit)
    (yellow,) = (await account.with_a_light()).lights.values()
    red_at = await play.due(LimitKind.SUPERVISED_FEEDBACK, of=LimitKind.CONTACT)
    assert red_at == end_of_working_day(1, yellow.at)
    await play.until(red_at - timedelta(seconds=2))
    word = RevokeLight(request_id="v", light=yellow.id, reason="系统故障")
    await asyncio.gather(
        account.act(UnitAction.REVOKE_LIGHT, SUPERVISOR, word, received_at=now()),
        play.until(red_at + A_MOMENT),
    )

    async def are_dark() -> bool:
        """Wait until the claim has no valid light, and the account has them all revoked, in whichever order."""
        given = (await play.claim()).lights
        held = (await account.look()).account.lights
        told = {light.id for light in given} == set(held)
        counts = [not light.revoked for light in given] + [not light.revoked for light in held.values()]
        return told and not any(counts)

    await until(are_dark)
    await play.until(end_of_working_day(5, yellow.at))
    assert not await play.entries(EventKind.UNIT_REMINDED, EventKind.ESCALATED)


@pytest.mark.rule("R37")
async def test_a_light_of_a_closed_claim_is_revoked_in_the_records(stage: Stage) -> None:
    unit = "ZZ-JYJ"
    play = await missing(stage, unit)
    await play.must(Action.WITHDRAW, CALLER)
    await play.handle.result()
    account = Account(stage, unit)
    (held,) = (await account.with_a_light()).lights.values()
    word = RevokeLight(request_id="v", light=held.id, reason="系统故障")
    await account.act(UnitAction.REVOKE_LIGHT, SUPERVISOR, word)

    async def records_know() -> bool:
        claim = snapshot(stage.records, play.number)
        return claim is not None and claim.lights[0].revoked

    await until(records_know)
    (line,) = [one for one in journal(stage.records, play.number) if one.kind is EventKind.LIGHT_REVOKED]
    assert (line.rules, line.seq, "系统故障" in line.text) == (("R37",), (await play.claim()).seq + 1, True)


async def run_that_is_over(stage: Stage, unit: str) -> WorkflowHandle[object, object]:
    """Return the account's closed run, for the archive."""
    id = unit_workflow_id(unit)
    query = f'WorkflowId = "{id}" AND ExecutionStatus = "ContinuedAsNew"'

    async def is_over() -> bool:
        return (await stage.client.count_workflows(query)).count == 1

    await until(is_over)
    (run,) = [found.run_id async for found in stage.client.list_workflows(query)]
    return stage.client.get_workflow_handle(id, run_id=run)


@pytest.mark.rule("R37", "R70")
async def test_what_is_over_by_itself_rebuilds_a_revocation_after_closing(
    stage: Stage, tmp_path: Path
) -> None:
    unit = "ZZ-WLJ"
    play = await missing(stage, unit)
    await play.must(Action.WITHDRAW, CALLER)
    await play.handle.result()
    account = Account(stage, unit)
    (held,) = (await account.with_a_light()).lights.values()
    word = RevokeLight(request_id="v", light=held.id, reason="系统故障")
    await account.act(UnitAction.REVOKE_LIGHT, SUPERVISOR, word)
    of_unit = await replay_run(await (await run_that_is_over(stage, unit)).fetch_history(), converter())
    of_claim = await replay_run(await play.handle.fetch_history(), converter())
    with open_records(f"sqlite:///{tmp_path / 'again.db'}") as again:
        write_steps(again, of_claim.steps)
        for revoked in of_unit.revocations:
            revoke_light(again, revoked)
        assert snapshot(again, play.number) == snapshot(stage.records, play.number)
        assert journal(again, play.number) == journal(stage.records, play.number)
    assert compare(of_claim, read_recorded(stage.records, of_claim)) == []


@pytest.mark.rule("R34")
async def test_many_lights_at_once_and_twice_are_each_counted_once(stage: Stage) -> None:
    unit = "ZZ-MZJ"
    lights = [light("Mon 2026-11-02", f"QH{n}").model_copy(update={"unit": unit}) for n in range(MANY)]
    await stage.client.start_workflow(
        "Unit", {"account": {"unit": unit}}, id=unit_workflow_id(unit), task_queue=stage.task_queue
    )
    account = Account(stage, unit)
    for _ in range(2):
        await asyncio.gather(*(account.handle.signal("post_light", one) for one in lights))

    async def are_counted() -> bool:
        held = (await account.look()).account
        return len(held.lights) == MANY and bool(held.measures)

    await until(are_counted)
    interviews = [m for m in (await account.recorded()).measures if m.status is MeasureStatus.OPEN]
    assert len(interviews) == MANY // 2
    used = [id for measure in interviews for id in measure.lights]
    assert len(used) == len(set(used)) == MANY


@pytest.mark.rule("R35")
async def test_an_interview_that_nobody_holds_is_missed_at_its_end(stage: Stage) -> None:
    unit = "ZZ-CZJ"
    await stage.client.start_workflow(
        "Unit", {"account": {"unit": unit}}, id=unit_workflow_id(unit), task_queue=stage.task_queue
    )
    account = Account(stage, unit)
    for number in ("QH1", "QH2"):  # long ago: the interview's end has passed as well
        await account.handle.signal("post_light", light("Tue 2026-09-01", number))

    async def is_missed() -> bool:
        return any(measure.missed for measure in (await account.look()).account.measures)

    await until(is_missed)
    (interview,) = (await account.recorded()).measures
    assert interview.schedule is not None
    assert str(interview.schedule.last_day) == "2026-09-08"
    assert interview.opened_at < interview.schedule.due_at - timedelta(days=5)


@pytest.fixture
async def short_histories(temporal_cli: Path, tmp_path: Path) -> AsyncIterator[Client]:
    """A server that suggests a new run after a few events."""
    options = DevServerOptions(
        cli=temporal_cli,
        log_path=tmp_path / "server.log",
        search_attributes=SEARCH_ATTRIBUTES,
        dynamic_config={"limit.historyCount.suggestContinueAsNew": "60"},
    )
    async with DevServer(options) as server:
        yield await connect(FrontendAddress(server.target, data_converter=converter()))


async def test_a_long_account_goes_on_in_new_runs_with_nothing_lost_or_doubled(
    short_histories: Client, records: Records, tmp_path: Path
) -> None:
    settings = load_settings().model_copy(update={"home": tmp_path, "task_queue": "short"})
    unit = "ZZ-WJW"
    lights = [light("Mon 2026-11-02", f"QH{n}").model_copy(update={"unit": unit}) for n in range(MANY)]
    with ThreadPoolExecutor(ACTIVITY_THREADS) as threads:
        async with build_worker(short_histories, settings, records, threads):
            await short_histories.start_workflow(
                "Unit", {"account": {"unit": unit}}, id=unit_workflow_id(unit), task_queue="short"
            )
            account = Account(Stage(short_histories, "short", records), unit)
            first = (await account.handle.describe()).run_id
            for one in lights:
                for _ in range(2):
                    await account.handle.signal("post_light", one)

            async def are_counted() -> bool:
                held = (await account.look()).account
                open_ones = [m for m in held.measures if m.status is MeasureStatus.OPEN]
                return len(held.lights) == MANY and len(open_ones) == MANY // 2

            await until(are_counted)

            async def is_in_a_later_run() -> bool:
                return (await account.handle.describe()).run_id != first

            await until(is_in_a_later_run)
            held = await account.recorded()
    used = [id for m in held.measures if m.status is MeasureStatus.OPEN for id in m.lights]
    assert len(used) == len(set(used)) == MANY
