"""Published editions are reproduced from histories alone; tampering is found and named (R62)."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from temporalio.client import Client, WorkflowHistory

from activities.assessment.contents import kept_facts
from activities.workflow_ids import edition_workflow_id, workflow_id
from archive.reader import Archive
from assessment.cadence.actions import PeriodAction
from assessment.cadence.model import PeriodState
from assessment.cases.model import CaseKind
from assessment.periods import Period
from assessment.schemes import scheme_for
from assessment.schemes.model import Scheme
from audit.assessments.reproduction import AuditedInstallation, reproduce
from audit.histories.collector import HistoryCollector
from audit.histories.sources import Sources, server_histories
from audit.problems import NoSuchHistory
from audit.verification.rebuild import Rebuilder
from calendar_rules import local_day
from claims.model.terms import Action
from data import load_organisation
from records.cases.reader import period_state
from records.database.engine import open_records
from records.tables import CASE, FACT
from service_layer.clock import now
from tests.support.archive.closed_claims import sweeper_of, visible
from tests.support.assessment.period_play import PeriodPlay, contents_at
from tests.support.claims.people import CALLER, COORDINATOR, POWER
from tests.support.payload_keys import converter
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Play, Stage


async def played(stage: Stage, count: int) -> list[Play]:
    """Return one claim that its unit neglects until it gets lights, and others resolved on the same day."""
    plays = [await (await stage.register()).dispatched(unit=POWER) for _ in range(count)]
    for play in plays[1:]:
        await play.handled()
        await play.must(Action.CALL_BACK, CALLER)
    await plays[0].wait(timedelta(days=6))
    for play in plays:
        await play.entries()
    return plays


async def published(stage: Stage) -> tuple[PeriodPlay, PeriodState]:
    """Return the present month, drafted and published without objections."""
    play = await PeriodPlay.begin(stage, f"{local_day(now()):%Y-%m}")
    await play.drafted()
    await play.after_objections()
    await play.must(PeriodAction.PUBLISH, COORDINATOR)
    await play.at_stage("published")
    return play, await play.recorded()


def installation(stage: Stage, home: Path) -> AuditedInstallation:
    async def connected() -> Client:
        return stage.client

    url = f"file://{home / 'archive'}"
    return AuditedInstallation(
        sources=Sources(server_histories(connected), url),
        collector=HistoryCollector(Archive.at(url), stage.client),
        records=stage.records,
        contents=contents_at(home),
        organisation=lambda _: load_organisation(),
        converter=converter(),
    )


def archive_alone(stage: Stage, home: Path) -> AuditedInstallation:
    """Return the installation as seen by an auditor without a server."""
    url = f"file://{home / 'archive'}"
    seen = installation(stage, home)
    return replace(seen, sources=Sources(None, url), collector=HistoryCollector(Archive.at(url), None))


@pytest.mark.rule("R62")
async def test_an_edition_is_made_again_from_histories_and_what_is_missing_is_named(
    own_stage: Stage, tmp_path: Path
) -> None:
    plays = await played(own_stage, 3)
    play, state = await published(own_stage)
    assert state.newest is not None
    audited = installation(own_stage, tmp_path)
    found = await reproduce(audited, play.period)
    assert found.ok, found.findings
    assert found.claims == 3
    rows = [fact for _, own in kept_facts(audited.contents, state.newest.facts) for fact in own]
    assert len(rows) > 10

    closed = plays[1:]
    await visible(own_stage, *closed)
    await eventually(
        lambda: own_stage.client.get_workflow_handle(edition_workflow_id(play.period, 1)).describe(),
        lambda found: found.close_time is not None,
    )
    away = archive_alone(own_stage, tmp_path)

    async def swept() -> list[str]:
        await sweeper_of(own_stage, tmp_path / "archive").sweep()
        try:
            return (await reproduce(away, play.period)).findings
        except NoSuchHistory:
            return ["not yet"]

    lost = f"工单{plays[0].number}计入了通报，但服务器和归档中都没有其历史"
    findings = await eventually(swept, lambda found: lost in found)
    assert not any(each.number in line for each in closed for line in findings)

    stored = tmp_path / "attachments" / state.newest.facts[:2] / state.newest.facts
    stored.write_bytes(stored.read_bytes()[:-9] + b"tampered!")
    found = await reproduce(installation(own_stage, tmp_path), play.period)
    assert [line for line in found.findings if "数据行缺失或已被改动" in line]

    class WithoutOne(HistoryCollector):
        async def histories(self) -> AsyncIterator[WorkflowHistory]:
            async for history in super().histories():
                if history.workflow_id != workflow_id(plays[1].number):
                    yield history

    blind = AuditedInstallation(
        **{
            **{name: getattr(audited, name) for name in ("sources", "records", "contents", "organisation")},
            "converter": converter(),
            "collector": WithoutOne(None, own_stage.client),
        }
    )
    found = await reproduce(blind, play.period)
    assert any(f"工单{plays[1].number}计入了通报" in line for line in found.findings)
    assert any("与公布的不同" in line for line in found.findings)


@pytest.mark.rule("R62", "R61", "R60")
async def test_a_changed_fact_a_dropped_claim_and_another_scheme_are_found_and_named(
    own_stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, changed, dropped = [each.number for each in await played(own_stage, 3)]
    with own_stage.records.writing() as connection:
        connection.execute(
            update(FACT).where(FACT.c.number == changed, FACT.c.measure == "contact").values(n=0)
        )
        connection.execute(delete(FACT).where(FACT.c.number == dropped))

    def another(period: Period, schemes: Iterable[Scheme], id: str = "") -> Scheme:
        return scheme_for(period, schemes, id).model_copy(update={"few_claims": 1})

    monkeypatch.setattr("activities.assessment.editions.scheme_for", another)
    play, _ = await published(own_stage)
    found = await reproduce(installation(own_stage, tmp_path), play.period)
    told = "\n".join(found.findings)
    assert not found.ok
    assert f"数据行{changed}/1/contact//{POWER}：公布时为0/1" in told
    assert f"工单{dropped}的历史中有本期数据，但没有计入通报" in told
    assert "与公布的不同：" in told
    assert any("得分" in line for line in found.findings)


@pytest.mark.rule("R62")
async def test_the_records_of_a_period_are_rebuilt_from_its_history(own_stage: Stage, tmp_path: Path) -> None:
    await played(own_stage, 1)
    play, state = await published(own_stage)

    async def histories() -> AsyncIterator[WorkflowHistory]:
        yield await play.handle.fetch_history()

    with open_records(f"sqlite:///{tmp_path / 'empty.db'}") as empty:
        rebuilt = await Rebuilder(empty, contents_at(tmp_path), converter()).take(histories())
        assert rebuilt.problems == []
        assert period_state(empty, play.period) == state


@pytest.mark.rule("R62")
async def test_an_edition_on_record_whose_history_is_lost_is_named(own_stage: Stage, tmp_path: Path) -> None:
    await played(own_stage, 1)
    play, _ = await published(own_stage)
    with own_stage.records.writing() as connection:
        of = (CASE.c.kind == CaseKind.ASSESSMENT.value, CASE.c.id == play.period)
        snapshot = json.loads(connection.execute(select(CASE.c.snapshot).where(*of)).scalar_one())
        for edition in (2, 3):
            snapshot["state"]["published"].append({**snapshot["state"]["published"][0], "edition": edition})
        connection.execute(update(CASE).where(*of).values(snapshot=json.dumps(snapshot)))
    found = await reproduce(installation(own_stage, tmp_path), play.period)
    assert (found.edition, found.made == found.published) == (1, True)
    assert found.findings == [f"台账中有第{n}期，但服务器和归档中都没有其历史" for n in (2, 3)]
