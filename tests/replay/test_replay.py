"""This version continues what earlier ones started: every kept history replays to the same claim."""

import json
from collections.abc import AsyncIterator
from importlib.metadata import version

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from audit.histories.parsing import read_history
from audit.problems import DoesNotReplay, HistoryCorrupt
from audit.rehearsal.law import Law
from audit.rehearsal.playthrough import play_under
from audit.release.check import Subject, check_histories
from audit.release.comparison import compare_with_history
from audit.release.subjects import read_kept
from audit.replay.replayed_run import ReplayedRun
from audit.replay.replayer import ReplayResult, replay_run, replay_runs
from audit.replay.what_if import difference, difference_text
from audit.reports.rulebook import TEXTS
from calendar_rules.loader import load_calendar
from claims.deadlines.recalculation import NewCalendar
from claims.model.claim import Claim
from runtime.data_converter import DATA_CONVERTER
from tests.replay.plays.scripts import scripts
from tests.replay.save_histories import HISTORIES
from tests.support.archive.kept_histories import KEPT, Kept, load, load_history, name_of
from workflows.incoming.inbox import PendingRecalculation
from workflows.registered import WORKFLOWS

OTHERS = sorted(set(HISTORIES.rglob("*.json.gz")) - set(KEPT))
"""Of workflows other than the demonstration's claims, and of claims that may be open."""
RETIMED = "claim-26"
"""A claim that received a calendar update."""
WITHOUT_PLAYS = {"v0.1.0", "v0.2.0", "v0.3.0"}
SPECIAL = {
    *("merge-asking", "merge-taken-over", "merge-refused", "merge-unanswered"),
    *("cancelled", "unreadable", "console", "repeated-ids", "unit-late-first", "unit-late-second"),
    *("calendar-update-claim", "edition-update-claim"),
    *("unit-01", "calendar-update-01", "edition-update-01", "archive-sweep-01"),
}


def test_this_versions_histories_are_kept() -> None:
    this = HISTORIES / f"v{version('zaoying')}"
    kept = {name_of(path) for path in this.glob("*.json.gz")}
    assert {name for name in kept if name.startswith("claim-")} == {f"claim-{n:02}" for n in range(1, 27)}
    assert this.name in WITHOUT_PLAYS or kept >= {script.name for script in scripts()} | SPECIAL


def replayable(kept: Kept) -> WorkflowHistory:
    return read_history(kept.workflow_id, json.dumps(kept.history))


def is_the_same(claim: Claim, kept: Claim) -> None:
    assert (claim.stage, claim.closed, claim.seq) == (kept.stage, kept.closed, kept.seq)
    assert [(limit.id, limit.status, limit.schedule) for limit in claim.limits] == [
        (limit.id, limit.status, limit.schedule) for limit in kept.limits
    ]
    assert claim.lights == kept.lights
    assert claim.letters == kept.letters


@pytest.fixture(scope="module")
async def results() -> list[ReplayResult]:
    """The result of each kept history, replayed once."""
    replayed = [found async for found in replay_runs(replayable(load(path)) for path in KEPT)]
    assert [found.problem for found in replayed] == [None] * len(KEPT)
    return replayed


@pytest.fixture(scope="module")
async def runs(results: list[ReplayResult]) -> list[ReplayedRun]:
    return [found.replayed for found in results if found.replayed is not None]


@pytest.mark.rule("R6", "R70")
async def test_kept_histories_replay_to_what_they_say_command_by_command(results: list[ReplayResult]) -> None:
    for path, found in zip(KEPT, results, strict=True):
        assert found.replayed is not None
        differences = await compare_with_history(found.history, found.replayed)
        assert not differences, (path, [one.message for one in differences])


@pytest.mark.rule("R6", "R70")
async def test_accounts_updates_and_refusals_replay_to_what_they_say_as_well() -> None:
    async def others() -> AsyncIterator[Subject]:
        for path in OTHERS:
            yield Subject(f"{path.parent.name}/{path.name}", read_kept(path))

    found = [one.finding async for one in check_histories(others()) if one.finding is not None]
    assert not found, [line for one in found for line in one.lines]


@pytest.mark.rule("R6")
def test_kept_histories_replay_to_the_same_outcome_limits_and_lights(runs: list[ReplayedRun]) -> None:
    for path, run in zip(KEPT, runs, strict=True):
        assert run.claim is not None
        is_the_same(run.claim, load(path).claim)


def is_complete(run: ReplayedRun) -> None:
    assert run.claim is not None
    assert run.steps[-1].claim == run.claim == run.states[-1].claim
    assert [entry.seq for entry in run.journal] == list(range(1, run.claim.seq + 1))
    assert [state.at for state in run.states] == sorted(state.at for state in run.states)
    assert run.run.is_over
    assert run.outcomes
    assert all(outcome.status in ("accepted", "refused") for outcome in run.outcomes)


@pytest.mark.rule("R70")
def test_every_step_of_a_replayed_claim_is_there_in_order(runs: list[ReplayedRun]) -> None:
    papers = 0
    for run in runs:
        is_complete(run)
        papers += len(run.papers)
        assert all(paper.filed is not None and paper.filed.sha256 for paper in run.papers)
    assert papers > 0


def test_every_rule_that_the_law_writes_into_journals_has_its_words(runs: list[ReplayedRun]) -> None:
    cited = {rule for run in runs for entry in run.journal for rule in entry.rules}
    assert cited
    assert cited - set(TEXTS) == set()


def summary(claim: Claim) -> tuple[object, ...]:
    dates = [(x.id, x.status, x.schedule and (x.schedule.last_day, x.schedule.due_at)) for x in claim.limits]
    return claim.stage, claim.closed, dates, [(light.id, light.at) for light in claim.lights]


@pytest.mark.rule("R7")
def test_under_its_own_law_every_kept_claim_lives_exactly_as_it_did(runs: list[ReplayedRun]) -> None:
    law, count = Law(calendar=load_calendar()), 0
    for replayed in runs:
        run = play_under(replayed, law)
        assert run is not None
        assert replayed.claim is not None
        assert run.others == [], replayed.run.workflow_id
        if any(isinstance(taken.item, NewCalendar | PendingRecalculation) for taken in replayed.taken):
            assert {x.schedule.calendar_version for x in replayed.claim.limits if x.schedule}
            continue
        assert summary(run.claim) == summary(replayed.claim), replayed.run.workflow_id
        count += 1
    assert count >= len(KEPT) - 8


@pytest.mark.rule("R6")
def test_the_calendar_and_policy_of_the_time_change_nothing(runs: list[ReplayedRun]) -> None:
    of_one_calendar = [run for path, run in zip(KEPT, runs, strict=True) if name_of(path) != RETIMED]
    for run in of_one_calendar[::3]:
        found = difference(run, load_calendar())
        assert (found.limits, found.lights) == ((), ()), run.run.workflow_id
        assert "与实际无异" in difference_text(found)


async def test_a_claim_that_goes_on_replays_as_far_as_it_has_come() -> None:
    kept = load(KEPT[2])
    whole = await replay_run(replayable(kept))
    half = WorkflowHistory(kept.workflow_id, list(replayable(kept).events)[: whole.run.events // 2])
    run = await replay_run(half)
    assert not run.run.is_over
    assert run.claim is not None
    assert 0 < len(run.steps) < len(whole.steps)
    assert run.journal == whole.journal[: len(run.journal)]


async def test_a_history_that_this_code_would_not_have_made_is_found_out() -> None:
    kept = load(KEPT[2])
    timer = next(event for event in kept.events if event["eventType"] == "EVENT_TYPE_TIMER_STARTED")
    timer["eventType"] = "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"
    attributes = timer.pop("timerStartedEventAttributes")
    assert isinstance(attributes, dict)
    timer["activityTaskScheduledEventAttributes"] = {
        "workflowTaskCompletedEventId": attributes["workflowTaskCompletedEventId"],
        "activityId": "1",
        "activityType": {"name": "something_else"},
    }
    with pytest.raises((DoesNotReplay, HistoryCorrupt), match=kept.workflow_id):
        await replay_run(replayable(kept))


async def test_an_altered_course_is_told_as_such_and_the_next_history_is_replayed_all_the_same() -> None:
    altered, sound = load(KEPT[2]), load(KEPT[3])
    signal = next(
        n for n, event in enumerate(altered.events) if "EXECUTION_SIGNALED" in str(event["eventType"])
    )
    del altered.events[signal]
    renumber(altered)
    found = [one async for one in replay_runs([replayable(altered), replayable(sound)])]
    assert isinstance(found[0].problem, DoesNotReplay | HistoryCorrupt)
    assert found[1].replayed is not None


def renumber(kept: Kept) -> None:
    for place, event in enumerate(kept.events, start=1):
        event["eventId"] = str(place)


@pytest.mark.parametrize("place", [0, 3, 7, -2])
async def test_a_history_with_a_missing_event_is_corrupt(place: int) -> None:
    kept = load(KEPT[2])
    del kept.events[place]
    with pytest.raises(HistoryCorrupt, match=kept.workflow_id):
        await replay_run(replayable(kept))


@pytest.mark.parametrize("place", [1, 2])
async def test_events_that_changed_places_are_corrupt_even_if_renumbered(place: int) -> None:
    kept = load(KEPT[2])
    kept.events[place], kept.events[place + 1] = kept.events[place + 1], kept.events[place]
    renumber(kept)
    with pytest.raises((HistoryCorrupt, DoesNotReplay), match=kept.workflow_id):
        await replay_run(replayable(kept))


async def test_a_history_of_a_beginning_alone_is_corrupt() -> None:
    kept = load(KEPT[2])
    del kept.events[1:]
    with pytest.raises(HistoryCorrupt, match="没有任何步骤"):
        await replay_run(replayable(kept))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"events": 7}', '{"events": [{"eventId": "x"}]}', "\x00"])
def test_what_is_no_history_is_said_to_be_none(text: str) -> None:
    with pytest.raises(HistoryCorrupt, match="claim-1"):
        read_history("claim-1", text)


async def test_no_events_are_no_history() -> None:
    with pytest.raises(HistoryCorrupt, match="没有事件"):
        await replay_run(read_history("claim-1", '{"events": []}'))


async def test_this_versions_histories_replay_in_the_sandbox() -> None:
    """In the sandbox, a workflow that reads a clock or a file fails; workers run without it (ADR 16). One
    history of each kind suffices, as the modules are the same.
    """
    this = HISTORIES / f"v{version('zaoying')}"
    newest = [this / f"{name}.json.gz" for name in sorted({"claim-17", *SPECIAL})]

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for path in newest:
            workflow_id, history = load_history(path)
            yield read_history(workflow_id, json.dumps(history))

    replayer = Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER, debug_mode=True)
    async with replayer.workflow_replay_iterator(histories()) as replayed:
        failures = [(one.history.workflow_id, one.replay_failure) async for one in replayed]
    assert failures == [(id, None) for id, _ in failures]
    assert len(failures) == len(newest)
