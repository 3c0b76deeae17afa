"""After a worker froze during a task, its history replays as the worker ran it, or the error says what is
still proven.
"""

import json

import pytest
from temporalio.client import WorkflowHistory

from audit.histories.parsing import read_history
from audit.problems import WorkerFroze
from audit.release.comparison import compare_with_history
from audit.replay.lost_completions import Cuts, Origins
from audit.replay.replayer import replay_run
from claims.model.events import EventKind
from tests.replay.save_histories import HISTORIES
from tests.support.archive.kept_histories import Event, load_history

FROZEN = HISTORIES / "frozen-worker.json.gz"
LOST, RESUMED = 42, 46


def frozen() -> list[Event]:
    """The events of the history; tests may change them."""
    return load_history(FROZEN)[1]["events"]


def history_of(events: list[Event]) -> WorkflowHistory:
    return read_history("claim-QH202611270306", json.dumps({"events": events}))


@pytest.mark.rule("R70")
async def test_a_frozen_workers_history_replays_in_the_parts_that_the_worker_ran() -> None:
    history = history_of(frozen())
    replayed = await replay_run(history)
    assert replayed.lost == [LOST]
    kinds = [entry.kind for entry in replayed.journal]
    assert kinds[3:6] == [EventKind.LIMITS_FIXED, EventKind.RETURNED, EventKind.LIMITS_FIXED]
    assert not await compare_with_history(history, replayed)


def test_a_task_that_was_lost_before_it_did_anything_is_no_cut() -> None:
    origins = Origins(history_of(frozen()).events)
    assert [(one.started, one.resumed) for one in origins.lost] == [(25, 28), (LOST, RESUMED)]
    assert Cuts(origins).lost == ()


@pytest.mark.rule("R70")
async def test_where_no_order_fits_an_auditor_is_told_what_is_still_proven() -> None:
    events = frozen()
    first, second = events[48], events[50]  # two activities of the interleaved commands
    for event, place in ((first, "51"), (second, "49")):
        event["eventId"] = place
    events[48], events[50] = second, first
    for event in events[51:55]:
        for attributes in event.values():
            if isinstance(attributes, dict) and attributes.get("scheduledEventId") in ("49", "51"):
                attributes["scheduledEventId"] = {"49": "51", "51": "49"}[str(attributes["scheduledEventId"])]
    with pytest.raises(WorkerFroze, match=f"第{LOST}条事件.*不等于历史曾被改动.*1个信号"):
        await replay_run(history_of(events))
