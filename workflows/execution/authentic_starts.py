"""Rejects workflows that our programs have not started: anyone who reaches the server could start an account with invented
lights, or a sweep that tells all claims of a law that was never published. Such a workflow fails with its first task.

What a workflow starts with was encrypted by a program of ours (ADR 14), and is this workflow's own: who copies that of
another from its history would begin a second account with old lights. Not asked are: workflows that take nothing;
later runs of a workflow, which the one before has started; histories, which are replayed as they were decided; and claims,
which know their openings of before (`workflows.incoming.openings`), as long as they have one that can be read.
"""

import json
from collections.abc import Callable, Mapping
from typing import Final, cast

from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import ContinueAsNewInitiator
from temporalio.bridge.proto.workflow_activation import InitializeWorkflow, WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.contrib.pydantic import PydanticPayloadConverter

from activities.workflow_ids import (
    CLAIM,
    assessment_workflow_id,
    clue_workflow_id,
    exclusion_workflow_id,
    meeting_workflow_id,
    unit_workflow_id,
)
from runtime.payloads.origin import OF_PROGRAMS, origin_of
from workflows.messages import Opening

_NOT_OURS: Final = "不是本系统的程序启动的流程，不予办理"


def is_strangers(activation: WorkflowActivation, *, takes_arguments: bool) -> bool:
    """Return whether the activation starts a workflow that none of our programs has started. `takes_arguments`: its type does."""
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
    if is_later_run:
        return False
    if is_of_programs:
        return _is_copied(start)
    if start.workflow_type == CLAIM:
        return not _is_opening(given)
    return bool(given) or takes_arguments


def _is_copied(start: InitializeWorkflow) -> bool:
    """Return whether it starts with a copy of another workflow's input. Input that cannot be read is accepted: a later
    version may have written it."""
    id_of = _IDS.get(start.workflow_type)
    if id_of is None:
        return False
    try:
        return id_of(json.loads(start.arguments[0].data)) != start.workflow_id
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


_IDS: Final[Mapping[str, Callable[[Mapping[str, object]], str]]] = {
    "Unit": lambda state: unit_workflow_id(str(cast("Mapping[str, object]", state["account"])["unit"])),
    "Assessment": lambda opening: assessment_workflow_id(str(opening["id"])),
    "Exclusion": lambda opening: exclusion_workflow_id(str(opening["id"])),
    "Clue": lambda opening: clue_workflow_id(str(opening["id"])),
    "Meeting": lambda opening: meeting_workflow_id(str(opening["id"])),
}
"""The id of the workflow that an input belongs to."""


def _is_opening(given: list[Payload]) -> bool:
    if len(given) != 1:
        return False
    try:
        PydanticPayloadConverter().from_payloads(given, [Opening])
    except (ValidationError, ValueError, KeyError, RuntimeError, RecursionError):
        return False
    return True


def refused_start(activation: WorkflowActivation) -> WorkflowActivationCompletion:
    """Return the completion that fails the workflow."""
    completion = WorkflowActivationCompletion(run_id=activation.run_id)
    failure = completion.successful.commands.add().fail_workflow_execution.failure
    failure.message = _NOT_OURS
    failure.application_failure_info.type = "NotStartedByUs"
    failure.application_failure_info.non_retryable = True
    return completion


def nothing(activation: WorkflowActivation) -> WorkflowActivationCompletion:
    """Return the completion of later activations of such a workflow: it leaves the cache."""
    completion = WorkflowActivationCompletion(run_id=activation.run_id)
    completion.successful.SetInParent()
    return completion
