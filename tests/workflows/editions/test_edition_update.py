"""Editions during running claims on the real server (R7): a number, a switch, and what they leave unchanged."""

from datetime import timedelta

import pytest
from temporalio.testing import TimeSkipper

from activities.updates.edition_updates import TAKE_EDITION, EditionPage, news_for
from activities.workflow_ids import workflow_id
from audit.replay.replayer import replay_run
from claims.deadlines.recalculation import RecalculationResult
from claims.model.claim_parts import Closure
from claims.model.events import EventKind
from claims.model.policy import DEFAULT_POLICY
from claims.model.terms import Action, LimitKind
from records.arrangements import all_published, calendar_of
from records.editions import in_force, published_editions
from records.queries.claims import snapshot
from service_layer.clock import now
from tests.support.claims.people import HANDLER, OPERATOR, order
from tests.support.payload_keys import converter
from tests.support.polling import eventually, until
from tests.support.workflows.calendar_play import on_record, schedule_of
from tests.support.workflows.claim_play import A_MOMENT, Play, Stage, end_of_working_day
from tests.support.workflows.edition_play import begin, bring, publish
from tests.support.workflows.unit_play import Account, missing
from workflows.messages import Opening


async def of_protocol_1(stage: Stage) -> Play:
    """Return a claim as started by version 0.3.0."""
    number = f"{stage.task_queue[-8:]}-old"
    opening = Opening(number=number, order=order(), actor=OPERATOR, policy=DEFAULT_POLICY)
    handle = await stage.client.start_workflow(
        "Claim", opening, id=workflow_id(number), task_queue=stage.task_queue, result_type=Closure
    )
    return Play(handle, stage.client, number, stage.records)


async def replays(play: Play) -> None:
    """Check that its history replays to the same claim and journal."""
    claim, lines = await play.claim(), await play.entries()
    replayed = await replay_run(await play.handle.fetch_history(), converter())
    assert replayed.claim == claim
    assert replayed.journal == lines


@pytest.mark.rule("R6", "R7")
async def test_a_number_reaches_open_claims_of_every_protocol_on_record(stage: Stage) -> None:
    plays = [await stage.register(), await of_protocol_1(stage)]
    for play in plays:
        await play.dispatched()
        await on_record(play)
    before = [await schedule_of(play, LimitKind.RESOLVE) for play in plays]
    progress = await bring(stage, "n1", reaches="open", changes={"resolve_days": 8})
    assert (progress.told, progress.ended, progress.sweep) == (2, 0, 2)
    for play, old in zip(plays, before, strict=True):
        new = await schedule_of(play, LimitKind.RESOLVE)
        assert (old.working_days, new.working_days, new.last_day < old.last_day) == (10, 8, True)
        (adopted,) = await play.entries(EventKind.EDITION_ADOPTED)
        (recomputed,) = await play.entries(EventKind.LIMITS_RECOMPUTED)
        assert (adopted.data["policy"], recomputed.seq) == (f"{DEFAULT_POLICY.version}+n1", adopted.seq + 1)
        recorded = snapshot(stage.records, play.number)
        assert recorded == await play.claim()
        await replays(play)
    assert published_editions(stage.records)[0].finished_at is not None


@pytest.mark.rule("R6", "R7")
async def test_a_claim_whose_record_its_sender_lost_is_told_again(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    published = publish(stage, "lost", reaches="open", changes={"resolve_days": 8})
    page = EditionPage(edition=published.in_force, at=now())
    editions, calendar = (
        in_force(published_editions(stage.records)),
        calendar_of(all_published(stage.records)),
    )
    news = news_for(await play.claim(), page, editions, calendar)
    lost = await play.handle.execute_update(TAKE_EDITION, news, result_type=RecalculationResult)
    assert lost.record is not None
    kinds = [entry.kind for entry in lost.record.entries]
    assert kinds == [EventKind.EDITION_ADOPTED, EventKind.LIMITS_RECOMPUTED]
    assert (await schedule_of(play, LimitKind.RESOLVE)).working_days == 8
    progress = await (await begin(stage, published)).result()
    assert progress.told == 1
    assert snapshot(stage.records, play.number) == await play.claim()
    assert await play.entries() == [*(await play.entries())[:-2], *lost.record.entries]
    await replays(play)


@pytest.mark.rule("R7", "R20")
async def test_a_switch_judges_the_next_acts_of_open_claims(stage: Stage) -> None:
    early, late = await stage.register(), await stage.register()
    for play in (early, late):
        await play.dispatched()
    await early.must(Action.CONTACT, HANDLER)
    for play in (early, late):
        await on_record(play)
        await play.entries()
    progress = await bring(stage, "s1", reaches="open", changes={"contact_after_signing": True})
    assert progress.told == 2
    outcome = await late.do(Action.CONTACT, HANDLER)
    assert (outcome.status, outcome.rule) == ("refused", "R20")
    await late.must(Action.SIGN_FOR, HANDLER)
    await late.must(Action.CONTACT, HANDLER)
    await early.must(Action.REPLY, HANDLER)
    for play in (early, late):
        assert not await play.entries(EventKind.LIMITS_RECOMPUTED)
        await replays(play)


@pytest.mark.rule("R6", "R7", "R32")
async def test_an_edition_in_the_middle_of_a_red_day_moves_the_red_and_takes_no_light_back(
    stage: Stage,
) -> None:
    play = await (await stage.register()).dispatched()
    await play.must(Action.REPLY, HANDLER)
    missed = await play.wait_out(LimitKind.CONTACT)
    assert missed.schedule is not None
    lit = missed.schedule.due_at
    first_end, later_end = end_of_working_day(1, lit), end_of_working_day(2, lit)
    await play.until(first_end - timedelta(hours=12))
    assert await play.due(LimitKind.SUPERVISED_FEEDBACK, of=LimitKind.CONTACT) == first_end
    await on_record(play)
    await bring(stage, "red-day", reaches="open", changes={"supervised_feedback_days": 2})
    assert await play.due(LimitKind.SUPERVISED_FEEDBACK, of=LimitKind.CONTACT) == later_end
    await play.until(first_end + A_MOMENT)
    assert await play.lights() == [("contact/yellow", lit)]
    await play.until(later_end + A_MOMENT)
    assert await play.lights() == [("contact/yellow", lit), ("contact/red", later_end)]
    (adopted,) = await play.entries(EventKind.EDITION_ADOPTED)
    moved = await play.entries(EventKind.LIMITS_RECOMPUTED)
    assert [entry.seq for entry in moved] == [adopted.seq + 1]
    await replays(play)


@pytest.mark.rule("R7")
async def test_an_edition_for_new_claims_leaves_open_ones_alone(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    progress = await bring(stage, "new", reaches="new", changes={"resolve_days": 8})
    assert progress.told == 0
    assert (await play.claim()).policy == DEFAULT_POLICY


@pytest.mark.rule("R7", "R8")
async def test_own_numbers_reach_the_claims_of_their_channel(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    app = {"changes": {}, "channels": {"app": {"resolve_days": 8}}}
    assert (await bring(stage, "app", reaches="open", **app)).told == 0
    hotline = {"changes": {}, "channels": {"12345": {"resolve_days": 8}}}
    assert (await bring(stage, "hotline", reaches="open", **hotline)).told == 1
    assert (await schedule_of(play, LimitKind.RESOLVE)).working_days == 8
    assert (await play.claim()).policy.version == f"{DEFAULT_POLICY.version}+hotline"


@pytest.mark.rule("R7")
async def test_an_edition_waits_until_it_is_in_force(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    await on_record(play)
    later = now() + timedelta(hours=30)
    published = publish(stage, "later", reaches="open", in_force_from=later.isoformat())
    update = await begin(stage, published)
    assert (await play.claim()).policy == DEFAULT_POLICY
    await TimeSkipper(stage.client).fast_forward(update, timedelta(hours=31))
    assert (await update.result()).told == 1
    assert (await play.claim()).policy.version == f"{DEFAULT_POLICY.version}+later"


@pytest.mark.rule("R7", "R35")
async def test_units_accounts_take_the_edition_and_recompute_their_interviews(stage: Stage) -> None:
    unit = "ZZ-RSJ"
    await missing(stage, unit)
    await missing(stage, unit)
    account = Account(stage, unit)
    (before,) = (await account.with_measures()).measures
    await bring(stage, "u1", reaches="open", changes={"interview_days": 7})

    async def is_told() -> bool:
        return (await account.look()).account.policy.version == f"{DEFAULT_POLICY.version}+u1"

    await until(is_told)
    (after,) = (await account.with_measures()).measures
    assert before.schedule is not None
    assert after.schedule is not None
    assert (before.schedule.working_days, after.schedule.working_days) == (5, 7)
    replayed = await replay_run(await account.handle.fetch_history(), converter())
    assert replayed.account == (await account.look()).account


@pytest.mark.rule("R7")
async def test_an_account_begins_with_the_editions_in_force(stage: Stage) -> None:
    unit = "ZZ-TJJ"
    await bring(stage, "u2", reaches="new", changes={"interview_days": 7})
    await missing(stage, unit)
    account = await Account(stage, unit).with_a_light()
    assert account.policy.interview_days == 7


@pytest.mark.rule("R7")
async def test_nonsense_typed_by_an_administrator_changes_nothing(stage: Stage) -> None:
    play = await (await stage.register()).dispatched()
    forged = DEFAULT_POLICY.model_copy(update={"resolve_days": -5, "revision": 9})
    for argument in (None, "nonsense", {"edition": "x"}):
        await play.handle.signal("adopt_edition", argument)
    await play.handle.signal("adopt_edition", {"edition": "x", "source": "", "policy": forged})
    look = await eventually(play.look, lambda found: found.claim.seq >= 7)
    assert look.claim.policy == DEFAULT_POLICY
    refused = await play.entries(EventKind.REFUSED)
    assert [entry.rules for entry in refused] == [("§1",), ("§1",), ("§1",), ("R7",)]
    await replays(play)
