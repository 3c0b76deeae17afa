"""A month's assessment on the real server, in virtual time: draft, objections, publication, correction (R62)."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from activities.assessment.contents import kept_edition, kept_facts
from activities.assessment.messages import DRAFT_ASSESSMENT
from assessment.cadence.actions import PeriodAction
from assessment.cadence.model import PeriodStage
from assessment.cases.model import CaseKind
from assessment.editions.model import Edition, sha256
from assessment.editions.monthly import monthly_edition
from assessment.periods import parse_period
from assessment.schemes import load_schemes, scheme_for
from assessment.units import assessed_units
from audit.replay.replayer import replay_run
from claims.model.events import EventKind
from data import load_organisation
from records.cases.reader import case_journal
from records.outbox import deliveries
from records.tables import FACT
from tests.support.assessment.period_play import PeriodPlay, contents_at, keep_november
from tests.support.claims.people import COORDINATOR, HANDLER, HEAD, POWER, WATER
from tests.support.payload_keys import converter
from tests.support.polling import eventually
from tests.support.workflows.claim_play import Stage

NOVEMBER = "2026-11"


def score(edition: Edition, unit: str) -> str:
    line = edition.unit(unit)
    assert line is not None
    return str(line.score)


async def draft_is_lost_after(play: PeriodPlay) -> timedelta:
    """Shorten the time after which a silent activity that makes the draft is retried."""
    for event in (await play.handle.fetch_history()).events:
        asked = event.activity_task_scheduled_event_attributes
        if asked.activity_type.name == DRAFT_ASSESSMENT:
            return asked.heartbeat_timeout.ToTimedelta()
    raise LookupError(DRAFT_ASSESSMENT)


@pytest.mark.rule("R62", "R65")
async def test_a_month_goes_from_its_end_over_objections_to_a_frozen_edition(
    stage: Stage, tmp_path: Path
) -> None:
    keep_november(stage.records)
    play = await PeriodPlay.begin(stage, NOVEMBER)
    state = await play.drafted()
    assert state.draft is not None
    contents = contents_at(tmp_path)
    assert score(kept_edition(contents, state.draft.edition), POWER) == "60.63"
    assert await draft_is_lost_after(play) == timedelta(seconds=30)
    early = await play.act(PeriodAction.PUBLISH, COORDINATOR)
    assert (early.status, early.rule) == ("refused", "R62")

    objected = await play.act(
        PeriodAction.OBJECT, HEAD, unit=POWER, claim="QH16", reason="企业多次拒绝配合现场查验"
    )
    assert objected.status == "accepted"
    await play.after_objections()
    late = await play.act(PeriodAction.OBJECT, HANDLER, unit=POWER, claim="QH04", reason="另有情况")
    assert (late.status, late.rule) == ("refused", "R62")
    undecided = await play.act(PeriodAction.PUBLISH, COORDINATOR)
    assert "没有核定" in undecided.reason
    await play.must(
        PeriodAction.DECIDE_OBJECTION,
        COORDINATOR,
        objection=f"{NOVEMBER}-1",
        upheld=True,
        text="经查属实",
        effect="exclude",
        reason="uncooperative",
    )
    await play.must(PeriodAction.PUBLISH, COORDINATOR)
    state = await play.at_stage(PeriodStage.PUBLISHED)
    (published,) = state.published

    edition = kept_edition(contents, published.hash)
    facts = [fact for _, own in kept_facts(contents, published.facts) for fact in own]
    again = monthly_edition(
        parse_period(NOVEMBER),
        facts,
        assessed_units(load_organisation()),
        scheme_for(parse_period(NOVEMBER), load_schemes()),
        exclusions=published.exclusions,
    )
    assert sha256(again) == published.hash
    # 15×9/12 + 10×11/12 + 25×12/12 + 20×9/12 + 30×9/10 … QH16 is in none of the rates; its lights stay.
    assert score(edition, POWER) != "60.63"
    assert score(edition, WATER) == "91.00"
    recorded = await play.recorded()
    assert recorded.newest == published


@pytest.mark.rule("R62")
async def test_a_correction_is_a_new_edition_that_says_what_changed(stage: Stage, tmp_path: Path) -> None:
    keep_november(stage.records)
    play = await PeriodPlay.begin(stage, NOVEMBER)
    await play.drafted()
    await play.after_objections()
    at_once = await asyncio.gather(*(play.act(PeriodAction.PUBLISH, COORDINATOR) for _ in range(2)))
    assert sorted(one.status for one in at_once) == ["accepted", "refused"]
    assert {one.rule for one in at_once if one.status == "refused"} == {"R62"}
    first = (await play.at_stage(PeriodStage.PUBLISHED)).published[0]
    again = await play.act(PeriodAction.PUBLISH, COORDINATOR)
    assert again.status == "refused"

    await play.must(PeriodAction.CORRECT, COORDINATOR, reason="无变化的更正")
    state = await play.at_stage(PeriodStage.PUBLISHED)
    assert len(state.published) == 1
    assert "无差异" in state.problem
    contents = contents_at(tmp_path)
    assert sha256(kept_edition(contents, first.hash)) == first.hash


@pytest.mark.rule("R62", "R38")
async def test_units_are_told_of_a_draft_and_coordinators_of_a_late_publication(stage: Stage) -> None:
    keep_november(stage.records)
    play = await PeriodPlay.begin(stage, NOVEMBER)
    state = await play.drafted()
    assert state.draft is not None
    await play.until(state.draft.publication_due_at)
    state = await play.recorded()
    assert state.overdue
    lines = case_journal(stage.records, CaseKind.ASSESSMENT, NOVEMBER)
    assert [line.kind for line in lines] == ["drafted", "overdue"]
    told = deliveries(stage.records, limit=100)
    drafted = {one.addressee for one in told if one.kind is EventKind.ASSESSMENT_DRAFTED}
    assert {POWER, WATER, "LG-ZH"} <= drafted
    assert {one.addressee for one in told if one.kind is EventKind.ASSESSMENT_OVERDUE} == {"LG-ZH"}


@pytest.mark.rule("R62")
async def test_what_comes_after_the_draft_waits_for_a_correction_and_its_history_replays(
    stage: Stage,
) -> None:
    keep_november(stage.records)
    play = await PeriodPlay.begin(stage, NOVEMBER)
    draft = (await play.drafted()).draft
    assert draft is not None
    with stage.records.writing() as connection:
        connection.execute(update(FACT).where(FACT.c.measure == "contact").values(n=0))
    await play.after_objections()
    await play.must(PeriodAction.PUBLISH, COORDINATOR)
    await play.at_stage(PeriodStage.PUBLISHED)
    assert [one.hash for one in (await play.recorded()).published] == [draft.edition]
    await play.must(PeriodAction.CORRECT, COORDINATOR, reason="草案之后的变化")
    corrected = await eventually(play.recorded, lambda found: len(found.published) > 1)
    assert any("响应率" in line for line in corrected.published[1].differences)
    replayed = await replay_run(await play.handle.fetch_history(), converter())
    assert replayed.run.kind == "Assessment"
