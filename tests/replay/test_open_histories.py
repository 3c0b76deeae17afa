"""Histories of open claims: events that no workflow task has delivered yet are not replayed."""

import json

import pytest
from temporalio.api.enums.v1 import EventType

from audit.histories.parsing import read_history
from audit.replay.replayer import replay_run
from tests.replay.save_histories import HISTORIES
from tests.support.archive.kept_histories import load_history

KEPT = HISTORIES / "v0.4.0" / "claim-01.json.gz"
SIGNALED = EventType.Name(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
SCHEDULED = EventType.Name(EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED)


@pytest.mark.rule("R70")
async def test_an_act_whose_workflow_task_has_not_started_is_not_judged_at_another_instant() -> None:
    name, kept = load_history(KEPT)
    events = kept["events"]
    types = [event["eventType"] for event in events]
    places = [
        place for place in range(1, len(types)) if types[place - 1 : place + 1] == [SIGNALED, SCHEDULED]
    ]
    assert places
    whole = await replay_run(read_history(name, json.dumps({"events": events})))
    for place in places:
        until_then = await replay_run(read_history(name, json.dumps({"events": events[: place + 1]})))
        assert until_then.journal == whole.journal[: len(until_then.journal)]
        assert len(until_then.journal) < len(whole.journal)
