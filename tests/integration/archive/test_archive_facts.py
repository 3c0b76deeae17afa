"""The manifest's facts about a history match the history."""

import base64
import json
from datetime import datetime

import pytest
from pydantic import JsonValue

from archive.entries import ClosedRun, Status
from archive.facts import IncompleteHistory, closed_run
from tests.support.archive.kept_histories import kept_by, load

SUBJECT = kept_by("0.2.0", "claim-05")

Event = dict[str, JsonValue]


def kept_events() -> list[Event]:
    kept: list[Event] = json.loads(json.dumps(load(SUBJECT).events))
    return kept


def instant_of(event: Event) -> datetime:
    """Parse an instant to the microsecond; the server's own are finer."""
    return datetime.fromisoformat(str(event["eventTime"])[:26] + "+00:00")


def facts(events: JsonValue) -> ClosedRun:
    return closed_run(
        {"events": events}, workflow_id="claim-QH202611240022", run_id="run", number="QH202611240022"
    )


def test_a_history_tells_type_times_end_build_and_calendar() -> None:
    events = kept_events()
    found = facts([*events])
    assert (found.workflow_type, found.status, found.events) == ("Claim", Status.COMPLETED, len(events))
    assert [found.started_at, found.closed_at] == [instant_of(events[0]), instant_of(events[-1])]
    assert (found.calendar_versions, found.payload_key_ids) == (("cn-5292fad78d40",), ())
    assert found.worker_versions == ("0.2.0",)


@pytest.mark.parametrize("status", Status)
def test_every_end_is_told(status: Status) -> None:
    events = kept_events()
    name = status.value.upper().replace("-", "_")
    events[-1]["eventType"] = f"EVENT_TYPE_WORKFLOW_EXECUTION_{name}"
    assert facts([*events]).status is status


def test_the_keys_of_encrypted_payloads_are_told() -> None:
    events = kept_events()
    for at, key in ((2, "key-2027"), (4, "key-2026")):
        metadata: JsonValue = {
            "encoding": base64.b64encode(b"binary/encrypted").decode(),
            "encryption-key-id": base64.b64encode(key.encode()).decode(),
        }
        events[at]["attributes"] = {"payloads": [{"metadata": metadata, "data": "AP8="}]}
    assert facts([*events]).payload_key_ids == ("key-2026", "key-2027")


@pytest.mark.parametrize("broken", ["open", "gap", "empty", "none", "no type", "text"])
def test_what_is_not_whole_is_refused(broken: str) -> None:
    events = kept_events()
    cases: dict[str, JsonValue] = {
        "open": [*events[:-1]],
        "gap": [*events[:3], *events[4:]],
        "empty": [],
        "none": None,
        "no type": [{**events[0], "workflowExecutionStartedEventAttributes": {}}, *events[1:]],
        "text": "events",
    }
    with pytest.raises(IncompleteHistory, match="claim-QH202611240022"):
        facts(cases[broken])
