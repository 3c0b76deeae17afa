"""What earlier versions began, this version continues: every kept history replays to the same claim."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from claims.model import Claim
from tests.replay.save_histories import HISTORIES
from workflows.claim import ClaimWorkflow

KEPT = sorted(HISTORIES.glob("v*/claim-*.json"))


@dataclass
class Witness(Interceptor):
    """Keeps hold of the workflows that are replayed."""

    seen: list[ClaimWorkflow] = field(default_factory=list)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        seen = self.seen

        class Inbound(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> object:
                instance = workflow.instance()
                assert isinstance(instance, ClaimWorkflow)
                seen.append(instance)
                return await super().execute_workflow(input)

        return Inbound


async def replayed(workflow_id: str, history: dict[str, object]) -> Claim:
    """The claim that a history leads to on this code. Raises where the code would do something else."""
    witness = Witness()
    replayer = Replayer(
        workflows=[ClaimWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=pydantic_data_converter,
        interceptors=[witness],
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(workflow_id, history))
    return witness.seen[-1].claim


def load(path: Path) -> tuple[str, dict[str, object], Claim]:
    """Workflow id, history, and the claim as it stood when the history was kept."""
    kept = json.loads(path.read_text())
    return kept["workflow_id"], kept["history"], Claim.model_validate(kept["claim"])


def test_this_versions_histories_are_kept() -> None:
    assert {path.stem for path in KEPT} == {f"claim-{n:02}" for n in range(1, 26)}


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.stem}")
@pytest.mark.rule("R6")
async def test_a_kept_history_replays_to_the_same_outcome_limits_and_lights(path: Path) -> None:
    workflow_id, history, kept = load(path)
    claim = await replayed(workflow_id, history)
    assert (claim.stage, claim.closed, claim.seq) == (kept.stage, kept.closed, kept.seq)
    assert [(limit.id, limit.status, limit.schedule) for limit in claim.limits] == [
        (limit.id, limit.status, limit.schedule) for limit in kept.limits
    ]
    assert claim.lights == kept.lights
    assert claim.letters == kept.letters


async def test_a_history_that_this_code_would_not_have_made_is_found_out() -> None:
    workflow_id, history, _ = load(KEPT[2])
    events = history["events"]
    assert isinstance(events, list)
    timer = next(event for event in events if event["eventType"] == "EVENT_TYPE_TIMER_STARTED")
    timer["eventType"] = "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"
    timer["activityTaskScheduledEventAttributes"] = {
        **timer.pop("timerStartedEventAttributes"),
        "activityId": "1",
        "activityType": {"name": "something_else"},
    }
    timer["activityTaskScheduledEventAttributes"].pop("timerId")
    timer["activityTaskScheduledEventAttributes"].pop("startToFireTimeout")
    with pytest.raises(workflow.NondeterminismError):
        await replayed(workflow_id, history)
