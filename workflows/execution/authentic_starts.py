"""Workflows that our programs have not started: whoever reaches the server could begin an account with lights that nobody
got, or a sweep that tells all claims of a law that nobody published. Such a workflow fails with its first task.

What a workflow starts with was encrypted by a program of ours (ADR 14). Not asked are: workflows that take nothing;
later runs of a workflow, which the one before has started; histories, which are replayed as they were decided; and claims,
which know their openings of before (`workflows.incoming.openings`), as long as they have one that can be read.
"""

from typing import Final

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import ContinueAsNewInitiator
from temporalio.bridge.proto.workflow_activation import InitializeWorkflow, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.contrib.pydantic import PydanticPayloadConverter

from activities.workflow_ids import CLAIM
from runtime.payloads.origin import OF_PROGRAMS, origin_of
from workflows.messages import Opening

_NOT_OURS: Final = "不是本系统的程序启动的流程，不予办理"


def is_strangers(activation: WorkflowActivation, *, takes_arguments: bool) -> bool:
    """Whether the activation begins a workflow that nobody of ours has started. `takes_arguments`: its type does."""
    if activation.is_replaying:
        return False
    for job in activation.jobs:
        if job.HasField("initialize_workflow"):
            return _is_strangers(job.initialize_workflow, takes_arguments=takes_arguments)
    return False


def _is_strangers(start: InitializeWorkflow, *, takes_arguments: bool) -> bool:
    given = list(start.arguments)
    is_of_programs = bool(given) and all(origin_of(payload) in OF_PROGRAMS for payload in given)
    is_later_run = start.continued_initiator == ContinueAsNewInitiator.CONTINUE_AS_NEW_INITIATOR_WORKFLOW
    if is_of_programs or is_later_run:
        return False
    if start.workflow_type == CLAIM:
        return not _is_opening(given)
    return bool(given) or takes_arguments


def _is_opening(given: list[Payload]) -> bool:
    if len(given) != 1:
        return False
    try:
        PydanticPayloadConverter().from_payloads(given, [Opening])
    except (ValidationError, ValueError, KeyError, RuntimeError, RecursionError):
        return False
    return True


def refused_start(activation: WorkflowActivation) -> WorkflowActivationCompletion:
    """The workflow fails."""
    completion = WorkflowActivationCompletion(run_id=activation.run_id)
    failure = completion.successful.commands.add().fail_workflow_execution.failure
    failure.message = _NOT_OURS
    failure.application_failure_info.type = "NotStartedByUs"
    failure.application_failure_info.non_retryable = True
    return completion


def nothing(activation: WorkflowActivation) -> WorkflowActivationCompletion:
    """The answer to what comes for such a workflow later: that it leaves the cache."""
    completion = WorkflowActivationCompletion(run_id=activation.run_id)
    completion.successful.SetInParent()
    return completion
