"""Evictions that the SDK could not complete count as done, and a worker does not keep too many of their remains."""

from types import SimpleNamespace
from typing import cast

import pytest
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance

from workflows.execution import evictions
from workflows.execution.evictions import MOST_KEPT, evict, is_eviction


class Remains:
    """A workflow that the SDK cannot evict."""

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        raise RuntimeError("Eviction processed, but 2 tasks remain")

    def get_info(self) -> SimpleNamespace:
        return SimpleNamespace(workflow_id="claim-1", run_id="run")


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> list[WorkflowInstance]:
    empty: list[WorkflowInstance] = []
    monkeypatch.setattr(evictions, "_kept", empty)
    return empty


def eviction() -> WorkflowActivation:
    activation = WorkflowActivation(run_id="run")
    activation.jobs.add().remove_from_cache.message = "error"
    return activation


def test_an_eviction_is_known_by_its_job() -> None:
    queried = WorkflowActivation(run_id="run")
    queried.jobs.add().query_workflow.SetInParent()
    assert [is_eviction(one) for one in (eviction(), queried, WorkflowActivation())] == [True, False, False]


def test_what_remains_is_kept_and_the_eviction_is_done(kept: list[WorkflowInstance]) -> None:
    remains = cast("WorkflowInstance", Remains())
    completion = evict(remains, eviction())
    assert (completion.run_id, completion.WhichOneof("status")) == ("run", "successful")
    assert kept == [remains]


def test_a_worker_that_keeps_too_many_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    reasons: list[str] = []
    monkeypatch.setattr(evictions, "end_program", reasons.append)
    for _ in range(MOST_KEPT):
        evict(cast("WorkflowInstance", Remains()), eviction())
    assert reasons == []
    evict(cast("WorkflowInstance", Remains()), eviction())
    assert reasons == ["50 interrupted workflows are kept in memory"]
