"""Activations with events of a workflow task that has not started."""

from datetime import UTC, datetime, timedelta

from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob

from runtime.query_retries import AHEAD_OF_HISTORY
from workflows.execution.unstarted_events import UnstartedEvents, refused

FIRST = datetime(2026, 11, 27, 12, tzinfo=UTC)
SECOND = FIRST + timedelta(microseconds=1)


def activation(at: datetime, length: int, *jobs: str, size: int = 211) -> WorkflowActivation:
    made = WorkflowActivation(run_id="run", history_length=length, history_size_bytes=size)
    made.timestamp.FromDatetime(at)
    for job in jobs:
        one = WorkflowActivationJob()
        getattr(one, job).SetInParent()
        made.jobs.append(one)
    return made


def unstarted(*activations: WorkflowActivation) -> list[bool]:
    events = UnstartedEvents()
    return [events.are_in(one) for one in activations]


def test_more_history_at_the_same_instant_has_come_too_early() -> None:
    begun = activation(FIRST, 3, "initialize_workflow")
    assert unstarted(begun, activation(FIRST, 8, "resolve_activity")) == [False, True]
    assert unstarted(begun, activation(SECOND, 8, "resolve_activity")) == [False, False]


def test_a_task_that_has_started_is_taken_even_where_the_clock_went_back() -> None:
    begun = activation(FIRST, 3, "initialize_workflow")
    assert unstarted(begun, activation(FIRST, 9, "resolve_activity", size=800)) == [False, False]


def test_a_server_that_tells_no_sizes_is_believed() -> None:
    begun = activation(FIRST, 3, "initialize_workflow", size=0)
    assert unstarted(begun, activation(FIRST, 9, "resolve_activity", size=0)) == [False, False]


def test_a_second_turn_of_the_same_task_is_none() -> None:
    assert unstarted(
        activation(FIRST, 3, "initialize_workflow"), activation(FIRST, 3, "resolve_activity")
    ) == [
        False,
        False,
    ]


def test_queries_and_evictions_bring_no_events() -> None:
    begun = activation(FIRST, 3, "initialize_workflow")
    asked, evicted = activation(FIRST, 8, "query_workflow"), activation(FIRST, 8, "remove_from_cache")
    assert unstarted(begun, asked, evicted) == [False, False, False]


def test_what_is_refused_is_asked_again_by_its_message() -> None:
    answer = refused(activation(FIRST, 8, "resolve_activity"))
    assert (answer.run_id, answer.failed.failure.message) == ("run", AHEAD_OF_HISTORY)
